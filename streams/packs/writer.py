"""The one writer of a compacted topic: all of its records in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

from streams.kafka_client import client_config, hold_requests, let_go, transactional_config
from streams.packs.claims_topic import describe
from streams.schema import cloudevent_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from streams.packs.errors import TopicError
    from streams.schema import WireModel
    from streams.settings import KafkaSettings

EVENT_SOURCE: Final = "/packs"
_FLUSH_SECONDS: Final = 120
_BLOCK_SECONDS: Final = 60
_TRANSACTION_SECONDS: Final = 300
"""A hundred thousand claims take half a minute on a slow machine."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to write."""

    key: str
    value: WireModel
    event_id: str


class Writer:
    """Writes to one topic; whoever opens the next one for it shuts this one out."""

    def __init__(self, producer: Any, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    def write(self, entries: Sequence[Entry], time: datetime) -> None:
        """Write all entries or none.

        Raises:
            KafkaError: none was written, or (when Kafka went away at the very end) all.
        """
        self._producer.begin_transaction()
        futures = [
            self._producer.send(
                self._topic,
                value=entry.value.to_json(),
                key=entry.key.encode(),
                headers=cloudevent_headers(
                    type(entry.value), event_id=entry.event_id, source=EVENT_SOURCE, time=time
                ),
            )
            for entry in entries
        ]
        # An epoch bumped in mid-transaction loses what was in flight without failing the commit.
        self._producer.flush(timeout=_FLUSH_SECONDS)
        for future in futures:
            if not future.is_done or future.failed():
                raise future.exception or KafkaError("a record was not acknowledged")
        self._producer.commit_transaction()


@contextmanager
def sole_writer(
    settings: KafkaSettings, topic: str, *, name: str, error: type[TopicError]
) -> Iterator[Writer]:
    """Give the only writer of a topic; what is read with it open stays true until it writes.

    Args:
        settings: where Kafka is.
        topic: its name on this cluster.
        name: of the transactional id, and what messages call the topic.
        error: raised for everything that Kafka does.

    Raises:
        TopicError: of the type given; nothing was written, or (when Kafka went away at
            the very end) all of it; doing it again is right in both cases.
    """
    try:
        producer = KafkaProducer(
            **client_config(settings),
            **transactional_config(
                f"hustings-{name}", f"{settings.topic_prefix}{name}", seconds=_TRANSACTION_SECONDS
            )
            # The first transaction of a new Kafka waits until its log of transactions is made.
            | {"max_block_ms": _BLOCK_SECONDS * 1000},
        )
    except (KafkaError, OSError, ValueError) as failure:
        raise error(describe(failure, settings)) from failure
    hold_requests(producer)
    try:
        # Before reading: whoever published until now is shut out, so what is read stays true.
        producer.init_transactions()
        yield Writer(producer, topic)
    except (ProducerFencedError, InvalidProducerEpochError) as failure:
        raise error(
            f"another command that writes {name} has taken over; nothing was written by this one"
        ) from failure
    except KafkaError as failure:
        raise error(describe(failure, settings)) from failure
    finally:
        # All that was to be written is acknowledged; the rest is to be lost.
        let_go(producer)
