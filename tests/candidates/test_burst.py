"""The burst score: a surprise after the day before, in people."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.candidates.burst import DAY_BUCKETS, HOUR_BUCKETS, burst, last_day, surprise


@pytest.mark.parametrize(
    ("came", "expected"), [(1, 0.5), (3, 0.5), (7, 2.0), (40, 20.0), (100, 0.5)]
)
def test_the_surprise_is_that_of_the_poisson_tail(came, expected):
    below = sum(
        math.exp(-expected + n * math.log(expected) - math.lgamma(n + 1)) for n in range(came)
    )
    tail = 1 - below
    if tail > 1e-9:
        assert surprise(came, expected) == pytest.approx(-math.log10(tail), rel=1e-4)
    else:
        assert surprise(came, expected) > 9


@given(st.integers(0, 10_000), st.floats(0.5, 5_000))
def test_more_people_are_never_less_surprising(came, expected):
    assert 0 <= surprise(came, expected) <= surprise(came + 1, expected)


def test_a_steady_claim_is_no_burst_and_a_sudden_one_is():
    steady = dict.fromkeys(range(DAY_BUCKETS), 3)
    assert burst(steady, DAY_BUCKETS - 1) < 1
    sudden = {**steady, **{DAY_BUCKETS - 1 - n: 30 for n in range(HOUR_BUCKETS)}}
    assert burst(sudden, DAY_BUCKETS - 1) > 20


def test_a_burst_is_over_when_the_hour_is():
    assert burst({100: 20}, 100) > 10
    assert burst({100: 20}, 100 + HOUR_BUCKETS) == 0


def test_only_the_last_day_is_kept():
    assert last_day({0: 1, 1: 1, DAY_BUCKETS: 1}, DAY_BUCKETS) == {1: 1, DAY_BUCKETS: 1}
