"""Children end with their parent, however it ends."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from streams.lifeline import Child

SLEEP = [sys.executable, "-c", "import time; time.sleep(120)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal as s, time; s.signal(15, s.SIG_IGN); print('up', flush=True); time.sleep(99)",
]
PARENT = """
import sys, time
from streams.lifeline import Child
child = Child({command!r}, guarded={guarded})
print(child.pid, flush=True)
time.sleep(120)
"""
WATCHING = [
    sys.executable,
    "-c",
    "import time; from streams.lifeline import watch_parent; watch_parent(); time.sleep(120)",
]


def wait_gone(processes, seconds=30):
    _gone, alive = psutil.wait_procs(processes, timeout=seconds)
    assert alive == []


@pytest.mark.parametrize(("command", "guarded"), [(SLEEP, True), (WATCHING, False)])
def test_a_killed_parent_takes_its_child_along(command, guarded):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(command=command, guarded=guarded)],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.5)  # let it come up: the guard starts a process of its own
    family = [child, *child.children(recursive=True)]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_gone(family)


def test_stop_ends_a_child_that_ignores_being_asked():
    child = Child(STUBBORN, stdout=subprocess.PIPE)
    assert child.process.stdout.readline() == b"up\n"
    assert child.stop(grace_seconds=0.2) == -signal.SIGKILL
    child.process.stdout.close()


def test_a_guard_passes_signals_on_and_reports_the_status():
    child = Child([sys.executable, "-c", "raise SystemExit(7)"], guarded=True)
    assert child.process.wait(30) == 7
    child.close()


def test_ctrl_c_of_the_terminal_does_not_reach_children():
    child = Child(SLEEP)
    assert os.getpgid(child.pid) != os.getpgid(0)
    child.stop(grace_seconds=1)


def test_a_program_that_cannot_start_leaves_no_pipe_open():
    before = psutil.Process().num_fds()
    with pytest.raises(OSError, match="no-such-program"):
        Child(["/no-such-program"])
    assert psutil.Process().num_fds() == before
