"""What all that changes labels works with: chunks, reviews and sweeps alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn, Protocol

from streams.labels.life import Basis

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.worker.claims import CatalogueFollower
    from streams.worker.emit import Emitter
    from streams.worker.metrics import WorkerMetrics
    from streams.worker.pipeline import Outcome, PostDetector
    from streams.worker.rules import Rules
    from streams.worker.state import LabelState, PartitionState


class Leave(Protocol):
    """Ends the process without acking what is in hand."""

    def __call__(self, reason: str, **fields: object) -> NoReturn:
        """Say why, and end."""
        ...


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who decides: detector and rulebook of the moment, the state, and the way out."""

    follower: CatalogueFollower
    rules: Rules
    state: LabelState
    emitter: Emitter
    metrics: WorkerMetrics
    leave: Leave
    now: Callable[[], datetime] = field(default=_utc_now)
    """Wall clock: what has expired, and time to label."""

    async def basis(self) -> tuple[PostDetector, Basis]:
        """Return detector and basis of the moment; wait for the first.

        Ask with the partition's lock held: a rulebook that comes later finds what
        is decided now in its sweep.
        """
        detector, book = await self.follower.detector(), await self.rules.book()
        return detector, Basis(detector.version, detector.rule_set, book, self.now())

    async def publish(self, part: PartitionState, outcome: Outcome) -> None:
        """Publish an outcome, then take its states over; with the partition's lock held.

        Raises:
            GiveUpError: the broker did not take it in time.
        """
        if outcome:
            await self.emitter.publish(outcome, part.number)
            part.write(outcome.states)
