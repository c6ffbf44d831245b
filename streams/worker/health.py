"""The watchdog: is the loop alive, do positions and commits move while there is lag?

Faust's own alarms compare two different clocks and cannot fire. Pure but for
the clock that is passed in, so that each rule is tested on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.telemetry import Health

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOOP_SILENCE_SECONDS = 30.0
"""The event loop stamps every second; after this silence it is taken for blocked."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one partition stands."""

    position: int
    """Next record to be read."""
    committed: int
    """Next record after a restart."""
    end: int
    """Behind the newest record."""


class Watchdog:
    """Collects signs of life; asked by the probes from another thread."""

    def __init__(self, *, stuck_seconds: float, clock: Callable[[], float]) -> None:
        """Make a watchdog that has seen nothing yet.

        Args:
            stuck_seconds: how long a partition may have lag without progress.
            clock: monotonic seconds.
        """
        self._stuck_seconds = stuck_seconds
        self._clock = clock
        self._beat_at = clock()
        self._moved: dict[int, tuple[Progress, float, float]] = {}
        self._waiting_for: tuple[str, ...] = ("starting",)

    def beat(self) -> None:
        """Note that the event loop is alive."""
        self._beat_at = self._clock()

    def wait_for(self, *reasons: str) -> None:
        """Say what readiness waits for; nothing: ready."""
        self._waiting_for = reasons

    def observe(self, progress: Mapping[int, Progress]) -> None:
        """Take the newest standing of all assigned partitions."""
        now = self._clock()
        moved: dict[int, tuple[Progress, float, float]] = {}
        for partition, new in progress.items():
            old, read_at, committed_at = self._moved.get(partition, (new, now, now))
            if new.position != old.position or new.position >= new.end:
                read_at = now
            if new.committed != old.committed or new.committed >= new.end:
                committed_at = now
            moved[partition] = (new, read_at, committed_at)
        self._moved = moved

    @property
    def lag(self) -> dict[int, int]:
        """Records behind the committed offset, by partition."""
        return {
            partition: max(progress.end - progress.committed, 0)
            for partition, (progress, _read, _committed) in self._moved.items()
        }

    @property
    def commit_age_seconds(self) -> float:
        """How long the worst partition has had lag without a commit; 0 without lag."""
        now = self._clock()
        return max(
            (
                now - committed_at
                for progress, _read, committed_at in self._moved.values()
                if progress.committed < progress.end
            ),
            default=0.0,
        )

    def live(self) -> Health:
        """Return whether to go on; not ok asks for a restart."""
        now = self._clock()
        reasons = []
        silence = now - self._beat_at
        if silence > LOOP_SILENCE_SECONDS:
            reasons.append(f"the event loop has been blocked for {silence:.0f} s")
        for partition, (_progress, read_at, committed_at) in sorted(self._moved.items()):
            if now - read_at > self._stuck_seconds:
                reasons.append(
                    f"partition {partition}: lag, and nothing read for {now - read_at:.0f} s"
                )
            elif now - committed_at > self._stuck_seconds:
                reasons.append(
                    f"partition {partition}: lag, and no commit for {now - committed_at:.0f} s"
                )
        return Health(ok=not reasons, reasons=tuple(reasons))

    def ready(self) -> Health:
        """Return whether posts are being decided."""
        live = self.live()
        waiting = tuple(f"waiting for {reason}" for reason in self._waiting_for)
        return Health(ok=live.ok and not waiting, reasons=(*live.reasons, *waiting))
