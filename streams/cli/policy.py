"""`hustings policy`: check the policy file, compare it with the one in force, publish it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.pack_files import AsJson, print_json, printable, problems_or_exit
from streams.packs.errors import TopicError
from streams.packs.policy_file import default_policy_file, read_policy
from streams.schema import LabelKind, Policy
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.packs.policy_topic import Difference

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Which labels are public, where, when and about whom.",
)

PolicyFile = Annotated[
    Path | None,
    typer.Argument(
        help="The policy in YAML; without it the one that came with Hustings.", show_default=False
    ),
]


@app.command()
def check(file: PolicyFile = None, as_json: AsJson = False) -> None:
    """Check a policy file and say what it does; change nothing.

    Says every problem with its file and line; then the exit status is 1.
    """
    policy = _read(file, as_json=as_json)
    if as_json:
        print_json({"digest": policy.digest, **policy.model_dump(mode="json")})
        return
    table = Table(box=None, pad_edge=False)
    for name in ("Label", "Mode", "Expires after"):
        table.add_column(name)
    for kind in LabelKind:
        days = policy.of(kind).expires_after_days
        table.add_row(kind.value, policy.of(kind).mode.value, f"{days} days" if days else "-")
    console = Console(highlight=False)
    console.print(table)
    for line in _said(policy):
        console.print(Text(printable(line)))


@app.command()
def diff(file: PolicyFile = None, as_json: AsJson = False) -> None:
    """Say what publishing the file would change; change nothing."""
    # Clients of Kafka take a second to import: `check` must not wait for them.
    from streams.packs.policy_topic import differences, read_policy_topic  # noqa: PLC0415

    policy = _read(file, as_json=as_json)
    try:
        before = read_policy_topic(Settings().kafka)
    except TopicError as error:
        _fail(error)
    changed = differences(before or Policy(), policy)
    _print(changed, as_json=as_json)
    if not as_json:
        in_force = f"version {before.version}" if before else "the default, none is published"
        typer.echo(f"{len(changed)} differences from what is in force ({in_force}).")


@app.command()
def publish(file: PolicyFile = None, as_json: AsJson = False) -> None:
    """Check a policy file and publish it; running workers follow within two seconds.

    Labels that it no longer allows are retracted, those that it allows again come back.
    """
    from streams.packs.policy_topic import publish_policy  # noqa: PLC0415 - see diff

    policy = _read(file, as_json=as_json)
    try:
        published, changed = publish_policy(policy, Settings().kafka)
    except TopicError as error:
        _fail(error)
    if as_json:
        print_json(
            {
                "version": published.version,
                "digest": published.digest,
                "changed": [one.part for one in changed],
            }
        )
        return
    _print(changed, as_json=False)
    typer.echo(f"Version {published.version} is in force, {published.digest}.")


def _said(policy: Policy) -> list[str]:
    least = policy.thresholds
    lines = [f"Least scores: match {least.match}, claim {least.claim}"]
    lines += [
        f"  in {language}: match {scores.match}, claim {scores.claim}"
        for language, scores in sorted(least.languages.items())
    ]
    lines += [
        f"Window: {one.jurisdiction} {one.opens:%Y-%m-%d %H:%M} to {one.closes:%Y-%m-%d %H:%M} UTC"
        for one in policy.windows
    ] or ["Windows: none, posts are labelled at any time"]
    accounts = policy.accounts
    lines += [
        f"Accounts: {name}, {len(ids)}"
        + (", exempt" if name in accounts.exempt else "")
        + (", a person first" if name in accounts.review_first else "")
        for name, ids in sorted(accounts.classes.items())
    ]
    if policy.review_first.jurisdictions:
        lines.append(f"A person first in: {' '.join(policy.review_first.jurisdictions)}")
    return [*lines, f"The policy holds. Content: {policy.digest}"]


def _read(file: Path | None, *, as_json: bool) -> Policy:
    with problems_or_exit(as_json=as_json):
        return read_policy(file if file is not None else default_policy_file())


def _print(changed: tuple[Difference, ...], *, as_json: bool) -> None:
    if as_json:
        for one in changed:
            print_json({"part": one.part, "before": one.before, "after": one.after})
        return
    for one in changed:
        line = f"{one.part}: {_shown(one.before)} → {_shown(one.after)}"
        typer.echo(printable(line))


def _shown(value: Any) -> str:
    return "-" if value is None else json.dumps(value, ensure_ascii=False)


def _fail(error: TopicError) -> NoReturn:
    typer.echo(printable(str(error)), err=True)
    raise typer.Exit(1) from error
