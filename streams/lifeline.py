"""Child processes that never outlive their parent, even one killed with SIGKILL.

The parent keeps the writing end of a pipe; the child watches the reading end
and leaves when it closes. The kernel closes it however the parent dies, so
this works on Linux and macOS alike.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

LIFELINE_FD = "HUSTINGS_LIFELINE_FD"
"""Environment variable with the number of the inherited pipe end."""

_GUARD = [sys.executable, "-m", "streams.lifeline"]
_TERM_GRACE_SECONDS = 10.0


class Child:
    """A child process in a session of its own, tied to this process's life.

    A terminal's Ctrl-C does not reach it: the parent stops its children in order.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdout: IO[bytes] | int | None = None,
        stderr: IO[bytes] | int | None = None,
        stdin: IO[bytes] | int | None = subprocess.DEVNULL,
        guarded: bool = False,
    ) -> None:
        """Start `command`.

        Args:
            command: program and arguments.
            env: the child's whole environment; none: ours.
            cwd: its working directory.
            stdout: as in `subprocess.Popen`.
            stderr: as in `subprocess.Popen`.
            stdin: as in `subprocess.Popen`; nothing by default.
            guarded: run under a small guard process, for programs that do not
                call `watch_parent` themselves (Java, Prometheus, Jetstream).

        Raises:
            OSError: the program cannot be started.
        """
        reading, self._writing = os.pipe()
        try:
            os.set_inheritable(reading, True)  # noqa: FBT003 - the standard library's own signature
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                [*_GUARD, *command] if guarded else list(command),
                env={**(os.environ if env is None else env), LIFELINE_FD: str(reading)},
                cwd=cwd,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=(reading,),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._writing)
            raise
        finally:
            os.close(reading)

    @property
    def pid(self) -> int:
        """Process id; of the guard when guarded."""
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, or None while it runs."""
        return self.process.poll()

    def kill(self) -> None:
        """Kill it and what it guards at once, as a crash would."""
        self._signal_session(signal.SIGKILL)

    def stop(self, *, grace_seconds: float = _TERM_GRACE_SECONDS) -> int:
        """Ask it to stop, wait, kill what is left; return the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        status = self.process.wait()
        # Nothing of its session may stay behind: a port still held would fail the next start.
        self._signal_session(signal.SIGKILL)
        self.close()
        return status

    def close(self) -> None:
        """Let go of the lifeline; the child, if it still runs, stops."""
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1

    def _signal_session(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            return


def watch_parent(on_death: Callable[[], None] | None = None) -> None:
    """Leave when the parent dies; does nothing without an inherited lifeline.

    Args:
        on_death: called in a thread when the parent is gone; by default the
            process gets SIGTERM and, ten seconds later, is ended.
    """
    number = os.environ.pop(LIFELINE_FD, None)
    if number is None:
        return
    fd = int(number)
    os.set_inheritable(fd, False)  # noqa: FBT003 - the standard library's own signature

    def wait() -> None:
        while os.read(fd, 1):
            pass
        if on_death is not None:
            on_death()
            return
        timer = threading.Timer(_TERM_GRACE_SECONDS, os._exit, args=(70,))
        timer.daemon = True
        timer.start()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def stop_on_signals() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on; call it in the main thread."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _guard(command: list[str]) -> int:
    """Run a program that knows nothing of lifelines and stop it with our parent."""
    child = subprocess.Popen(command)  # noqa: S603 - what our parent asked for
    parent_gone = threading.Event()

    def forward(number: int, _frame: object) -> None:
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forward)

    def on_death() -> None:
        parent_gone.set()
        child.terminate()
        try:
            child.wait(_TERM_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()

    watch_parent(on_death)
    status = child.wait()
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    sys.exit(_guard(sys.argv[1:]))
