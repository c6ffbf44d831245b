import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.bluesky_post import BadPost, event_from_frame, post_from_event, time_us_of
from streams.schema import Fault, Op, Post
from tests.shared_data import shared_file

RECEIVED = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)
DID = "did:plc:q235v55g5unth4zjjdpacfdr"
PARENT = "at://did:plc:j76trmiofvaxxpvx2vnb2vwf/app.bsky.feed.post/3mmojbrjwbs26"


def commit(record=None, **fields):
    record = {"$type": "app.bsky.feed.post", "text": "polls close at nine", **(record or {})}
    inner = {
        "rev": "3mmoojpaqkn2z",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": "3mmoojp4cd223",
        "record": record,
        **fields,
    }
    return {"did": DID, "time_us": 1779719009157119, "kind": "commit", "commit": inner}


def parse(event):
    return post_from_event(event, received_at=RECEIVED)


def test_all_versions_of_a_post_share_its_id_and_sort_by_revision():
    created = parse(commit())
    updated = parse(commit({"text": "ten"}, operation="update", rev="3mmoojpaqkn32"))
    deleted = parse(commit(operation="delete", rev="3mmoojpbqkn22"))
    assert created.post_id == f"at://{DID}/app.bsky.feed.post/3mmoojp4cd223"
    assert {p.post_id for p in (updated, deleted)} == {created.post_id}
    assert [created.op, updated.op, deleted.op] == [Op.CREATE, Op.UPDATE, Op.DELETE]
    assert sorted([deleted, created, updated], key=lambda p: p.version) == [
        created,
        updated,
        deleted,
    ]
    assert deleted.text == ""
    assert created.url == f"https://bsky.app/profile/{DID}/post/3mmoojp4cd223"


def test_reply_and_quote_are_post_ids():
    reply = {"parent": {"uri": PARENT}, "root": {"uri": "at://did:plc:x/app.bsky.feed.post/r"}}
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": PARENT}}
    with_media = {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"$type": "app.bsky.embed.record", "record": {"uri": PARENT}},
        "media": {"$type": "app.bsky.embed.images", "images": []},
    }
    assert parse(commit({"reply": reply})).reply_to == PARENT
    assert parse(commit({"embed": quote})).quote_of == PARENT
    assert parse(commit({"embed": with_media})).quote_of == PARENT


@pytest.mark.parametrize(
    "uri",
    [
        "at://did:plc:x/app.bsky.feed.generator/feed",
        "https://bsky.app/profile/x/post/y",
        "at://did:plc:x/app.bsky.feed.post/" + "y" * 600,
        7,
        None,
    ],
)
def test_what_cannot_be_a_post_id_is_no_quote(uri):
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": uri}}
    assert parse(commit({"embed": quote})).quote_of is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-04T11:59:59.123Z", datetime(2026, 11, 4, 11, 59, 59, 123000, tzinfo=UTC)),
        ("2026-11-04T13:00:00+02:00", datetime(2026, 11, 4, 11, 0, tzinfo=UTC)),
        ("2026-11-04T11:00:00.123456789Z", datetime(2026, 11, 4, 11, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-04T11:00:00", datetime(2026, 11, 4, 11, 0, tzinfo=UTC)),
        ("2026-11-05T12:00:00Z", RECEIVED + timedelta(days=1)),
        ("2026-11-05T12:00:01Z", None),
        ("9999-12-31T23:59:59-23:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1969-12-31T23:59:59Z", None),
        ("yesterday", None),
        ("", None),
        (1779719009, None),
        (None, None),
    ],
)
def test_a_date_that_cannot_be_believed_is_left_out_and_the_post_is_kept(written, read):
    assert parse(commit({"createdAt": written})).created_at == read


def test_languages_are_tags_without_repeats_and_bounded():
    many = [f"x{chr(97 + n)}" for n in range(26)]
    assert parse(commit({"langs": ["en", "pt-BR", "en", 7, "\x1b[31m", ""]})).languages == (
        "en",
        "pt-BR",
    )
    assert len(parse(commit({"langs": many})).languages) == 16
    assert parse(commit({"langs": "en"})).languages == ()


def test_nul_characters_are_taken_out_of_the_text():
    assert parse(commit({"text": "vote\0 now\0"})).text == "vote now"


def test_other_events_are_skipped():
    assert parse({"did": DID, "time_us": 1, "kind": "identity", "identity": {}}) is None
    assert parse({"did": DID, "time_us": 1, "kind": "account", "account": {}}) is None
    assert parse({"did": DID, "time_us": 1, "kind": "something-new"}) is None
    assert parse(commit(collection="app.bsky.feed.like")) is None


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ({}, Fault.UNKNOWN_FORMAT),
        ({"kind": "commit"}, Fault.UNKNOWN_FORMAT),
        (commit() | {"did": None}, Fault.NO_KEY),
        (commit() | {"did": "did:plc:" + "x" * 3000}, Fault.NO_KEY),
        (commit(rkey="a/b"), Fault.NO_KEY),
        (commit(rkey=None), Fault.NO_KEY),
        (commit(rev=None), Fault.INVALID),
        (commit(rev="9"), Fault.INVALID),
        (commit(operation="purge"), Fault.UNKNOWN_FORMAT),
        (commit(operation=["create"]), Fault.UNKNOWN_FORMAT),
        (commit(record=None) | {"commit": {**commit()["commit"], "record": None}}, Fault.INVALID),
        (commit({"$type": "app.bsky.feed.like"}), Fault.INVALID),
        (commit({"text": None}), Fault.INVALID),
        (commit({"text": "x" * 100_001}), Fault.TOO_LARGE),
        (commit({"text": "half a pair \ud800"}), Fault.INVALID),
    ],
)
def test_a_commit_that_cannot_be_a_post_says_why_and_never_shows_the_text(event, fault):
    bad = parse(event)
    assert isinstance(bad, BadPost)
    assert bad.fault == fault
    assert bad.detail
    assert "half a pair" not in bad.detail


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (b"", Fault.NOT_JSON),
        (b"{", Fault.NOT_JSON),
        (b'{"a":"\xff"}', Fault.NOT_UTF8),
        (b"[" * 100_000, Fault.TOO_DEEP),
        (b'{"a":' * 100_000, Fault.TOO_DEEP),
        (b'"\\ud800"', Fault.NOT_JSON),
        (b"[]", Fault.UNKNOWN_FORMAT),
        (b"7", Fault.UNKNOWN_FORMAT),
    ],
)
def test_a_frame_that_is_no_event_says_why(frame, fault):
    bad = event_from_frame(frame)
    assert isinstance(bad, BadPost)
    assert bad.fault == fault


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ODD = JSON | st.sampled_from(
    ["commit", "app.bsky.feed.post", "create", "update", "delete", DID, "3mmoojpaqkn2z", PARENT]
)


@given(st.binary() | JSON.map(lambda v: json.dumps(v).encode()))
@example(b'{"kind":"commit"}')
def test_no_bytes_make_the_parser_raise(frame):
    event = event_from_frame(frame)
    if not isinstance(event, BadPost):
        assert isinstance(parse(event), Post | BadPost | None)
        time_us_of(event)


@given(
    st.fixed_dictionaries(
        {},
        optional={"did": ODD, "time_us": ODD, "kind": st.just("commit") | ODD, "commit": ODD},
    ),
    st.dictionaries(
        st.sampled_from(["rev", "operation", "collection", "rkey", "record", "cid"]), ODD
    ),
    st.dictionaries(
        st.sampled_from(["$type", "text", "langs", "reply", "embed", "createdAt"]), ODD
    ),
)
def test_no_json_makes_the_parser_raise(outer, inner, record):
    whole = commit(record)
    for event in (outer, whole | outer, {**whole, "commit": {**whole["commit"], **inner}}):
        outcome = parse(event)
        assert isinstance(outcome, Post | BadPost | None)
        if isinstance(outcome, Post):
            assert Post.from_json(outcome.to_json()) == outcome


@pytest.mark.parametrize("value", [None, "1779719009157119", 1.5, True, 0, -1])
def test_only_a_positive_whole_number_is_a_time(value):
    assert time_us_of({"time_us": value}) is None


@pytest.mark.parametrize("name", ["expected_v1.jsonl", "subscribe_golden_v1.jsonl"])
def test_recorded_frames_parse_as_their_json_says(name):
    lines = shared_file(f"fixtures_bluesky/{name}").read_bytes().splitlines()
    posts = 0
    for line in lines:
        plain = json.loads(line)
        post = parse(event_from_frame(line))
        if plain["kind"] != "commit" or plain["commit"]["collection"] != "app.bsky.feed.post":
            assert post is None
            continue
        inner = plain["commit"]
        record = inner.get("record", {})
        posts += 1
        assert isinstance(post, Post)
        assert post.post_id == f"at://{plain['did']}/app.bsky.feed.post/{inner['rkey']}"
        assert (post.op, post.version) == (inner["operation"], inner["rev"])
        assert post.author_id == plain["did"]
        assert post.text == record.get("text", "")
        assert list(post.languages) == record.get("langs", [])
        assert post.reply_to == record.get("reply", {}).get("parent", {}).get("uri")
        assert (post.created_at is None) == (inner["operation"] == "delete")
        assert Post.from_json(post.to_json()) == post
    assert posts > 0


def test_recorded_frames_count_as_their_manifest_says():
    folder = shared_file("fixtures_bluesky/manifest.json").parent
    manifest = json.loads((folder / "manifest.json").read_bytes())
    kinds: Counter[str] = Counter()
    operations: Counter[str] = Counter()
    for line in (folder / "expected_v1.jsonl").read_bytes().splitlines():
        event = event_from_frame(line)
        assert not isinstance(event, BadPost)
        assert time_us_of(event) is not None
        kinds[event["kind"]] += 1
        operations[event.get("commit", {}).get("operation")] += 1
    assert kinds.total() == manifest["v1_events"]
    assert (kinds["identity"], kinds["account"]) == (manifest["identity"], manifest["account"])
    assert operations["create"] == manifest["creates"]
    assert operations["update"] == manifest["updates"]
    assert operations["delete"] == manifest["deletes"]


def test_text_survives_every_script_byte_for_byte():
    text = "待って💦 Ελλάδα العربية \u200b\u202e नमस्ते"
    frame = orjson.dumps(commit({"text": text}))
    assert parse(event_from_frame(frame)).text == text
