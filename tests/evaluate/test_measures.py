"""Expected values were computed once with scikit-learn 1.x, SciPy and a plain bootstrap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluate.curve import precision_recall, thin
from streams.evaluate.measures import Counts, score, wilson
from streams.evaluate.ranking import average_precision_at, retrieval, success_at

TRUTH = [bool(one) for one in (1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1)]
SCORES = [0.9, 0.8, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.4, 0.3, 0.2, 0.1]
COUNTS = st.builds(Counts, *[st.integers(0, 300)] * 4)


def test_counts_agree_with_the_oracle():
    counts = Counts.of((is_, said >= 0.5) for is_, said in zip(TRUTH, SCORES, strict=True))
    assert counts.precision == pytest.approx(0.5714285714285714)
    assert counts.recall == pytest.approx(0.6666666666666666)
    assert counts.f1 == pytest.approx(0.6153846153846154)
    assert (counts.posts, counts.positives) == (12, 6)


def test_what_nothing_was_counted_for_has_no_value():
    empty = score(Counts(), seed=1)
    assert (empty.precision, empty.recall, empty.f1) == (None, None, None)
    quiet = score(Counts(passes=9), seed=1)
    assert (quiet.precision, quiet.recall, quiet.f1) == (None, None, None)
    missed = score(Counts(misses=3, passes=9), seed=1)
    assert missed.precision is None
    assert missed.recall is not None
    assert missed.recall.value == 0


def test_the_interval_agrees_with_a_bootstrap_over_the_posts_themselves():
    found = score(Counts(30, 10, 15, 145), seed=5, resamples=20_000).f1
    assert found is not None
    assert found.value == pytest.approx(0.7058823529411765)
    assert found.low == pytest.approx(0.58333333, abs=0.01)
    assert found.high == pytest.approx(0.80851064, abs=0.01)


@given(COUNTS, st.integers(0, 2**32))
def test_intervals_hold_the_value_and_repeat_with_the_seed(counts, seed):
    first = score(counts, seed=seed, resamples=50)
    assert first == score(counts, seed=seed, resamples=50)
    for one in (first.precision, first.recall, first.f1):
        assert one is None or 0 <= one.low <= one.value <= one.high <= 1


@given(st.builds(Counts, *[st.integers(1, 40)] * 4))
def test_more_posts_of_the_same_kind_narrow_the_interval(counts):
    many = Counts(*(25 * n for n in (counts.hits, counts.false_alarms, counts.misses, 1)))
    few = Counts(counts.hits, counts.false_alarms, counts.misses, 1)
    wide, narrow = (score(one, seed=7).recall for one in (few, many))
    assert wide is not None
    assert narrow is not None
    assert narrow.high - narrow.low < wide.high - wide.low + 1e-9


def test_a_detector_without_a_fault_has_an_interval_of_no_width():
    perfect = score(Counts(hits=8, passes=20), seed=3)
    for one in (perfect.precision, perfect.recall, perfect.f1):
        assert one is not None
        assert (one.low, one.value, one.high) == (1, 1, 1)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (3, 20, 0.05236874589621662, 0.3604188647407569),
        (0, 100, 0.0, 0.03699349820698568),
        (7, 7, 0.6456695649333126, 1.0),
    ],
)
def test_wilson_agrees_with_the_oracle(part, whole, low, high):
    found = wilson(part, whole)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert wilson(0, 0) is None


def test_the_curve_agrees_with_the_oracle():
    curve = precision_recall(TRUTH, SCORES)
    assert curve is not None
    assert curve.average_precision == pytest.approx(0.673941798941799)
    assert len(curve.points) == 10
    at = {point.threshold: point for point in curve.points}
    assert (at[0.8].precision, at[0.8].recall) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert (at[0.4].precision, at[0.4].recall) == (pytest.approx(5 / 9), pytest.approx(5 / 6))
    assert curve.best().threshold == 0.4
    assert precision_recall([False], [0.3]) is None


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.9])), min_size=1))
def test_the_curve_agrees_with_counting_at_each_threshold(pairs):
    curve = precision_recall([is_ for is_, _ in pairs], [value for _, value in pairs])
    for point in curve.points if curve else ():
        counts = Counts.of((is_, value >= point.threshold) for is_, value in pairs)
        assert counts.precision == pytest.approx(point.precision)
        assert counts.recall == pytest.approx(point.recall)


def test_a_thinned_curve_keeps_both_ends():
    curve = precision_recall([True, False] * 500, [at / 1000 for at in range(1000)])
    assert curve is not None
    few = thin(curve.points, 10)
    assert len(few) == 10
    assert (few[0], few[-1]) == (curve.points[0], curve.points[-1])


def test_average_precision_at_5_by_hand():
    assert average_precision_at(["a", "x", "b"], {"a", "b"}, 5) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision_at(["x", "a"], {"a"}, 5) == 0.5
    assert average_precision_at(["v", "w", "x", "y", "z", "a"], {"a"}, 5) == 0
    assert average_precision_at(["a"], {"a", "b"}, 1) == 1
    assert average_precision_at([], {"a"}, 5) == 0


def test_a_claim_named_twice_counts_once():
    assert average_precision_at(["a", "a", "a"], {"a", "b"}, 5) == 0.5
    assert success_at(["x"] * 20 + ["a"], {"a"}, 10)


def test_retrieval_counts_a_query_without_a_list_and_leaves_out_one_without_a_right_claim():
    found = retrieval({"1": ["a"]}, {"1": {"a"}, "2": {"b"}, "3": set()}, claims=9, seed=1)
    assert (found.queries, found.claims) == (2, 9)
    assert found.map_at_5 is not None
    assert found.map_at_5.value == 0.5
    assert found.success_at_10 is not None
    assert found.success_at_10.low <= 0.5 <= found.success_at_10.high
    assert retrieval({}, {}, claims=0, seed=1).map_at_5 is None
