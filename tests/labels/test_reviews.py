"""People outrank the detector, for the version of the post that they looked at."""

from datetime import timedelta

import pytest

from streams.detect.detection import NOTHING
from streams.labels.life import advance_review, advance_rules
from streams.schema import (
    Action,
    Actor,
    ClaimStatus,
    Decision,
    KindPolicy,
    LabelKind,
    Mode,
    Op,
    Policy,
    Reason,
    Thresholds,
)
from tests import builders as build

LATER = build.AT + timedelta(minutes=5)


def labelled():
    return build.step(None, build.post()).state


def reviewed(state, decision, **fields):
    step = advance_review(state, build.review(state.labels[0], decision, **fields), build.basis())
    return step.state, step.events


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (Decision.REJECT, Reason.REVIEW_REJECTED),
        (Decision.APPEAL_UPHELD, Reason.APPEAL_UPHELD),
    ],
)
def test_a_rejected_label_goes_and_the_detector_does_not_bring_it_back(decision, reason):
    first = labelled()
    state, (event,) = reviewed(first, decision)
    assert (event.action, event.reason, event.actor) == (Action.RETRACT, reason, Actor.REVIEWER)
    assert event.note == "it says something else"
    assert event.review_id == state.rulings[0].review_id
    assert build.step(state, build.post()).events == ()
    assert advance_rules(state, build.basis(policy=Policy(version=2))).events == ()


def test_an_edit_is_decided_without_what_people_said_of_the_version_before():
    state, _ = reviewed(labelled(), Decision.REJECT)
    step = build.step(state, build.post(op=Op.UPDATE, version="2"))
    assert [event.action for event in step.events] == [Action.APPLY]
    assert step.state.rulings == ()


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (Decision.CONFIRM, Reason.REVIEW_CONFIRMED),
        (Decision.APPEAL_REFUSED, Reason.APPEAL_REFUSED),
    ],
)
def test_a_confirmed_label_stands_when_the_detector_no_longer_reads_it(decision, reason):
    state, (event,) = reviewed(labelled(), decision)
    assert (event.action, event.reason) == (Action.UPDATE, reason)
    assert event.label.carried_by == (Actor.DETECTOR, Actor.REVIEWER)
    anew = build.step(state, build.post(), NOTHING)
    (event,) = anew.events
    assert (event.action, event.label.carried_by) == (Action.UPDATE, (Actor.REVIEWER,))
    strict = Policy(version=2, thresholds=Thresholds(match=0.99))
    assert advance_rules(anew.state, build.basis(policy=strict)).events == ()
    _, (last,) = reviewed(anew.state, Decision.APPEAL_UPHELD, at=LATER)
    assert (last.action, last.reason) == (Action.RETRACT, Reason.APPEAL_UPHELD)


def test_a_withdrawn_claim_takes_confirmed_labels_too():
    state, _ = reviewed(labelled(), Decision.CONFIRM)
    gone = build.claim(status=ClaimStatus.WITHDRAWN, version=2)
    (event,) = advance_rules(state, build.basis(claims=(gone,))).events
    assert (event.action, event.reason) == (Action.RETRACT, Reason.CLAIM_WITHDRAWN)


def test_a_confirmation_makes_a_label_public_that_waited_for_it():
    first = Policy(version=2, labels={LabelKind.DISPUTED_CLAIM: KindPolicy(mode=Mode.REVIEW)})
    on = build.basis(policy=first)
    state = build.step(None, build.post(), on=on).state
    assert state.labels[0].mode is Mode.REVIEW
    review = build.review(state.labels[0], Decision.CONFIRM)
    (event,) = advance_review(state, review, on).events
    assert (event.reason, event.label.mode) == (Reason.REVIEW_CONFIRMED, Mode.LIVE)


def test_what_the_policy_shows_to_nobody_stays_hidden_when_it_is_confirmed():
    shadow = Policy(version=2, labels={LabelKind.DISPUTED_CLAIM: KindPolicy(mode=Mode.SHADOW)})
    on = build.basis(policy=shadow)
    state = build.step(None, build.post(), on=on).state
    review = build.review(state.labels[0], Decision.CONFIRM)
    assert advance_review(state, review, on).state.labels[0].mode is Mode.SHADOW


def test_the_newest_review_counts_in_whatever_order_they_arrive():
    label = labelled().labels[0]
    refused = build.review(label, Decision.APPEAL_REFUSED, at=LATER)
    rejected = build.review(label, Decision.REJECT)
    for order in ((refused, rejected), (rejected, refused)):
        state = labelled()
        for review in order:
            state = advance_review(state, review, build.basis()).state or state
        assert [one.carried_by for one in state.labels] == [(Actor.DETECTOR, Actor.REVIEWER)]


def test_a_review_is_folded_once():
    state, _ = reviewed(labelled(), Decision.REJECT)
    again = advance_review(state, build.review(labelled().labels[0]), build.basis())
    assert again.stale
    assert again.state is None


def test_a_review_that_comes_before_its_post_waits_for_it():
    review = build.review(labelled().labels[0])
    early = advance_review(None, review, build.basis())
    assert early.events == ()
    assert build.step(early.state, build.post()).events == ()


def test_a_review_of_a_version_to_come_leaves_the_present_one_alone():
    state = labelled()
    review = build.review(state.labels[0], post_version="2")
    early = advance_review(state, review, build.basis())
    assert early.events == ()
    assert [label.post_version for label in early.state.labels] == ["1"]
    edited = build.step(early.state, build.post(op=Op.UPDATE, version="2"))
    assert [(event.action, event.reason) for event in edited.events] == [
        (Action.RETRACT, Reason.REVIEW_REJECTED)
    ]


def test_the_name_of_the_reviewer_stays_in_the_reviews():
    label = labelled().labels[0]
    review = build.review(label, reviewer="Somebody by name")
    step = advance_review(labelled(), review, build.basis())
    assert b"Somebody" not in step.state.to_json() + step.events[0].to_json()
