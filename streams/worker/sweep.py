"""Seeing labels anew when claims, packs, policy or the hour change, while posts go on.

Each worker walks through the labels of its own partitions in slices. Between
two slices chunks and reviews have their turn; what they decide meanwhile is
under the newest rulebook already.
"""

from __future__ import annotations

import asyncio
import time
from itertools import islice
from typing import TYPE_CHECKING

import structlog

from streams.labels.life import advance_rules
from streams.worker.emit import GiveUpError
from streams.worker.pipeline import Outcome

if TYPE_CHECKING:
    from streams.labels.rulebook import Change
    from streams.worker.desk import Desk
    from streams.worker.state import PartitionState

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 0.2
_SLICE_POSTS = 250
"""Posts whose labels are seen anew in one go, some 50 ms of work: live posts wait for no more."""
_BETWEEN_TURNS = 50
"""Posts between two turns of the event loop, some five milliseconds."""


class Sweeper:
    """Keeps the labels of the assigned partitions true to the rulebook and the clock."""

    def __init__(self, desk: Desk) -> None:
        """Make a sweeper that works at a desk."""
        self._desk = desk

    async def run(self) -> None:
        """Sweep whenever there is reason to, until cancelled."""
        while True:
            try:
                # All at once: one partition's slice is decided while another's is acknowledged.
                await asyncio.gather(*map(self.sweep, self._desk.state.loaded))
            except GiveUpError as exc:
                self._desk.leave("broker_takes_nothing", error=str(exc))
            await asyncio.sleep(_PAUSE_SECONDS)

    async def sweep(self, part: PartitionState) -> None:
        """See all labels of a partition anew that another rulebook or the clock may change."""
        book = await self._desk.rules.book()
        change = book.change_since(part.swept)
        if change:
            started = time.monotonic()
            changed = 0
            posts = _touched(part, change)
            for start in range(0, len(posts), _SLICE_POSTS):
                changed += await self._renew(part, posts[start : start + _SLICE_POSTS])
                if part.closed:
                    return
            part.swept = book
            seconds = time.monotonic() - started
            self._desk.metrics.sweep_seconds.observe(seconds)
            log.info(
                "labels_swept",
                partition=part.number,
                seen=len(posts),
                events=changed,
                seconds=round(seconds, 3),
            )
        expired = iter(part.pop_expired(self._desk.now()))
        while slice_ := list(islice(expired, _SLICE_POSTS)):
            await self._renew(part, slice_)

    async def _renew(self, part: PartitionState, posts: list[str]) -> int:
        """Publish what changes on some posts; return how many events that were."""
        async with part.lock:
            if part.closed:
                return 0
            _detector, basis = await self._desk.basis()
            outcome = Outcome()
            for number, post_id in enumerate(posts):
                if number % _BETWEEN_TURNS == 0:
                    await asyncio.sleep(0)
                try:
                    step = advance_rules(part.labels[post_id], basis)
                except Exception as exc:  # noqa: BLE001 - one post must not stop all others
                    log.error("label_not_renewed", post_id=post_id, error=repr(exc))  # noqa: TRY400
                    continue
                outcome.add(post_id, step)
            await self._desk.publish(part, outcome)
        self._desk.metrics.on_corrections(outcome)
        # A lock that is free for the one who let it go would never be given to a waiting chunk.
        await asyncio.sleep(0)
        return len(outcome.events)


def _touched(part: PartitionState, change: Change) -> list[str]:
    return list(part.labels) if change.everything else part.labels.citing(change.cited)
