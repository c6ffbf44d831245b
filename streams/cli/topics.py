"""`hustings topics`: create, verify and list the topics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from streams.broker.admin import apply_topics, list_topics
from streams.broker.errors import BrokerError
from streams.broker.topicplan import TopicAction
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.broker.admin import TopicOutcome
    from streams.broker.topicplan import FoundTopic, WantedTopic

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Create, verify and list the topics."
)

_DAY_MS = 24 * 60 * 60 * 1000
_STYLES = {
    TopicAction.CREATED: "green",
    TopicAction.VERIFIED: "dim",
    TopicAction.CHANGED: "yellow",
    TopicAction.REFUSED: "bold red",
    TopicAction.WITHHELD: "red",
}

AsJson = Annotated[bool, typer.Option("--json", help="One JSON line a topic.")]


@app.command()
def apply(
    as_json: AsJson = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")
    ] = False,
) -> None:
    """Create missing topics and verify the others; refuse what would lose data.

    When one topic is refused nothing is changed, and the exit status is 1.
    """
    try:
        outcomes = apply_topics(Settings().kafka, dry_run=dry_run)
    except BrokerError as error:
        _fail(error)
    if as_json:
        for one in outcomes:
            line = {"topic": one.name, "action": one.action, "reasons": one.reasons}
            typer.echo(json.dumps(line, ensure_ascii=False))
    else:
        _print_outcomes(outcomes, dry_run=dry_run)
    if not all(one.is_good for one in outcomes):
        raise typer.Exit(1)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the topics as the cluster has them."""
    try:
        topics = list_topics(Settings().kafka)
    except BrokerError as error:
        _fail(error)
    if as_json:
        for wanted, found in topics:
            typer.echo(json.dumps(_listed(wanted, found), ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("Topic", "Holds"):
        table.add_column(name, overflow="fold")
    for name in ("Partitions", "Copies", "Records ≤"):
        table.add_column(name, justify="right")
    table.add_column("Keeps")
    for wanted, found in topics:
        if found is None:
            table.add_row(wanted.name, wanted.spec.holds, "-", "-", "-", "not created")
            continue
        numbers = map(str, (found.partitions, found.replication, found.records))
        table.add_row(wanted.name, wanted.spec.holds, *numbers, _keeps(found))
    Console().print(table)


def _print_outcomes(outcomes: list[TopicOutcome], *, dry_run: bool) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("Topic", overflow="fold")
    table.add_column("Would be" if dry_run else "Is")
    table.add_column("Why", overflow="fold")
    for one in outcomes:
        action = one.action.value
        table.add_row(one.name, f"[{_STYLES[one.action]}]{action}[/]", "; ".join(one.reasons))
    console = Console()
    console.print(table)
    if not all(one.is_good for one in outcomes):
        console.print("Nothing was changed: see the refused topics.", style="red")


def _listed(wanted: WantedTopic, found: FoundTopic | None) -> dict[str, object]:
    listed: dict[str, object] = {"topic": wanted.name, "exists": found is not None}
    if found is not None:
        listed |= {
            "partitions": found.partitions,
            "replication": found.replication,
            "records_at_most": found.records,
            "cleanup": found.config["cleanup.policy"],
            "retention_ms": int(found.config["retention.ms"]),
        }
    return listed


def _keeps(found: FoundTopic) -> str:
    if found.config["cleanup.policy"] == "compact":
        return "each key's last"
    retention = int(found.config["retention.ms"])
    return "for ever" if retention < 0 else f"{retention / _DAY_MS:g} days"


def _fail(error: BrokerError) -> NoReturn:
    Console(stderr=True).print(
        str(error), style="red", markup=False, highlight=False, soft_wrap=True
    )
    raise typer.Exit(1) from error
