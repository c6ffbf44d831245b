"""Handling one chunk: wait for claims and state, decide, publish, write through."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import structlog

from streams.worker.emit import GiveUpError
from streams.worker.pipeline import Outcome, process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.worker.claims import CatalogueFollower
    from streams.worker.emit import Emitter
    from streams.worker.metrics import WorkerMetrics
    from streams.worker.pipeline import PostDetector, Record
    from streams.worker.state import LabelState, PartitionLabels

log = structlog.get_logger(__name__)

_SLICE_SECONDS = 0.05
"""Work between two turns of the event loop: commits and claims must go on meanwhile."""


class Labeller:
    """Handles chunks so that nothing is lost: publish first, return, then the ack."""

    def __init__(
        self,
        *,
        follower: CatalogueFollower,
        state: LabelState,
        emitter: Emitter,
        metrics: WorkerMetrics,
        leave: Callable[..., NoReturn],
        encoder_seconds: float = 0.8,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make a labeller.

        Args:
            follower: gives the newest detector.
            state: label states of the assigned partitions.
            emitter: publishes outcomes.
            metrics: counts chunks.
            leave: ends the process without acking; called when the broker takes nothing.
            encoder_seconds: of one chunk, for the detector's second stage; what is left
                of the chunk then is judged by the first.
            clock: seconds, for durations.
            now: wall clock, for time to label.
        """
        self._follower = follower
        self._state = state
        self._emitter = emitter
        self._metrics = metrics
        self._leave = leave
        self._encoder_seconds = encoder_seconds
        self._clock = clock
        self._now = now

    async def handle(self, records: Sequence[Record]) -> None:
        """Handle one chunk of one partition; when this returns it may be committed.

        Never raises: an exception would leave the agent's loop, and Faust would
        ack the chunk unhandled.
        """
        if not records:
            return
        try:
            await self._handle(records)
        except asyncio.CancelledError:
            raise
        except GiveUpError as exc:
            self._leave("broker_takes_nothing", error=str(exc))
        except BaseException as exc:
            # A fault of ours: the chunk is read again after the restart.
            log.exception("chunk_failed", **_place(records))
            self._leave("chunk_failed", error=repr(exc), **_place(records))

    async def _handle(self, records: Sequence[Record]) -> None:
        started = self._clock()
        partition = records[0].partition
        detector = await self._follower.detector()
        labels = await self._state.of(partition)
        if labels is None:
            # Returning would commit the chunk unhandled; after a restart it is read again.
            self._leave("chunk_of_lost_partition", **_place(records))
        waited = self._clock()
        outcome = await self._decide(records, detector, labels)
        decided = self._clock()
        if outcome.events or outcome.states or outcome.observations or outcome.dead_letters:
            await self._emitter.publish(outcome, partition)
            labels.update(outcome.states)
        done = self._clock()
        stages = self._metrics.stage_seconds
        stages.labels("wait").inc(waited - started)
        stages.labels("decide").inc(decided - waited)
        stages.labels("publish").inc(done - decided)
        self._metrics.on_chunk(outcome, done - started, self._now())

    async def _decide(
        self, records: Sequence[Record], detector: PostDetector, labels: PartitionLabels
    ) -> Outcome:
        started = self._clock()
        turn_ends = started + _SLICE_SECONDS
        outcome = Outcome()

        def has_time() -> bool:
            return self._clock() - started < self._encoder_seconds

        for outcome in process(records, detector, labels, has_time):  # noqa: B007 - the last one is complete
            if self._clock() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = self._clock() + _SLICE_SECONDS
        return outcome


def _place(records: Sequence[Record]) -> dict[str, object]:
    first, last = records[0], records[-1]
    return {"partition": first.partition, "from_offset": first.offset, "to_offset": last.offset}
