"""A topic read whole, from its beginning to where it really ends now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import structlog
from kafka import KafkaConsumer

from streams.kafka_client import client_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kafka import TopicPartition

    from streams.settings import KafkaSettings

log = structlog.stdlib.get_logger(__name__)

READ_SECONDS: Final = 90.0
"""How long an open transaction of another writer may hide what lies behind it."""


class OpenTransactionError(Exception):
    """A writer's transaction stays open and hides the end; Kafka ends it within minutes."""


def open_consumer(settings: KafkaSettings, **more: Any) -> KafkaConsumer:
    """Return a consumer of nothing yet, of committed records, which commits nothing by itself.

    Args:
        settings: where Kafka is.
        more: arguments of kafka-python's consumer, before those given here.
    """
    config: dict[str, Any] = {
        "group_id": None,
        "enable_auto_commit": False,
        # A position that compaction has taken away leads to the start, not past everything.
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "allow_auto_create_topics": False,
        "bootstrap_timeout_ms": 10_000,
        "reconnect_backoff_max_ms": 1000,
        "metrics_enabled": False,
    }
    return KafkaConsumer(**client_config(settings), **config | more)


def read_whole(
    settings: KafkaSettings,
    partitions_of: Callable[[KafkaConsumer], Sequence[TopicPartition]],
    *,
    deadline: float,
    monotonic: Callable[[], float] = time.monotonic,
    **more: Any,
) -> Iterator[Any]:
    """Yield the committed records of partitions up to where they end as it begins.

    Args:
        settings: where Kafka is.
        partitions_of: asked once, with a consumer, for what to read; may refuse by raising.
        deadline: in the clock's seconds.
        monotonic: the clock.
        more: arguments of kafka-python's consumers.

    Raises:
        OpenTransactionError: a transaction hid the end until the deadline.
    """
    # The real end: a reader of committed records would be told an earlier one.
    with_end = open_consumer(settings, **more, isolation_level="read_uncommitted")
    try:
        partitions = partitions_of(with_end)
        ends = with_end.end_offsets(partitions)
    finally:
        with_end.close(autocommit=False)
    reader = open_consumer(settings, **more)
    try:
        reader.assign(partitions)
        reader.seek_to_beginning(*partitions)
        waited = False
        while any(reader.position(tp) < ends[tp] for tp in partitions):
            if monotonic() > deadline:
                raise OpenTransactionError
            polled = reader.poll(timeout_ms=500)
            for records in polled.values():
                yield from records
            if not polled and not waited:
                waited = True
                log.debug("topic_read_waits", topic=partitions[0].topic)
    finally:
        reader.close(autocommit=False)
