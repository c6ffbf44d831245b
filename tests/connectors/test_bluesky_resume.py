import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bluesky_resume import (
    KEPT_AT_LEAST,
    KEPT_US,
    MAX_DIGESTS,
    OVERLAP_US,
    ResumePoint,
    Sight,
    resume_cursor,
)
from connectors.errors import Fatal

NOW = 1_779_719_009_000_000
HOST = "jetstream.example"
HOUR = 3_600_000_000


def passes(point, time_us, name, now=NOW):
    """Feed one event as the source does; return whether it is passed on."""
    if point.see(time_us, now) is Sight.REPEATED:
        return False
    return point.admit(str(name).encode()) is Sight.NEW


def after(point):
    """Return what a killed process leaves to its successor."""
    return ResumePoint.of(json.loads(json.dumps(point.position(HOST))), HOST)


@given(
    st.lists(st.integers(0, 200_000), min_size=1, max_size=120),
    st.lists(st.integers(0, 119), max_size=6),
    st.integers(-3_000, 0),
)
def test_nothing_is_lost_or_doubled_over_any_breaks(steps, breaks, jitter):
    log, now = [], NOW
    for number, step in enumerate(steps):
        now += step
        log.append((now + (jitter if number % 3 == 0 else 0), number))
    point, got = ResumePoint(), []
    at, cursor = 0, None
    for stop in [*sorted(breaks), len(log)]:
        point.connected(cursor)
        for time_us, name in log[at:stop]:
            if passes(point, time_us, name, now):
                got.append(name)
        point = after(point)
        if point.newest is None:
            continue
        cursor = resume_cursor(point.newest)
        at = next(i for i, (time_us, _) in enumerate(log) if time_us >= cursor)
    assert got == list(range(len(log)))
    assert point.gaps == 0


def test_the_cursor_never_falls_and_lies_before_the_newest():
    point = ResumePoint()
    for time_us in (NOW, NOW - 500, NOW - HOUR, NOW + 5):
        before = point.newest or 0
        passes(point, time_us, time_us)
        assert (point.newest or 0) >= before
    assert point.newest == NOW + 5
    assert resume_cursor(point.newest) == NOW + 5 - OVERLAP_US
    assert resume_cursor(None) is None


def test_a_server_that_rewinds_to_the_start_of_its_file_repeats_nothing():
    point = ResumePoint()
    passes(point, NOW, "newest")
    point = after(point)
    point.connected(resume_cursor(point.newest))
    rewound = [(NOW - HOUR + n * 1_000_000, f"old {n}") for n in range(3_590)]
    assert not any(passes(point, time_us, name) for time_us, name in rewound)
    assert not passes(point, NOW, "newest")
    assert passes(point, NOW + 1, "next")
    assert point.gaps == 0


def test_a_late_event_after_the_overlap_is_new_however_old_its_time():
    point = ResumePoint()
    passes(point, NOW, "a")
    point.connected(resume_cursor(NOW))
    assert not passes(point, NOW, "a")
    assert passes(point, NOW - HOUR, "late")
    assert not passes(point, NOW - HOUR, "late")


def test_a_stream_that_goes_on_later_than_asked_is_a_gap():
    point = ResumePoint()
    passes(point, NOW, "a")
    point = after(point)
    point.connected(resume_cursor(point.newest))
    assert passes(point, NOW + HOUR, "much later", NOW + HOUR)
    assert point.gaps == 1


def test_another_host_stamps_its_own_times_and_is_no_gap():
    point = ResumePoint()
    passes(point, NOW, "a")
    other = ResumePoint.of(point.position(HOST), "other.example")
    other.connected(resume_cursor(other.newest))
    assert passes(other, NOW + 1, "b")
    assert not passes(other, NOW + 1, "a")
    assert other.gaps == 0


@pytest.mark.parametrize("time_us", [None, 1, 42, NOW + 2 * HOUR, 10**18])
def test_a_time_that_cannot_be_believed_does_not_move_the_cursor(time_us):
    point = ResumePoint()
    passes(point, NOW, "a")
    assert passes(point, time_us, "b")
    assert point.newest == NOW


def test_what_a_crashed_server_stamps_anew_after_a_long_break_is_known():
    point = ResumePoint()
    for n in range(500):
        passes(point, NOW + n, n)
    point.connected(resume_cursor(point.newest))
    later = NOW + HOUR
    assert not any(passes(point, later + n, n, later) for n in range(500))
    assert passes(point, later + 500, 500, later)
    assert point.gaps == 0


def test_digests_are_bounded_and_what_is_forgotten_early_is_counted():
    point = ResumePoint()
    for n in range(MAX_DIGESTS + 10):
        passes(point, NOW + n, n)
    assert point.forgotten == 10
    assert not passes(point, NOW, 10)
    assert passes(point, NOW, 9)
    for n in range(MAX_DIGESTS):
        passes(point, NOW + KEPT_US * (n + 2), f"slow {n}", NOW + KEPT_US * (n + 2))
    assert len(point._digests) <= KEPT_AT_LEAST
    assert len(json.dumps(point.position(HOST))) < 200


def test_the_position_of_a_usual_stream_is_small():
    point = ResumePoint()
    for n in range(4_000):
        passes(point, NOW + n * 25_000, n, NOW + HOUR)
    assert len(json.dumps(point.position(HOST))) < 7_000


@pytest.mark.parametrize(
    "position",
    [
        {"time_us": "x"},
        {"time_us": True},
        {"time_us": 7},
        {"time_us": 10**17},
        {"time_us": NOW, "recent": 7},
        {"time_us": NOW, "recent": "not base64"},
        {"time_us": NOW, "recent": "AAAA"},
    ],
)
def test_a_position_of_something_else_is_refused_with_the_remedy(position):
    with pytest.raises(Fatal, match="delete the cursor"):
        ResumePoint.of(position, HOST)


def test_before_the_first_event_a_position_says_live():
    assert after(ResumePoint()).newest is None
