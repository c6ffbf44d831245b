"""Tweets of both API forms, alone, in stream lines and in pages."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

from connectors.formats.lines import parse_line
from connectors.formats.outcome import Bad, Context, Skipped
from streams.schema import Fault, Op, Post
from tests.shared_data import shared_file

NOW = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)
CONTEXT = Context(NOW, "000003.000000000007")


def parse(value):
    return parse_line(json.dumps(value).encode(), CONTEXT)


def tweet(number="11", text="the count goes on", **fields):
    return {
        "id": number,
        "text": text,
        "author_id": "7",
        "lang": "en",
        "created_at": "2024-11-05T20:15:00.000Z",
        "edit_history_tweet_ids": [number],
        **fields,
    }


def archived(number="21", text="polls are open", **fields):
    return {
        "created_at": "Tue Nov 28 07:52:00 +0000 2017",
        "id": int(number),
        "id_str": number,
        "text": text,
        "lang": "und",
        "user": {"id": 5, "id_str": "5", "screen_name": "somebody"},
        **fields,
    }


def test_a_flattened_tweet_is_a_post():
    author = {"author": {"id": "7", "username": "ann"}}
    references = {"referenced_tweets": [{"type": "replied_to", "id": "9"}, {"type": "quoted", "id": "8"}]}  # fmt: skip # noqa: E501
    (found,) = parse(tweet(**author, **references))
    assert found == Post(
        post_id="x:11",
        op=Op.CREATE,
        version="0000",
        source="replay",
        author_id="x:7",
        text="the count goes on",
        languages=("en",),
        reply_to="x:9",
        quote_of="x:8",
        url="https://x.com/ann/status/11",
        created_at=datetime(2024, 11, 5, 20, 15, tzinfo=UTC),
        received_at=NOW,
    )


def test_a_page_gives_one_outcome_a_tweet():
    page = {
        "data": [tweet("11"), tweet("12", text=""), "no tweet", tweet("13", author_id="8")],
        "includes": {"users": [{"id": "7", "username": "ann"}, {"id": "8"}, 5]},
        "meta": {"result_count": 4},
        "__twarc": {"version": "2.14"},
    }
    first, empty, nothing, last = parse(page)
    assert (first.post_id, first.url) == ("x:11", "https://x.com/ann/status/11")
    assert (empty.fault, nothing.fault) == (Fault.EMPTY_TEXT, Fault.INVALID)
    assert last.url == "https://x.com/i/status/13"


def test_pages_longer_than_a_post_may_be_are_read():
    page = {"data": [tweet(str(n), text="x" * 5000) for n in range(500)]}
    assert len(parse(page)) == 500


def test_a_stream_line_is_a_post_and_notices_are_skipped():
    (found,) = parse({"data": tweet("11"), "matching_rules": [{"id": "1", "tag": "t"}]})
    assert found.post_id == "x:11"
    for notice in ({"errors": [{"title": "operational-disconnect"}]}, {"meta": {}}, {"data": []}):
        (skipped,) = parse(notice)
        assert isinstance(skipped, Skipped)


def test_edits_are_versions_of_the_first_tweet():
    history = ["11", "12", "13"]
    found = [parse(tweet(number, edit_history_tweet_ids=history))[0] for number in history]
    assert {one.post_id for one in found} == {"x:11"}
    assert [one.op for one in found] == [Op.CREATE, Op.UPDATE, Op.UPDATE]
    versions = [one.version for one in found]
    assert versions == sorted(set(versions))


def test_a_deletion_comes_after_every_edit():
    history = [str(n) for n in range(11, 17)]
    (last,) = parse(tweet("16", edit_history_tweet_ids=history))
    (gone,) = parse({"data": {"delete": {"tweet": {"id": "11", "author_id": "7"}}}})
    assert (gone.post_id, gone.op) == (last.post_id, Op.DELETE)
    assert gone.version > last.version


def test_an_edit_history_that_makes_no_sense_is_not_believed():
    for history in (["99"], "11", [], [11], None, [None, "11"]):
        (found,) = parse(tweet(edit_history_tweet_ids=history))
        assert (found.post_id, found.version) == ("x:11", "0000")


def test_long_texts_are_taken_whole():
    (found,) = parse(tweet(note_tweet={"text": "y" * 900}))
    assert found.text == "y" * 900


def test_an_archived_tweet_is_a_post():
    (found,) = parse(archived(in_reply_to_status_id_str="19", lang="in"))
    assert (found.post_id, found.author_id, found.reply_to) == ("x:21", "x:5", "x:19")
    assert found.created_at == datetime(2017, 11, 28, 7, 52, tzinfo=UTC)
    assert found.languages == ("id",)
    assert found.version == CONTEXT.version


def test_archived_long_texts_and_retweets_are_taken_whole():
    long_one = archived("31", "cut…", extended_tweet={"full_text": "the whole text"})
    assert parse(long_one)[0].text == "the whole text"
    repeated = archived("32", "RT @other: cut…", retweeted_status=long_one)
    assert parse(repeated)[0].text == "RT @other: the whole text"


def test_archived_deletions_follow_the_tweet():
    (sent,) = parse(archived("21"))
    (gone,) = parse({"delete": {"status": {"id": 21, "id_str": "21", "user_id_str": "5"}}})
    assert (gone.post_id, gone.op, gone.author_id) == (sent.post_id, Op.DELETE, "x:5")
    assert gone.version > sent.version


def test_archived_notices_are_skipped():
    for kind in ("limit", "scrub_geo", "status_withheld", "user_withheld"):
        assert parse({kind: {"id": 5}}) == [Skipped("notice")]


def test_archived_dates_of_another_form_are_refused():
    for date in ("2017-11-28", "Tue Nov 31 07:52:00 +0000 2017", "", 5, []):
        (bad,) = parse(archived(created_at=date))
        assert isinstance(bad, Bad)


def test_all_recorded_tweets_are_posts():
    packed = shared_file("fixtures_twitter/CT22_english_json_objects.jsonl.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        (name, *_) = [name for name in archive.namelist() if not name.startswith("__")]
        lines = archive.read(name).splitlines()
    found = [parse_line(line, CONTEXT) for line in lines if line.strip()]
    assert len(found) > 1000
    assert all(len(outcomes) == 1 for outcomes in found)
    bad = [outcomes[0] for outcomes in found if not isinstance(outcomes[0], Post)]
    assert bad == []
    originals = [json.loads(line) for line in lines if line.strip()]
    for original, (sent,) in zip(originals, found, strict=True):
        assert sent.post_id == f"x:{original['id_str']}"
        if "retweeted_status" not in original:
            assert sent.text == original["full_text"]
        assert sent.created_at.strftime("%a %b %d %H:%M:%S +0000 %Y") == original["created_at"]
