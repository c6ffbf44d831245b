"""`hustings labels`: follow label events, show a post's labels, export the state."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer
from kafka import KafkaConsumer, TopicPartition
from rich.console import Console

from streams.cli.kafka_errors import kafka_or_exit
from streams.kafka_client import client_config
from streams.packs.wording import default_wording_folder, load_wording
from streams.schema import LabelEvent, PostLabels
from streams.settings import Settings
from streams.topics import LABEL_EVENTS, LABELS
from streams.up.screen import Card, card_lines
from streams.up.tally import SeenEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kafka.consumer.fetcher import ConsumerRecord

    from streams.topics import TopicSpec

_BOOTSTRAP_MS = 10_000

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Label events and current labels."
)


@app.command()
def tail(
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", "-b", help="All events that are kept, first.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Go on until Ctrl-C.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON event a line.")] = False,
) -> None:
    """Print label events as they happen."""
    show_event = _shower(as_json=as_json)
    shown = 0
    try:
        for record in _records(LABEL_EVENTS, from_beginning=from_beginning, follow=follow):
            shown += 1
            show_event(record)
    except KeyboardInterrupt:
        pass
    typer.echo(f"{shown} label events", err=True)


@app.command()
def show(
    post_id: Annotated[str, typer.Argument(help="The post's id, as in the events.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON event a line.")] = False,
) -> None:
    """Print every label event of one post, oldest first."""
    show_event = _shower(as_json=as_json)
    found = 0
    for record in _records(LABEL_EVENTS, from_beginning=True, follow=False):
        if record.key != post_id.encode():
            continue
        found += 1
        show_event(record)
    if not found:
        typer.echo(f"No label event speaks about {post_id!r}", err=True)
        raise typer.Exit(1)


@app.command()
def export() -> None:
    """Write the current labels as NDJSON, one line a labelled post; a summary on stderr."""
    state: dict[bytes, bytes] = {}
    for record in _records(LABELS, from_beginning=True, follow=False):
        if record.value is None or not PostLabels.from_json(record.value).labels:
            state.pop(record.key, None)
        else:
            state[record.key] = record.value
    kinds: Counter[str] = Counter()
    for _key, value in sorted(state.items()):
        _write(value)
        kinds.update(label["kind"] for label in json.loads(value)["labels"])
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    typer.echo(f"{len(state)} labelled posts: {counted or 'no labels'}", err=True)


def _shower(*, as_json: bool) -> Callable[[ConsumerRecord], None]:
    """Return what prints one label event, for people or as JSON."""
    if as_json:
        return lambda record: _write(record.value)
    console = Console(highlight=False)
    wording = load_wording(default_wording_folder())

    def show_event(record: ConsumerRecord) -> None:
        event = LabelEvent.from_json(record.value)
        seen = SeenEvent(event, record.timestamp / 1000, record.partition)
        for line in card_lines(Card(seen, None), wording, width=console.width):
            console.print(line)

    return show_event


def _write(value: bytes) -> None:
    sys.stdout.buffer.write(value + b"\n")
    sys.stdout.buffer.flush()


def _records(spec: TopicSpec, *, from_beginning: bool, follow: bool) -> Iterator[ConsumerRecord]:
    """Yield records of a topic; without `follow` up to where it ended at the start."""
    settings = Settings().kafka
    topic = settings.topic(spec)
    # Its own complaints would stand before ours.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    with kafka_or_exit(settings):
        consumer = KafkaConsumer(
            **client_config(settings),
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            bootstrap_timeout_ms=_BOOTSTRAP_MS,
        )
    try:
        partitions = [
            TopicPartition(topic, number)
            for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        if not partitions:
            typer.echo(f"There is no topic {topic}: run hustings topics apply", err=True)
            raise typer.Exit(1)
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        if from_beginning:
            consumer.seek_to_beginning(*partitions)
        else:
            for partition, end in ends.items():
                consumer.seek(partition, end)
        while follow or any(consumer.position(tp) < ends[tp] for tp in partitions):
            for records in consumer.poll(timeout_ms=500).values():
                yield from records
    finally:
        consumer.close(autocommit=False)
