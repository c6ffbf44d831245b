"""Starting N worker processes and starting them again with backoff when they leave."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from streams.lifeline import Child

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_POLL_SECONDS = 0.2


@dataclass(slots=True)
class _Seat:
    """One place in the group: its process now, or when it starts again."""

    instance: str
    env: Mapping[str, str]
    child: Child | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    quick_ends: int = 0
    restarts: int = 0


class Supervisor:
    """Keeps N label workers running; each has a fixed name in the consumer group."""

    def __init__(
        self,
        workers: int,
        *,
        env: Mapping[str, str] | None = None,
        instance_prefix: str = "label",
        first_metrics_port: int = 0,
        metrics_ports: Sequence[int] = (),
        stderr: IO[bytes] | None = None,
        command: tuple[str, ...] = (sys.executable, "-m", "streams.worker"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a supervisor; nothing runs yet.

        Args:
            workers: how many processes.
            env: settings for the workers, on top of this process's environment.
            instance_prefix: workers are called prefix-0, prefix-1 and so on.
            first_metrics_port: port of worker 0, counting up; 0: any free ports.
            metrics_ports: one for each worker instead, where they are not in a row.
            stderr: where the workers' logs go; none: where ours go.
            command: what is started; a seam for tests.
            clock: monotonic seconds.
        """
        ports = metrics_ports or [
            first_metrics_port + number if first_metrics_port else 0 for number in range(workers)
        ]
        self._command = command
        self._stderr = stderr
        self._clock = clock
        self.seats = [
            _Seat(
                instance=f"{instance_prefix}-{number}",
                env={
                    **os.environ,
                    **(env or {}),
                    "HUSTINGS_WORKER__INSTANCE": f"{instance_prefix}-{number}",
                    "HUSTINGS_WORKER__METRICS_PORT": str(port),
                },
            )
            for number, port in zip(range(workers), ports, strict=True)
        ]

    @property
    def restarts(self) -> int:
        """How often a worker was started again."""
        return sum(seat.restarts for seat in self.seats)

    def start(self) -> None:
        """Start all workers."""
        for seat in self.seats:
            self._start(seat)

    def tend(self) -> None:
        """Start again what has left and is due; call it a few times a second."""
        now = self._clock()
        for seat in self.seats:
            if seat.child is None:
                if now >= seat.start_at:
                    seat.restarts += 1
                    self._start(seat)
                continue
            status = seat.child.returncode
            if status is None:
                continue
            seat.child.stop()
            seat.child = None
            steady = now - seat.started_at > _STEADY_SECONDS
            seat.quick_ends = 0 if steady else seat.quick_ends + 1
            pause = (
                min(_FIRST_PAUSE_SECONDS * 2 ** (seat.quick_ends - 1), _LONGEST_PAUSE_SECONDS)
                if seat.quick_ends
                else 0.0
            )
            seat.start_at = now + pause
            log.warning(
                "worker_left", instance=seat.instance, status=status, again_in_seconds=pause
            )

    def run(self, stop: threading.Event) -> None:
        """Start the workers and tend them until `stop` is set, then stop them."""
        self.start()
        try:
            while not stop.wait(_POLL_SECONDS):
                self.tend()
        finally:
            self.stop()

    def stop(self, *, grace_seconds: float = 10.0) -> None:
        """Ask all workers to stop, all at once; kill what is left after the grace."""
        children = [seat.child for seat in self.seats if seat.child is not None]
        for child in children:
            if child.returncode is None:
                child.process.terminate()
        deadline = self._clock() + grace_seconds
        for child in children:
            child.stop(grace_seconds=max(deadline - self._clock(), 0.1))
        for seat in self.seats:
            seat.child = None

    def _start(self, seat: _Seat) -> None:
        # Faust prints a spinner; standard output belongs to whoever asked for a summary.
        seat.child = Child(
            self._command, env=seat.env, stdout=subprocess.DEVNULL, stderr=self._stderr
        )
        seat.started_at = self._clock()
        log.info("worker_process_started", instance=seat.instance, pid=seat.child.pid)
