"""Handling one chunk: wait for claims and state, decide, publish, write through."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from streams.worker.emit import GiveUpError
from streams.worker.pipeline import Bench, Outcome, process

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from streams.labels.latest import Latest
    from streams.worker.desk import Desk
    from streams.worker.pipeline import Record

log = structlog.get_logger(__name__)

_SLICE_SECONDS = 0.05
"""Work between two turns of the event loop: commits and claims must go on meanwhile."""


class Labeller:
    """Handles chunks so that nothing is lost: publish first, return, then the ack."""

    def __init__(
        self,
        desk: Desk,
        *,
        look_back: Callable[[Record], Awaitable[Latest]],
        encoder_seconds: float = 0.8,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Make a labeller.

        Args:
            desk: what it decides with and publishes through.
            look_back: reads what was edited and deleted just before a record.
            encoder_seconds: of one chunk, for the detector's second stage; what is left
                of the chunk then is judged by the first.
            clock: seconds, for durations.
        """
        self._desk = desk
        self._look_back = look_back
        self._encoder_seconds = encoder_seconds
        self._clock = clock

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
            self._desk.leave("broker_takes_nothing", error=str(exc))
        except BaseException as exc:
            # A fault of ours: the chunk is read again after the restart.
            log.exception("chunk_failed", **_place(records))
            self._desk.leave("chunk_failed", error=repr(exc), **_place(records))

    async def _handle(self, records: Sequence[Record]) -> None:
        started = self._clock()
        part = await self._desk.state.of(records[0].partition)
        if part is None:
            # Returning would commit the chunk unhandled; after a restart it is read again.
            self._desk.leave("chunk_of_lost_partition", **_place(records))
        async with part.lock:
            if part.latest is None:
                part.latest = await self._look_back(records[0])
            detector, basis = await self._desk.basis()
            waited = self._clock()
            outcome = await self._decide(records, Bench(detector, basis, part.labels, part.latest))
            decided = self._clock()
            await self._desk.publish(part, outcome)
        done = self._clock()
        metrics = self._desk.metrics
        stages = metrics.stage_seconds
        stages.labels("wait").inc(waited - started)
        stages.labels("decide").inc(decided - waited)
        stages.labels("publish").inc(done - decided)
        metrics.on_chunk(outcome, done - started, self._desk.now())

    async def _decide(self, records: Sequence[Record], bench: Bench) -> Outcome:
        started = self._clock()
        turn_ends = started + _SLICE_SECONDS
        outcome = Outcome()

        def has_time() -> bool:
            return self._clock() - started < self._encoder_seconds

        for outcome in process(records, bench, has_time):  # noqa: B007 - the last one is complete
            if self._clock() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = self._clock() + _SLICE_SECONDS
        return outcome


def _place(records: Sequence[Record]) -> dict[str, object]:
    first, last = records[0], records[-1]
    return {"partition": first.partition, "from_offset": first.offset, "to_offset": last.offset}
