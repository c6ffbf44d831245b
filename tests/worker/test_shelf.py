"""The label states of a partition: what is put in comes out, and is found by what it cites."""

import sys
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from streams.schema import KindPolicy, LabelKind, Policy, PostLabels
from streams.worker.shelf import LabelShelf
from streams.worker.state import PartitionState
from tests import builders as build


def labelled(post_id="p1", **rules):
    return build.step(None, build.post(post_id), on=build.basis(**rules)).state


@given(st.text(min_size=1, max_size=50), st.text(max_size=200))
def test_what_is_put_in_comes_out(post_id, note):
    state = labelled().model_copy(update={"post_id": post_id, "author": note})
    shelf = LabelShelf()
    shelf.put(state)
    assert shelf.get(post_id) == state
    assert (post_id in shelf, len(shelf), list(shelf)) == (True, 1, [post_id])
    shelf.drop(post_id)
    assert shelf.get(post_id) is None


def test_posts_are_found_by_the_claim_that_they_cite():
    shelf = LabelShelf()
    shelf.put(labelled("a"))
    shelf.put(labelled("b"))
    shelf.put(PostLabels(post_id="c", post_version="1", post_source="x"))
    assert shelf.citing({"zz-dead-voters"}) == ["a", "b"]
    assert shelf.citing({"ZZ", "other"}) == []
    shelf.drop("a")
    assert shelf.citing({"zz-dead-voters"}) == ["b"]


def test_a_state_takes_less_than_a_kilobyte():
    shelf = LabelShelf()
    for number in range(1_000):
        shelf.put(labelled(f"at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/{number}"))
    held = sum(sys.getsizeof(part) for item in shelf._packed.items() for part in item)
    assert held / 1_000 < 800


def test_labels_that_expire_are_told_once_and_when_it_is_time():
    policy = Policy(labels={LabelKind.DISPUTED_CLAIM: KindPolicy(expires_after_days=1)})
    part = PartitionState(0)
    part.write({"p1": labelled(policy=policy)})
    assert part.pop_expired(datetime(2026, 11, 5, 12, 59, tzinfo=UTC)) == []
    assert part.pop_expired(datetime(2026, 11, 5, 13, tzinfo=UTC)) == ["p1"]
    assert part.pop_expired(datetime(2026, 11, 6, tzinfo=UTC)) == []


def test_a_state_without_its_time_of_receipt_gets_that_of_its_record():
    old = labelled().model_copy(update={"post_received_at": None})
    part = PartitionState(0)
    part.keep(b"p1", old.to_json(), 1_700_000_000_000)
    assert part.labels["p1"].post_received_at == datetime.fromtimestamp(1_700_000_000, UTC)
    part.keep(b"p1", None, 0)
    assert "p1" not in part.labels


def test_what_cannot_be_read_is_passed_over():
    part = PartitionState(0)
    part.keep(b"p1", b"not json", 0)
    part.keep(None, b"{}", 0)
    assert len(part.labels) == 0
