"""What happens to a post in, label events and state out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.detection import NOTHING
from streams.labels.life import fold
from streams.schema import Action, Actor, Op, Reason
from tests import builders as build


def step(current, post, *, claims=True, on=None):
    return build.step(current, post, None if claims else NOTHING, on)


def test_a_claim_is_labelled_once():
    first = step(None, build.post())
    assert [event.action for event in first.events] == [Action.APPLY]
    assert first.state.labels == (first.events[0].label,)
    again = step(first.state, build.post())
    assert again.events == ()
    assert again.state is None


def test_a_post_without_claims_leaves_no_trace():
    nothing = step(None, build.post(), claims=False)
    assert nothing.events == ()
    assert nothing.state is None


def test_an_edit_that_drops_the_claim_retracts_with_that_reason():
    state = step(None, build.post()).state
    edited = step(state, build.post(op=Op.UPDATE, version="2"), claims=False)
    (event,) = edited.events
    assert (event.action, event.reason, event.actor) == (
        Action.RETRACT,
        Reason.POST_EDITED,
        Actor.AUTHOR,
    )
    assert event.supersedes == state.labels[0].event_id
    assert edited.state.labels == ()


def test_an_edit_that_keeps_the_claim_moves_the_label_to_the_new_version():
    state = step(None, build.post()).state
    edited = step(state, build.post(op=Op.UPDATE, version="2"))
    (event,) = edited.events
    assert event.action is Action.UPDATE
    assert event.label.post_version == "2"
    assert event.label.label_id == state.labels[0].label_id


def test_a_delete_retracts_and_nothing_older_comes_back():
    state = step(None, build.post()).state
    deleted = step(state, build.post(op=Op.DELETE, version="3", text=""), claims=False)
    assert [event.reason for event in deleted.events] == [Reason.POST_DELETED]
    late = step(deleted.state, build.post(version="2"))
    assert late.stale
    assert late.events == ()


def test_the_same_inputs_give_the_same_bytes():
    assert step(None, build.post()).events[0].to_json() == (
        step(None, build.post()).events[0].to_json()
    )


def test_a_version_that_is_decided_anew_says_so():
    state = step(None, build.post()).state
    (event,) = step(state, build.post(), claims=False).events
    assert (event.reason, event.actor) == (Reason.RULES_CHANGED, Actor.DETECTOR)


def test_a_create_that_comes_again_behind_its_deletion_is_stale():
    state = step(None, build.post()).state
    gone = step(state, build.post(op=Op.DELETE, text=""), claims=False)
    assert step(gone.state, build.post()).stale


def test_another_rule_set_gives_another_id():
    one = step(None, build.post()).events[0]
    other = step(None, build.post(), on=build.basis(rule_set="r2")).events[0]
    assert one.event_id != other.event_id


versions = st.lists(
    st.tuples(st.sampled_from([Op.CREATE, Op.UPDATE, Op.DELETE]), st.booleans()),
    min_size=1,
    max_size=8,
)


def _posts(script):
    for number, (op, claims) in enumerate(script):
        post = build.post(op=op, version=f"{number:03d}", text="" if op is Op.DELETE else "x")
        yield post, claims and op is not Op.DELETE


@given(versions)
def test_folding_the_events_gives_the_state(script):
    state, folded = None, {}
    for post, claims in _posts(script):
        change = step(state, post, claims=claims)
        state = change.state or state
        for event in change.events:
            fold(folded, event)
    expected = {label.label_id: label for label in state.labels} if state else {}
    assert folded.get("p1", {}) == expected


@given(versions, st.integers(0, 7), st.integers(0, 7))
def test_replays_from_any_crash_converge_without_a_second_content_for_an_id(
    script, crash_at, from_version
):
    """A crash loses what was not written yet and repeats from an older offset."""
    posts = list(_posts(script))
    crash_at, from_version = crash_at % len(posts), from_version % len(posts)
    first, clean = None, {}
    contents, log = {}, []

    def handle(state, post, claims):
        change = step(state, post, claims=claims)
        for event in change.events:
            assert contents.setdefault(event.event_id, event.to_json()) == event.to_json()
            log.append(event)
        return change.state or state

    for post, claims in posts:
        first = handle(first, post, claims)
    for event in log:
        fold(clean, event)

    log.clear()
    written = None
    for number, (post, claims) in enumerate(posts[: crash_at + 1]):
        after = handle(written, post, claims)
        if number < crash_at:
            written = after  # the last one's events are out, its state is not
    for post, claims in posts[min(from_version, crash_at) :]:
        written = handle(written, post, claims)
    again = {}
    for event in log:
        fold(again, event)
    assert again == clean
    assert (written.labels if written else ()) == (first.labels if first else ())


@pytest.mark.parametrize("op", [Op.CREATE, Op.UPDATE])
def test_two_contents_never_share_an_id(op):
    texts = {step(None, build.post(post_id, op=op)).events[0].event_id for post_id in "abcdefgh"}
    assert len(texts) == 8
