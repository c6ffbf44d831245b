"""When a worker is taken for stuck, and when it is not."""

import pytest

from streams.worker.health import LOOP_SILENCE_SECONDS, Progress, Watchdog


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watchdog(clock):
    return Watchdog(stuck_seconds=120, clock=clock)


def after(clock, watchdog, seconds, **progress):
    clock.now += seconds
    watchdog.beat()
    watchdog.observe({0: Progress(**progress)})
    return watchdog.live()


def test_lag_without_reading_is_stuck(clock, watchdog):
    assert after(clock, watchdog, 0, position=10, committed=10, end=50).ok
    assert after(clock, watchdog, 119, position=10, committed=10, end=60).ok
    stuck = after(clock, watchdog, 2, position=10, committed=10, end=70)
    assert not stuck.ok
    assert "nothing read" in stuck.reasons[0]


def test_reading_without_committing_is_stuck(clock, watchdog):
    after(clock, watchdog, 0, position=10, committed=10, end=50)
    after(clock, watchdog, 60, position=20, committed=10, end=50)
    stuck = after(clock, watchdog, 61, position=30, committed=10, end=50)
    assert "no commit" in stuck.reasons[0]


def test_no_lag_is_never_stuck(clock, watchdog):
    after(clock, watchdog, 0, position=50, committed=50, end=50)
    assert after(clock, watchdog, 100_000, position=50, committed=50, end=50).ok


def test_a_partition_that_comes_back_starts_afresh(clock, watchdog):
    after(clock, watchdog, 0, position=10, committed=10, end=50)
    watchdog.observe({})
    assert after(clock, watchdog, 500, position=10, committed=10, end=50).ok


def test_a_silent_loop_is_stuck(clock, watchdog):
    watchdog.beat()
    clock.now += LOOP_SILENCE_SECONDS + 1
    assert "blocked" in watchdog.live().reasons[0]


def test_readiness_names_what_it_waits_for(watchdog):
    assert watchdog.ready().reasons == ("waiting for starting",)
    watchdog.wait_for("claims")
    assert not watchdog.ready().ok
    watchdog.wait_for()
    assert watchdog.ready().ok


def test_lag_counts_from_the_commit(clock, watchdog):
    after(clock, watchdog, 0, position=40, committed=10, end=50)
    assert watchdog.lag == {0: 40}
    clock.now += 7
    assert watchdog.commit_age_seconds == 7
