"""Where a connector stands, read back from the compacted `cursors` topic."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kafka import TopicPartition
from kafka.errors import KafkaError
from pydantic import ValidationError

from connectors.errors import Fatal, Unavailable
from streams.kafka_log import READ_SECONDS, OpenTransactionError, read_whole
from streams.schema import Cursor
from streams.topics import CURSORS, DEAD_LETTERS, POSTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kafka import KafkaConsumer

    from streams.settings import Settings

_BOOTSTRAP_MS = 30_000
"""The producer has reached a broker before: one that is away now comes back."""


def read_cursor(
    settings: Settings,
    connector_id: str,
    *,
    give_up_seconds: float = READ_SECONDS,
    monotonic: Callable[[], float] = time.monotonic,
) -> Cursor | None:
    """Return the last committed cursor of a connector, None when it never had one.

    Call it after `init_transactions`: only then are the predecessor's
    transactions over. Another connector's open transaction hides what lies
    behind it in the same partition, our own cursor included; so this reads to
    the log's real end, and waits until that transaction is over.

    Raises:
        Fatal: the topic is missing, or the cursor cannot be read.
        Unavailable: Kafka did not answer, or another transaction stayed open.
    """
    topic = settings.kafka.topic(CURSORS)
    deadline = monotonic() + give_up_seconds
    try:
        value = _last_value(settings, topic, connector_id.encode(), deadline, monotonic)
    except KafkaError as error:
        raise Unavailable(f"cannot read the topic {topic}: {error}") from error
    if value is None:
        return None
    try:
        return Cursor.from_json(value)
    except ValidationError as error:
        raise Fatal(
            f"the cursor of {connector_id} in the topic {topic} cannot be read "
            f"({error.error_count()} faults); start with another --connector-id"
        ) from error


def _last_value(
    settings: Settings,
    topic: str,
    key: bytes,
    deadline: float,
    monotonic: Callable[[], float],
) -> bytes | None:
    value: bytes | None = None
    try:
        for record in read_whole(
            settings.kafka,
            lambda reader: [_partition(reader, settings)],
            deadline=deadline,
            monotonic=monotonic,
            bootstrap_timeout_ms=_BOOTSTRAP_MS,
        ):
            if record.key == key:
                value = record.value
    except OpenTransactionError as error:
        raise Unavailable(
            f"another connector's transaction in the topic {topic} stays open and hides "
            "the cursor behind it; Kafka ends it after a minute"
        ) from error
    return value


def _partition(reader: KafkaConsumer, settings: Settings) -> TopicPartition:
    """Return the only partition of the cursors, once all topics of a connector are there."""
    there = reader.topics()
    needed = [settings.kafka.topic(spec) for spec in (POSTS, DEAD_LETTERS, CURSORS)]
    missing = ", ".join(topic for topic in needed if topic not in there)
    if missing:
        raise Fatal(f"these topics are missing: {missing}; run `hustings topics apply`")
    topic = settings.kafka.topic(CURSORS)
    if len(reader.partitions_for_topic(topic)) > 1:
        raise Fatal(
            f"the topic {topic} has several partitions and must have one; "
            "run `hustings topics apply`"
        )
    return TopicPartition(topic, 0)
