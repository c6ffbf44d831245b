"""`hustings claims`: check packs and known claims, import and publish them, list what is there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.claims_import import import_
from streams.cli.claims_life import revise, withdraw
from streams.cli.pack_files import AsJson, Folder, print_json, printable, read_or_exit
from streams.packs.errors import ClaimsTopicError
from streams.packs.plan import PublishAction
from streams.schema import Claim
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.packs.plan import Step
    from streams.packs.publish import PublishReport

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Check, publish and list election packs and claims.",
)
app.command(name="import")(import_)
app.command()(revise)
app.command()(withdraw)


@app.command()
def check(folder: Folder = None, as_json: AsJson = False) -> None:
    """Check packs and claims; change nothing.

    Says every problem with its file and line; then the exit status is 1.
    """
    found = read_or_exit(folder, as_json=as_json)
    if as_json:
        print_json({"packs": len(found.packs), "claims": len(found.claims)})
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("Pack")
    table.add_column("Claims", justify="right")
    table.add_column("Languages")
    table.add_column("Authority", overflow="fold")
    claims = Counter(claim.jurisdiction for claim in found.claims)
    for pack in found.packs:
        authority = pack.authority.name.get("en") or next(iter(pack.authority.name.values()))
        table.add_row(
            pack.jurisdiction,
            str(claims[pack.jurisdiction]),
            " ".join(pack.languages),
            Text(authority),
        )
    console = Console()
    console.print(table)
    console.print(f"{len(found.packs)} packs and {len(found.claims)} claims hold.", highlight=False)


@app.command()
def load(folder: Folder = None, as_json: AsJson = False) -> None:
    """Check packs and claims and publish what changed, all or nothing.

    Running workers take the changes up within two seconds. What is no longer
    in the files stays published and is named.
    """
    # Clients of Kafka take a second to import: `check` must not wait for them.
    from streams.packs.publish import publish  # noqa: PLC0415

    found = read_or_exit(folder, as_json=as_json)
    try:
        report = publish(found, Settings().kafka)
    except ClaimsTopicError as error:
        _fail(error)
    if as_json:
        for step in report.steps:
            print_json(
                {
                    "action": step.action.value,
                    "key": step.key,
                    "version": step.record.version,
                    **({"note": step.note} if step.note else {}),
                }
            )
    else:
        _print_report(report)


@app.command(name="list")
def list_(
    jurisdiction: Annotated[
        str | None,
        typer.Option("--jurisdiction", "-j", help="Only this pack, for example US."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the claims that are published."""
    from streams.packs.claims_topic import read_claims_topic  # noqa: PLC0415 - see load

    try:
        published = read_claims_topic(Settings().kafka)
    except ClaimsTopicError as error:
        _fail(error)
    wanted = jurisdiction.upper() if jurisdiction else None
    claims = [c for c in published.claims if wanted in (None, c.jurisdiction)]
    if as_json:
        for claim in claims:
            typer.echo(claim.to_json().decode())
        return
    console = Console()
    table = Table(box=None, pad_edge=False)
    for name in ("Claim", "Version", "Status", "Types", "Languages", "About"):
        table.add_column(name, overflow="fold", justify="right" if name == "Version" else "left")
    for claim in claims:
        table.add_row(
            claim.claim_id,
            str(claim.version),
            claim.status.value,
            " ".join(claim.types),
            " ".join(claim.statements),
            Text(printable(claim.topic.get("en") or next(iter(claim.topic.values())))),
        )
    if claims:
        console.print(table)
    where = f" of {wanted}" if wanted else ""
    console.print(
        f"{len(claims)} claims{where} published, {len(published.packs)} packs.",
        highlight=False,
        markup=False,
    )
    if published.unreadable:
        keys = ", ".join(map(printable, sorted(published.unreadable)))
        Console(stderr=True).print(f"not readable: {keys}", style="red", markup=False)


def _print_report(report: PublishReport) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    table.add_column("Pack")
    shown = [action for action in PublishAction if report.count(action)]
    for action in shown:
        table.add_column(action.value.replace("-", " ").capitalize(), justify="right")
    by_pack: dict[str, Counter[PublishAction]] = {}
    for step in report.steps:
        by_pack.setdefault(step.record.jurisdiction, Counter())[step.action] += 1
    for jurisdiction, counts in sorted(by_pack.items()):
        table.add_row(jurisdiction, *(str(counts[action]) for action in shown))
    console.print(table)
    for step in report.steps:
        if step.note:
            console.print(f"{step.key}: {step.note}", markup=False, highlight=False)
    console.print(_said(report.steps), highlight=False)


def _said(steps: tuple[Step, ...]) -> str:
    written = [step for step in steps if step.writes]
    claims = sum(isinstance(step.record, Claim) for step in written)
    if not written:
        return "Nothing had changed; nothing was written."
    return f"Published {len(written) - claims} packs and {claims} claims in one transaction."


def _fail(error: ClaimsTopicError) -> NoReturn:
    typer.echo(printable(str(error)), err=True)
    raise typer.Exit(1) from error
