"""From a person's decision to a review of one label."""

from datetime import timedelta

import pytest

from streams.labels.life import advance_review
from streams.reviews.desk import make_review, reviewable
from streams.reviews.errors import ReviewError
from streams.schema import ClaimType, Decision, KindPolicy, LabelKind, Mode, Op, Policy
from tests import builders as build

TWO = build.detection(matches=(build.match(),), types=(ClaimType.DATES,), jurisdictions=("ZZ",))


def labelled(found=None, **rules):
    return build.step(None, build.post(), found, build.basis(**rules)).state


def decide(state, decision=Decision.REJECT, *, at=build.AT, only=None, reason="because"):
    return make_review(state, decision, "r", reason, at, only)


def test_the_only_label_needs_no_name():
    state = labelled()
    review = decide(state)
    assert (review.label_id, review.post_version) == (state.labels[0].label_id, "1")


def test_of_several_one_has_to_be_named_by_the_beginning_of_its_id():
    state = labelled(TWO)
    with pytest.raises(ReviewError, match=r"name one with --label: .*zz-dead-voters.*ZZ"):
        decide(state)
    one = reviewable(state)[0]
    assert decide(state, only=one.label_id[:10]).label_id == one.label_id


def test_a_label_that_was_rejected_can_be_confirmed_again():
    state = labelled()
    rejected = advance_review(state, decide(state), build.basis()).state
    assert rejected.labels == ()
    again = advance_review(rejected, decide(rejected, Decision.CONFIRM), build.basis())
    assert [label.label_id for label in again.state.labels] == [state.labels[0].label_id]


def test_a_clock_that_runs_behind_does_not_make_a_decision_the_older_one():
    state = labelled()
    rejected = advance_review(state, decide(state), build.basis()).state
    behind = decide(rejected, Decision.CONFIRM, at=build.AT - timedelta(days=1))
    assert behind.made_at > rejected.rulings[0].made_at
    assert not advance_review(rejected, behind, build.basis()).stale


def test_a_deleted_post_has_nothing_to_review():
    state = build.step(labelled(), build.post(op=Op.DELETE, version="2", text="")).state
    with pytest.raises(ReviewError, match="none left"):
        decide(state)


def test_what_waits_is_told():
    first = Policy(labels={LabelKind.DISPUTED_CLAIM: KindPolicy(mode=Mode.REVIEW)})
    assert [one.waits for one in reviewable(labelled(policy=first))] == [True]
    assert [one.waits for one in reviewable(labelled())] == [False]


def test_a_reason_is_needed():
    with pytest.raises(ReviewError, match="reason"):
        decide(labelled(), reason="")
