"""Records of posts are what the contract says, however they are put together."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Encoder
from streams.schema import Cursor, DeadLetter, Fault, Post, cloudevent_headers, stable_id
from tests.builders import post

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(moments=st.lists(MOMENTS, min_size=1, max_size=4), post_id=st.text(min_size=1, max_size=9))
def test_headers_made_fast_are_those_of_the_contract(moments, post_id):
    encoder = Encoder("replay")
    for moment in moments * 2:
        sent = post(post_id, received_at=moment, created_at=None)
        record = encoder.post(sent)
        assert record.headers == cloudevent_headers(
            Post,
            event_id=stable_id(sent.post_id, sent.version, sent.op.value),
            source="/connectors/replay",
            time=moment,
        )
        assert record.key == post_id.encode()
        assert Post.from_json(record.value) == sent
        assert record.timestamp_ms == int(moment.timestamp() * 1000)


def test_dead_letters_and_cursors_are_keyed_by_their_ids():
    encoder = Encoder("replay")
    now = datetime(2026, 11, 4, tzinfo=UTC)
    letter = DeadLetter.of(
        origin="replay", place="f:1", fault=Fault.INVALID, detail="", original=b"", happened_at=now
    )
    assert encoder.dead_letter(letter).key == letter.dead_letter_id.encode()
    cursor = Cursor(connector_id="c", position={}, posts=1, dead_letters=0, updated_at=now)
    assert encoder.cursor(cursor).key == b"c"
    assert Cursor.from_json(encoder.cursor(cursor).value) == cursor
