"""Publish packs and claims to the `claims` topic: all changes in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

from streams.kafka_client import client_config, hold_requests, let_go, transactional_config
from streams.packs.claims_topic import describe, read_claims_topic
from streams.packs.errors import ClaimsTopicError
from streams.packs.plan import PublishAction, Step, plan
from streams.schema import cloudevent_headers, stable_id
from streams.topics import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.packs.folder import PackFolder
    from streams.settings import KafkaSettings

EVENT_SOURCE: Final = "/packs"
_FLUSH_SECONDS: Final = 120
_BLOCK_SECONDS: Final = 60
_TRANSACTION_SECONDS: Final = 300
"""A hundred thousand claims take half a minute on a slow machine."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was done with every pack and claim, by key."""

    steps: tuple[Step, ...]

    def count(self, action: PublishAction) -> int:
        """Return how many packs and claims had this action."""
        return Counter(step.action for step in self.steps)[action]

    @property
    def written(self) -> int:
        """How many records were written."""
        return sum(step.writes for step in self.steps)


def publish(
    folder: PackFolder,
    settings: KafkaSettings,
    *,
    now: Callable[[], datetime] = _utc_now,
) -> PublishReport:
    """Bring the `claims` topic to what the files say; withdraw nothing.

    All records are written in one transaction: readers see all changes or
    none. A second publisher shuts out the first, which then fails.

    Raises:
        ClaimsTopicError: nothing was written, or (when Kafka went away at the
            very end) all of it; publishing again is right in both cases.
    """
    try:
        producer = KafkaProducer(
            **client_config(settings),
            **transactional_config(
                "hustings-claims", f"{settings.topic_prefix}claims", seconds=_TRANSACTION_SECONDS
            )
            # The first transaction of a new Kafka waits until its log of transactions is made.
            | {"max_block_ms": _BLOCK_SECONDS * 1000},
        )
    except (KafkaError, OSError, ValueError) as error:
        raise ClaimsTopicError(describe(error, settings)) from error
    hold_requests(producer)
    try:
        # Before reading: whoever published until now is shut out, so what is read stays true.
        producer.init_transactions()
        steps = plan(folder, read_claims_topic(settings))
        if any(step.writes for step in steps):
            _write(producer, settings.topic(CLAIMS), steps, now())
    except (ProducerFencedError, InvalidProducerEpochError) as error:
        raise ClaimsTopicError(
            "another `hustings claims load` has taken over; nothing was written by this one"
        ) from error
    except KafkaError as error:
        raise ClaimsTopicError(describe(error, settings)) from error
    finally:
        # All that was to be written is acknowledged; the rest is to be lost.
        let_go(producer)
    return PublishReport(steps)


def _write(producer: KafkaProducer, topic: str, steps: Sequence[Step], time: datetime) -> None:
    producer.begin_transaction()
    futures = []
    for step in steps:
        if step.writes:
            event_id = stable_id(step.key, str(step.record.version))
            headers = cloudevent_headers(
                type(step.record), event_id=event_id, source=EVENT_SOURCE, time=time
            )
            futures.append(
                producer.send(
                    topic, value=step.record.to_json(), key=step.key.encode(), headers=headers
                )
            )
    # An epoch bumped in mid-transaction loses what was in flight without failing the commit.
    producer.flush(timeout=_FLUSH_SECONDS)
    for future in futures:
        if not future.is_done or future.failed():
            raise future.exception or KafkaError("a record was not acknowledged")
    producer.commit_transaction()
