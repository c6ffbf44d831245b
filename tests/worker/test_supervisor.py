"""Workers that leave are started again with backoff, and none is left behind."""

import sys
import time

from streams.worker.supervisor import Supervisor

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
QUITTER = (sys.executable, "-c", "raise SystemExit(75)")


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_each_worker_has_its_own_name_in_the_group():
    supervisor = Supervisor(3, command=SLEEPER, first_metrics_port=9300)
    names = [seat.env["HUSTINGS_WORKER__INSTANCE"] for seat in supervisor.seats]
    ports = [seat.env["HUSTINGS_WORKER__METRICS_PORT"] for seat in supervisor.seats]
    assert names == ["label-0", "label-1", "label-2"]
    assert ports == ["9300", "9301", "9302"]


def test_a_killed_worker_is_started_again():
    supervisor = Supervisor(1, command=SLEEPER)
    supervisor.start()
    try:
        first = supervisor.seats[0].child
        first.kill()

        def tended():
            supervisor.tend()
            return supervisor.restarts == 1

        wait_until(tended)
        assert supervisor.seats[0].child.pid != first.pid
    finally:
        supervisor.stop()


def test_the_pause_doubles_for_workers_that_leave_at_once():
    now = [0.0]
    supervisor = Supervisor(1, command=QUITTER, clock=lambda: now[0])
    supervisor.start()
    seat, pauses = supervisor.seats[0], []
    for _ in range(4):
        wait_until(lambda: seat.child.returncode is not None)
        supervisor.tend()
        pauses.append(seat.start_at - now[0])
        now[0] = seat.start_at
        supervisor.tend()
    supervisor.stop()
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_stop_leaves_none_behind():
    supervisor = Supervisor(2, command=SLEEPER)
    supervisor.start()
    children = [seat.child for seat in supervisor.seats]
    supervisor.stop(grace_seconds=5)
    assert all(child.returncode is not None for child in children)
