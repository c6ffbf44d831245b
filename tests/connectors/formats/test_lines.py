"""Every line becomes posts, dead letters or counted skips, whatever is in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.formats.lines import MAX_LINE_BYTES, MAX_POST_BYTES, parse_line
from connectors.formats.outcome import Bad, Context, Skipped
from streams.schema import Fault, Op, Post
from tests.builders import post

NOW = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)
CONTEXT = Context(NOW, "000000.000000000001")


def parse(value):
    line = value if isinstance(value, bytes) else json.dumps(value).encode()
    return parse_line(line, CONTEXT)


def one(value):
    (outcome,) = parse(value)
    return outcome


def fault_of(value):
    outcome = one(value)
    assert isinstance(outcome, Bad), outcome
    return outcome.fault


def test_our_short_form_keeps_all_that_it_says():
    found = one(
        {
            "id": "p1",
            "text": "wählt",
            "lang": "de",
            "created_at": "2026-11-04T12:30:00+01:00",
            "author": "a1",
            "reply_to": "p0",
            "url": "https://example.org/p1",
        }
    )
    assert found == Post(
        post_id="p1",
        op=Op.CREATE,
        version="000000.000000000001",
        source="replay",
        author_id="a1",
        text="wählt",
        languages=("de",),
        reply_to="p0",
        url="https://example.org/p1",
        created_at=datetime(2026, 11, 4, 11, 30, tzinfo=UTC),
        received_at=NOW,
    )


def test_whole_numbers_as_versions_sort_as_text():
    versions = [one({"id": "p", "text": "t", "version": n}).version for n in (9, 10, 1000)]
    assert versions == sorted(versions)
    assert one({"id": "p", "text": "t", "version": "r7"}).version == "r7"


def test_a_delete_needs_no_text():
    found = one({"id": "p1", "op": "delete"})
    assert (found.op, found.text) == (Op.DELETE, "")


def test_our_wire_form_is_received_now_and_may_be_without_text():
    sent = post("at://x/y/z", "", source="bluesky", received_at=NOW - timedelta(days=400),
                created_at=NOW - timedelta(days=400))  # fmt: skip
    assert one(sent.to_json()) == sent.model_copy(update={"received_at": NOW})


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (b"{broken", Fault.NOT_JSON),
        (b'{"id":"a","text":"b"', Fault.NOT_JSON),
        (b'{"id":"a","text":NaN}', Fault.NOT_JSON),
        (b'{"id":"a","text":"\xff"}', Fault.NOT_UTF8),
        (b"[" * 5000, Fault.TOO_DEEP),
        (b'{"id":"a","x":' + b"[" * 5000 + b"]" * 5000 + b"}", Fault.TOO_DEEP),
        (b'{"a":"\\ud800","x":' + b"[" * 5000 + b"]" * 5000 + b"}", Fault.TOO_DEEP),
        (b"[1,2]", Fault.UNKNOWN_FORMAT),
        (b'"text"', Fault.UNKNOWN_FORMAT),
        (b"null", Fault.UNKNOWN_FORMAT),
        ({}, Fault.UNKNOWN_FORMAT),
        ({"text": "no id"}, Fault.INVALID),
        ({"id": "", "text": "t"}, Fault.INVALID),
        ({"id": 1.5, "text": "t"}, Fault.INVALID),
        ({"id": True, "text": "t"}, Fault.INVALID),
        ({"id": ["x"], "text": "t"}, Fault.INVALID),
        ({"id": "i" * 600, "text": "t"}, Fault.INVALID),
        ({"id": "a", "text": 5}, Fault.INVALID),
        ({"id": "a", "text": "t", "op": "explode"}, Fault.INVALID),
        ({"id": "a", "text": "t", "op": {}}, Fault.INVALID),
        ({"id": "a", "text": "t", "version": -1}, Fault.INVALID),
        ({"id": "a", "text": "t", "version": []}, Fault.INVALID),
        ({"id": "a", "text": "t", "created_at": "yesterday"}, Fault.INVALID),
        ({"id": "a", "text": "t", "created_at": 5}, Fault.INVALID),
        ({"id": "a", "text": ""}, Fault.EMPTY_TEXT),
        ({"id": "a", "text": " \n"}, Fault.EMPTY_TEXT),
        ({"id": "a"}, Fault.EMPTY_TEXT),
        ({"id": "a", "op": "update"}, Fault.EMPTY_TEXT),
        ({"id": "a", "text": "x\0y"}, Fault.NUL_CHARACTER),
        ({"id": "a\0", "text": "x"}, Fault.NUL_CHARACTER),
        ({"id": "a", "text": "t", "created_at": "2026-11-06T00:00:00Z"}, Fault.FUTURE_DATE),
        ({"id": "a", "text": "x" * 100_001}, Fault.TOO_LARGE),
        ({"id": "a", "text": "t", "junk": "x" * MAX_POST_BYTES}, Fault.TOO_LARGE),
        (b" " * (MAX_LINE_BYTES + 1), Fault.TOO_LARGE),
        ({"post_id": "a", "text": "x\0y"}, Fault.NUL_CHARACTER),
        ({"post_id": "a", "text": "t"}, Fault.INVALID),
        ({"src": "x", "raw": 7}, Fault.INVALID),
        ({"src": "x", "raw": "{broken"}, Fault.NOT_JSON),
        ({"src": "x", "raw": {"src": "x", "raw": {}}}, Fault.UNKNOWN_FORMAT),
        ({"delete": 1}, Fault.INVALID),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(value, fault):
    assert fault_of(value) is fault


def test_a_wire_form_from_the_future_is_named_so():
    sent = post(created_at=NOW + timedelta(days=2), received_at=NOW + timedelta(days=2))
    assert fault_of(sent.to_json()) is Fault.FUTURE_DATE


def test_the_longest_text_that_is_looked_at_is_a_post():
    assert len(one({"id": "a", "text": "ü" * 100_000}).text) == 100_000


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    assert one(b'{"id":"a","text":"cut \\ud83d"}').text == "cut \ufffd"
    assert (
        one(b'{"id":"a","text":"whole \\ud83d\\ude00 cut \\ude00"}').text == "whole 😀 cut \ufffd"
    )


def test_a_byte_order_mark_is_no_part_of_the_line():
    assert one(b'\xef\xbb\xbf{"id":"a","text":"t"}').post_id == "a"


def test_details_tell_no_text():
    for value in ({"id": "a", "text": "SECRET\0"}, {"id": "a" * 600, "text": "SECRET"}):
        assert "SECRET" not in one(value).detail


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    (
        *("id", "id_str", "text", "full_text", "op", "version", "created_at", "lang", "author"),
        *("data", "includes", "users", "username", "delete", "status", "tweet", "user", "limit"),
        *("kind", "did", "commit", "operation", "record", "rkey", "rev", "collection", "errors"),
        *("raw", "src", "recv_us", "post_id", "received_at", "source", "__twarc", "author_id"),
        *("extended_tweet", "retweeted_status", "edit_history_tweet_ids", "note_tweet"),
        *("referenced_tweets", "in_reply_to_status_id_str"),
    )
)
LIKELY = st.recursive(
    JSON | st.sampled_from(["create", "delete", "commit", "app.bsky.feed.post", "RT @a: b", "\0"]),
    lambda inner: st.dictionaries(NAMES, inner, max_size=6) | st.lists(inner, max_size=3),
    max_leaves=20,
)


@given(line=st.binary(max_size=200))
def test_any_bytes_are_accounted_for(line):
    outcomes = parse_line(line, CONTEXT)
    assert outcomes
    assert all(isinstance(outcome, Post | Bad | Skipped) for outcome in outcomes)


@given(value=st.dictionaries(NAMES, LIKELY, max_size=8))
def test_any_object_of_known_names_is_accounted_for(value):
    outcomes = parse_line(json.dumps(value).encode(), CONTEXT)
    assert outcomes
    for outcome in outcomes:
        assert isinstance(outcome, Post | Bad | Skipped)
        if isinstance(outcome, Post):
            assert Post.from_json(outcome.to_json()) == outcome


@given(value=st.fixed_dictionaries({"id": st.text(min_size=1), "text": st.text()}))
def test_any_text_comes_through_unchanged_or_is_refused(value):
    outcome = one(value)
    if isinstance(outcome, Post):
        assert (outcome.post_id, outcome.text) == (value["id"], value["text"])
    else:
        assert outcome.fault in {Fault.EMPTY_TEXT, Fault.NUL_CHARACTER, Fault.INVALID}
