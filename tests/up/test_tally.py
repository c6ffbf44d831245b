"""The figures of a run."""

from datetime import UTC, datetime

from streams.schema import Cursor, DeadLetter, Fault, Op
from streams.up.tally import Tally
from tests import builders as build


def label_events(*posts):
    state, events = {}, []
    for post in posts:
        step = build.step(state.get(post.post_id), post)
        state[post.post_id] = step.state
        events.extend(step.events)
    return events


def cursor(posts, dead_letters=0, *, finished=True):
    return Cursor(
        connector_id="up",
        position={},
        posts=posts,
        dead_letters=dead_letters,
        finished=finished,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def letter(place, origin="worker"):
    return DeadLetter.of(
        origin=origin,
        place=place,
        fault=Fault.NOT_JSON,
        detail="",
        original=b"",
        happened_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_posts_are_decided_or_dead_letters():
    tally = Tally()
    tally.on_cursor(cursor(10, 3), now=100.0)
    for place in ("posts[0]@1", "posts[0]@1", "posts[0]@2"):
        tally.on_dead_letter(letter(place))
    tally.on_dead_letter(letter("file:3", origin="replay"))
    tally.on_lag(0, now=102.0)
    summary = tally.summary(now=999.0)
    assert (summary.posts, summary.decided, summary.dead_letters) == (13, 8, 5)
    assert summary.posts == summary.decided + summary.dead_letters
    assert summary.posts_per_second == 13 / 2


def test_a_repeated_event_counts_once_and_a_retraction_takes_the_label_away():
    first, retraction = label_events(
        build.post("p1"), build.post("p1", op=Op.DELETE, version="2", text="")
    )
    other = label_events(build.post("p2"))[0]
    tally = Tally()
    for event in (first, first, other, retraction):
        tally.on_event(event, event.post_received_at.timestamp() + 0.5, 0)
    assert tally.labels_by_kind()["disputed-claim"] == 1
    assert tally.quantile(0.99) == 0.5
    assert len(tally.newest) == 3


def test_a_run_is_done_only_when_the_source_is_and_the_lag_is_gone():
    tally = Tally()
    tally.on_lag(0, now=1.0)
    assert not tally.done
    tally.on_cursor(cursor(5), now=2.0)
    tally.on_lag(3, now=3.0)
    assert not tally.done
    tally.on_lag(0, now=4.0)
    assert not tally.done, "the lag may be from before the last posts"
    tally.on_source_end()
    tally.on_lag(0, now=5.0)
    assert tally.done
    assert tally.done_at == 4.0


def test_what_an_earlier_run_left_finished_does_not_end_this_one():
    tally = Tally()
    tally.on_cursor(cursor(5), now=1.0)
    tally.on_lag(0, now=2.0)
    assert not tally.done
    tally.on_lag(7, now=3.0)
    tally.on_source_end()
    assert not tally.done
    tally.on_lag(0, now=9.0)
    assert tally.done
    assert tally.done_at == 9.0


def test_a_run_without_labels_has_no_latency():
    assert Tally().summary(now=1.0).to_dict()["time_to_label_p99_seconds"] is None
