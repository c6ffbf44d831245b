"""`hustings review`: confirm and reject labels, answer appeals, see what waits."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.pack_files import AsJson, print_json, printable
from streams.reviews.desk import make_review, reviewable
from streams.reviews.errors import ReviewError
from streams.schema import Decision
from streams.settings import Settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="What people decide about labels."
)

PostId = Annotated[str, typer.Argument(help="The post's id, as in the events.")]
Why = Annotated[str, typer.Option("--reason", "-r", help="Why; part of the label event.")]
By = Annotated[
    str | None,
    typer.Option("--by", envvar="HUSTINGS_REVIEWER", help="Who decides; without it your login."),
]
OnlyLabel = Annotated[
    str | None,
    typer.Option("--label", help="The label's id or its beginning; needed when there are several."),
]


class Answer(StrEnum):
    """What becomes of an appeal."""

    UPHELD = "upheld"
    REFUSED = "refused"


@app.command()
def confirm(
    post_id: PostId, reason: Why, by: By = None, label: OnlyLabel = None, as_json: AsJson = False
) -> None:
    """Confirm a label: it stands by your word, and is public if it waited for that."""
    _decide(post_id, Decision.CONFIRM, reason, by, label, as_json=as_json)


@app.command()
def reject(
    post_id: PostId, reason: Why, by: By = None, label: OnlyLabel = None, as_json: AsJson = False
) -> None:
    """Reject a label: it is retracted and does not come back for this version of the post."""
    _decide(post_id, Decision.REJECT, reason, by, label, as_json=as_json)


@app.command()
def appeal(
    post_id: PostId,
    answer: Annotated[Answer, typer.Argument(help="upheld: the label goes; refused: it stays.")],
    reason: Why,
    by: By = None,
    label: OnlyLabel = None,
    as_json: AsJson = False,
) -> None:
    """Answer an author's appeal against a label."""
    upheld = answer is Answer.UPHELD
    decision = Decision.APPEAL_UPHELD if upheld else Decision.APPEAL_REFUSED
    _decide(post_id, decision, reason, by, label, as_json=as_json)


@app.command(name="list")
def list_(
    decided: Annotated[
        bool, typer.Option("--decided", help="What was decided, instead of what waits.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the labels that wait for a person, or with --decided all reviews, oldest first."""
    if decided:
        _list_decided(as_json=as_json)
    else:
        _list_waiting(as_json=as_json)


def _decide(
    post_id: str,
    decision: Decision,
    reason: str,
    by: str | None,
    label: str | None,
    *,
    as_json: bool,
) -> None:
    # Clients of Kafka take a second to import: the help page must not wait for them.
    from streams.reviews.topic import read_post, write_review  # noqa: PLC0415

    settings = Settings().kafka
    try:
        state = read_post(settings, post_id)
        reviewer = by or getpass.getuser()
        review = make_review(state, decision, reviewer, reason, datetime.now(UTC), label)
        write_review(settings, review)
    except ReviewError as error:
        _fail(error)
    if as_json:
        typer.echo(review.to_json().decode())
    else:
        typer.echo(
            printable(
                f"Wrote {decision.value} of label {review.label_id} on version "
                f"{review.post_version} of {post_id}, by {reviewer}; the worker acts on it now."
            )
        )


def _list_waiting(*, as_json: bool) -> None:
    from streams.reviews.topic import read_posts  # noqa: PLC0415 - see _decide

    try:
        states = read_posts(Settings().kafka)
    except ReviewError as error:
        _fail(error)
    # The oldest first, and nothing about the author: neither side nor reach is to be seen.
    states.sort(key=lambda one: (one.post_received_at is None, one.post_received_at, one.post_id))
    waiting = [(state, one) for state in states for one in reviewable(state) if one.waits]
    if as_json:
        for state, one in waiting:
            print_json(
                {
                    "post_id": state.post_id,
                    "post_version": state.post_version,
                    "label_id": one.label_id,
                    "kind": one.label.kind.value if one.label else None,
                    "about": one.about,
                    "language": state.language,
                }
            )
        return
    table = Table(box=None, pad_edge=False)
    for name in ("Post", "Label", "Kind", "About", "Language"):
        table.add_column(name, overflow="fold")
    for state, one in waiting:
        kind = one.label.kind.value if one.label else ""
        cells = (state.post_id, one.label_id[:12], kind, one.about, state.language)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    _print(table, f"{len(waiting)} labels wait for a person.", rows=len(waiting))


def _list_decided(*, as_json: bool) -> None:
    from streams.reviews.topic import read_reviews  # noqa: PLC0415 - see _decide

    try:
        reviews = read_reviews(Settings().kafka)
    except ReviewError as error:
        _fail(error)
    if as_json:
        for review in reviews:
            typer.echo(review.to_json().decode())
        return
    table = Table(box=None, pad_edge=False)
    for name in ("When", "Decision", "Post", "Label", "By", "Why"):
        table.add_column(name, overflow="fold")
    for review in reviews:
        when, label = f"{review.made_at:%Y-%m-%d %H:%M}", review.label_id[:12]
        cells = (when, review.decision, review.post_id, label, review.reviewer, review.reason)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    _print(table, f"{len(reviews)} reviews.", rows=len(reviews))


def _print(table: Table, summary: str, *, rows: int) -> None:
    console = Console(highlight=False)
    if rows:
        console.print(table)
    console.print(summary)


def _fail(error: ReviewError) -> NoReturn:
    typer.echo(printable(str(error)), err=True)
    raise typer.Exit(1) from error
