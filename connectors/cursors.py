"""Where a connector stands, read back from the compacted `cursors` topic."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from pydantic import ValidationError

from connectors.errors import Fatal, Unavailable
from streams.kafka_client import client_config
from streams.schema import Cursor
from streams.topics import CURSORS, DEAD_LETTERS, POSTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.settings import Settings

_LOG = structlog.stdlib.get_logger(__name__)


def read_cursor(
    settings: Settings,
    connector_id: str,
    *,
    give_up_seconds: float = 90.0,
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
    partition = TopicPartition(topic, 0)
    end = _log_end(settings, partition)
    value: bytes | None = None
    consumer = _consumer(settings, "read_committed")
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        waited = False
        while consumer.position(partition) < end:
            if monotonic() > deadline:
                raise Unavailable(
                    f"another connector's transaction in the topic {topic} stays open and hides "
                    "the cursor behind it; Kafka ends it after a minute"
                )
            polled = consumer.poll(timeout_ms=500).get(partition, ())
            for record in polled:
                if record.key == key:
                    value = record.value
            if not polled and not waited:
                waited = True
                _LOG.debug("cursors.waiting", topic=topic, end=end)
        return value
    finally:
        consumer.close(autocommit=False)


def _log_end(settings: Settings, partition: TopicPartition) -> int:
    consumer = _consumer(settings, "read_uncommitted")
    try:
        there = consumer.topics()
        needed = [settings.kafka.topic(spec) for spec in (POSTS, DEAD_LETTERS, CURSORS)]
        missing = ", ".join(topic for topic in needed if topic not in there)
        if missing:
            raise Fatal(f"these topics are missing: {missing}; run `hustings topics apply`")
        if len(consumer.partitions_for_topic(partition.topic)) > 1:
            raise Fatal(
                f"the topic {partition.topic} has several partitions and must have one; "
                "run `hustings topics apply`"
            )
        return int(consumer.end_offsets([partition])[partition])
    finally:
        consumer.close(autocommit=False)


def _consumer(settings: Settings, isolation_level: str) -> KafkaConsumer:
    return KafkaConsumer(
        **client_config(settings.kafka),
        group_id=None,
        enable_auto_commit=False,
        isolation_level=isolation_level,
        allow_auto_create_topics=False,
        reconnect_backoff_max_ms=1000,
        metrics_enabled=False,
    )
