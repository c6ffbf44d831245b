"""Reviews of the assigned partitions: read from the beginning, folded into the label state.

No offset is kept: a review that was folded before changes nothing, so each
assignment may read all of them again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from aiokafka import TopicPartition
from pydantic import ValidationError

from streams.labels.life import advance_review
from streams.schema import Fault, Review
from streams.topics import REVIEWS
from streams.worker.emit import GiveUpError
from streams.worker.pipeline import Outcome, dead_letter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from aiokafka import AIOKafkaConsumer

    from streams.labels.life import Basis
    from streams.settings import KafkaSettings
    from streams.worker.desk import Desk
    from streams.worker.pipeline import Record
    from streams.worker.state import PartitionState

log = structlog.get_logger(__name__)

_POLL_MS = 500
_RETRY_SECONDS = 2.0
_AT_A_TIME = 100


class ReviewReader:
    """Folds the reviews of the assigned partitions into their label states."""

    def __init__(
        self,
        settings: KafkaSettings,
        reader: Callable[[KafkaSettings], AIOKafkaConsumer],
        desk: Desk,
    ) -> None:
        """Make a reader of no partition yet.

        Args:
            settings: cluster and topic prefix.
            reader: makes the group-less consumer.
            desk: what it decides with and publishes through.
        """
        self._settings = settings
        self._reader = reader
        self._desk = desk
        self._readings: list[asyncio.Task[None]] = []

    def assign(self, partitions: Iterable[int]) -> None:
        """Read exactly these partitions, from the beginning; call after the state's `assign`."""
        for task in self._readings:
            task.cancel()
        self._readings = [
            asyncio.create_task(self._run(partition), name=f"reviews-{partition}")
            for partition in sorted(set(partitions))
        ]

    async def _run(self, partition: int) -> None:
        part = await self._desk.state.of(partition)
        while part is not None and not part.closed:
            try:
                await self._read(part)
            except GiveUpError as exc:
                self._desk.leave("broker_takes_nothing", error=str(exc))
            except asyncio.CancelledError:
                raise
            except Exception as exc:  # noqa: BLE001 - whatever it was, it is read again
                log.warning("reviews_not_read", error=repr(exc), again_in=_RETRY_SECONDS)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _read(self, part: PartitionState) -> None:
        consumer = self._reader(self._settings)
        tp = TopicPartition(self._settings.topic(REVIEWS), part.number)
        await consumer.start()
        try:
            consumer.assign([tp])
            await consumer.seek_to_beginning(tp)
            while not part.closed:
                batches = await consumer.getmany(tp, timeout_ms=_POLL_MS, max_records=_AT_A_TIME)
                if records := batches.get(tp):
                    await self.fold(part, records)
        finally:
            await consumer.stop()

    async def fold(self, part: PartitionState, records: Sequence[Record]) -> None:
        """Fold some reviews of a partition into its state and publish what follows."""
        async with part.lock:
            if part.closed:
                return
            _detector, basis = await self._desk.basis()
            outcome = Outcome()
            for record in records:
                try:
                    self._fold_one(part, record, basis, outcome)
                except _BadReviewError as bad:
                    outcome.dead_letters.append(dead_letter(record, Fault.INVALID, str(bad)))
                except Exception as exc:  # noqa: BLE001 - one review must not stop all others
                    fault = f"{type(exc).__name__} while deciding"
                    outcome.dead_letters.append(dead_letter(record, Fault.INTERNAL, fault))
            await self._desk.publish(part, outcome)
        self._desk.metrics.on_corrections(outcome)

    def _fold_one(
        self, part: PartitionState, record: Record, basis: Basis, outcome: Outcome
    ) -> None:
        review = _decode(record)
        current = outcome.states.get(review.post_id) or part.labels.get(review.post_id)
        step = advance_review(current, review, basis)
        outcome.add(review.post_id, step)
        if not step.stale:
            self._desk.metrics.reviews.labels(review.decision.value).inc()


class _BadReviewError(ValueError):
    """A record that is not a review; says why, without the words of the reviewer."""


def _decode(record: Record) -> Review:
    """Return the record's review.

    Raises:
        _BadReviewError: it is none.
    """
    try:
        review = Review.from_json(record.value or b"")
    except ValidationError as exc:
        errors = exc.errors(include_input=False, include_url=False, include_context=False)
        raise _BadReviewError(
            "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'review'}: {one['msg']}" for one in errors
            )
        ) from None
    if (record.key or b"").decode("utf-8", "replace") != review.post_id:
        raise _BadReviewError("the record's key is not the review's post_id")
    return review
