"""Replayed files: places, versions, resume, pace."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Fatal
from connectors.formats.lines import MAX_LINE_BYTES
from connectors.pace import LONGEST_SILENCE_SECONDS, Rate, Speed
from connectors.replay import ReplaySource, default_connector_id
from streams.schema import Fault, Op
from tests.shared_data import shared_file

NOW = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)
LIMITS = {"max_records": 100, "max_bytes": 1 << 20, "max_seconds": 0.05}


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


def numbered(count, start=0):
    return [{"id": f"p{n}", "text": f"post {n}"} for n in range(start, start + count)]


def source(path, **options):
    return ReplaySource(str(path), clock=lambda: NOW, **options)


def batches(replay, position=None, **limits):
    replay.open(position)
    found = []
    while not (found and found[-1].finished):
        batch = replay.next_batch(**{**LIMITS, **limits})
        if batch is not None:
            found.append(batch)
    replay.close()
    return found


def everything(replay, position=None, **limits):
    found = batches(replay, position, **limits)
    posts = [post for batch in found for post in batch.posts]
    letters = [letter for batch in found for letter in batch.dead_letters]
    return posts, letters


def test_each_line_is_a_post_a_dead_letter_a_skip_or_blank(tmp_path):
    path = tmp_path / "posts.ndjson"
    path.write_text(
        '{"id":"a","text":"one"}\n\n  \n{broken\n{"limit":{"track":5}}\r\n{"id":"b","text":"two"}'
    )
    (batch,) = batches(source(path))
    assert [post.post_id for post in batch.posts] == ["a", "b"]
    assert [letter.place for letter in batch.dead_letters] == [f"{path}:4"]
    assert batch.skipped == {"notice": 1}
    assert batch.position["line"] == 6


def test_later_lines_are_later_versions_across_files(tmp_path):
    for name, text in (("a.ndjson", "first"), ("b.ndjson.gz", "second"), ("c/d.json", "third")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        data = lines({"id": "x", "text": text}, {"id": "x", "text": text + " again"}).encode()
        path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    (tmp_path / "notes.txt").write_text("no posts")
    (tmp_path / ".hidden.json").write_text("{broken")

    posts, letters = everything(source(tmp_path))

    assert letters == []
    assert [post.text.split()[0] for post in posts] == ["first"] * 2 + ["second"] * 2 + [
        "third"
    ] * 2
    versions = [post.version for post in posts]
    assert versions == sorted(set(versions))


def test_resume_at_every_batch_gives_the_rest(tmp_path):
    chance = random.Random(7)  # noqa: S311 - the same file in each run
    for number in range(4):
        values = [
            {"id": f"p{n}", "text": "t"} if chance.random() < 0.8 else {"id": 1.5}
            for n in range(number * 40, number * 40 + 40)
        ]
        data = lines(*values).encode()
        path = tmp_path / f"part{number}.ndjson"
        path.write_bytes(gzip.compress(data)[:-9] if number == 2 else data)
    whole = everything(source(tmp_path))
    assert {letter.fault for letter in whole[1]} == {Fault.INVALID, Fault.TRUNCATED}

    steps = batches(source(tmp_path), max_records=7)
    posts, letters = [], []
    for batch in steps:
        posts += batch.posts
        letters += batch.dead_letters
        rest = everything(source(tmp_path), batch.position, max_records=50)
        assert (posts + rest[0], letters + rest[1]) == whole


def test_a_page_is_never_split_between_batches(tmp_path):
    path = tmp_path / "pages.jsonl"
    page = {"data": [{"id": str(n), "text": "t"} for n in range(30)], "__twarc": {}}
    path.write_text(lines(page, page, page))
    found = batches(source(path), max_records=45)
    assert [len(batch.posts) for batch in found if batch.posts] == [30, 30, 30]


def test_bounds_of_a_batch_hold(tmp_path):
    path = tmp_path / "posts.ndjson"
    path.write_text(lines(*numbered(100)))
    assert all(len(batch.posts) <= 9 for batch in batches(source(path), max_records=9))
    small = batches(source(path), max_bytes=100)
    assert all(sum(len(p.text) for p in batch.posts) <= 100 for batch in small)
    assert sum(len(batch.posts) for batch in small) == 100


def test_a_giant_line_is_one_bounded_dead_letter(tmp_path):
    path = tmp_path / "posts.ndjson"
    giant = b'{"id":"g","text":"' + b"x" * (MAX_LINE_BYTES + 5_000_000) + b'"}'
    path.write_bytes(giant + b"\n" + lines(*numbered(1)).encode())
    posts, (letter,) = everything(source(path))
    assert [post.post_id for post in posts] == ["p0"]
    assert (letter.fault, letter.original_bytes) == (Fault.TOO_LARGE, len(giant))
    assert len(letter.to_json()) < 400_000


def test_a_file_that_broke_off_is_one_dead_letter_and_the_next_is_read(tmp_path):
    packed = gzip.compress(lines(*numbered(2000)).encode())
    (tmp_path / "a.json.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.json").write_text(lines(*numbered(3, 5000)))
    posts, (letter,) = everything(source(tmp_path))
    assert letter.fault is Fault.TRUNCATED
    assert letter.place.startswith(str(tmp_path / "a.json.gz:"))
    assert [post.post_id for post in posts[-3:]] == ["p5000", "p5001", "p5002"]


def test_what_cannot_be_read_says_why(tmp_path):
    with pytest.raises(Fatal, match=r"there is no .*nothing: name a file"):
        source(tmp_path / "nothing").open(None)
    with pytest.raises(Fatal, match="no posts in"):
        source(tmp_path).open(None)


def test_another_file_under_the_old_name_is_refused(tmp_path):
    path = tmp_path / "posts.ndjson"
    path.write_text(lines(*numbered(5)))
    (batch,) = batches(source(path))
    path.write_text(lines(*numbered(5, 100)))
    with pytest.raises(Fatal, match="is not the file that this connector stopped in"):
        source(path).open(batch.position)
    path.write_text(lines(*numbered(2)))
    with pytest.raises(Fatal, match="is not the file"):
        source(path).open(batch.position)
    path.unlink()
    (tmp_path / "other.ndjson").write_text("")
    with pytest.raises(Fatal, match="no longer in"):
        source(tmp_path).open(batch.position)


def test_files_that_come_before_do_not_change_the_order_of_versions(tmp_path):
    (tmp_path / "m.json").write_text(lines(*numbered(2)))
    (first,) = batches(source(tmp_path))
    (tmp_path / "a.json").write_text(lines(*numbered(2)))
    (tmp_path / "z.json").write_text(lines(*numbered(2)))
    posts, _ = everything(source(tmp_path), first.position)
    assert len(posts) == 2
    assert min(post.version for post in posts) > max(post.version for post in first.posts)


def test_names_that_are_no_unicode_do_no_harm(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.json")
    with open(path, "w") as file:  # noqa: PTH123 - the name is no text
        file.write("{broken\n")
    _, (letter,) = everything(source(path))
    assert letter.to_json()


def test_the_id_depends_on_the_file_not_on_how_it_was_named(tmp_path, monkeypatch):
    (tmp_path / "posts.json").write_text("")
    monkeypatch.chdir(tmp_path)
    assert default_connector_id("posts.json") == default_connector_id(str(tmp_path / "posts.json"))
    assert default_connector_id("-") == "replay-stdin"


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def sleep(self, seconds):
        self.now += max(seconds, 0.000_001)


def paced(path, pace):
    time = Time()
    replay = ReplaySource(
        str(path),
        pace=pace,
        clock=lambda: NOW + timedelta(seconds=time.now - 1000),
        monotonic=lambda: time.now,
        sleep=time.sleep,
    )
    replay.open(None)
    found = []
    while True:
        batch = replay.next_batch(max_records=100, max_bytes=1 << 20, max_seconds=0.25)
        if batch is None:
            continue
        found += [((post.received_at - NOW).total_seconds(), post) for post in batch.posts]
        if batch.finished:
            replay.close()
            return found


def test_a_rate_spreads_posts_evenly(tmp_path):
    path = tmp_path / "posts.ndjson"
    path.write_text(lines(*numbered(50)))
    times = [time for time, _ in paced(path, Rate(10))]
    assert times == pytest.approx([n / 10 for n in range(50)], abs=0.02)


def test_speed_follows_the_posts_own_times(tmp_path):
    path = tmp_path / "posts.ndjson"
    start = NOW - timedelta(days=365)
    seconds = [0, 10, 10, 5, 40, None, 100 * 24 * 3600]
    dates = [
        {} if at is None else {"created_at": str(start + timedelta(seconds=at))} for at in seconds
    ]
    path.write_text(lines(*({"id": "p", "text": "t", **date} for date in dates)))
    times = [time for time, _ in paced(path, Speed(10))]
    assert times == pytest.approx([0, 1, 1, 1, 4, 4, 4 + LONGEST_SILENCE_SECONDS], abs=0.02)


def test_a_limit_ends_the_run(tmp_path):
    path = tmp_path / "posts.ndjson"
    path.write_text(lines(*numbered(50)))
    posts, _ = everything(source(path, limit=7))
    assert len(posts) == 7


READ_STANDARD_INPUT = """
import json, sys
from connectors.replay import ReplaySource
source = ReplaySource("-")
source.open({"file": "-", "line": 3})
batch = source.next_batch(max_records=2, max_bytes=99999, max_seconds=5)
source.close()
source.open({"file": "-", "line": 3})
again = source.next_batch(max_records=2, max_bytes=99999, max_seconds=5)
assert again == batch
source.close()
source.open(again.position)
rest = source.next_batch(max_records=9, max_bytes=99999, max_seconds=5)
print(json.dumps([p.post_id for p in batch.posts + rest.posts]))
"""


def test_standard_input_is_read_once_and_handed_out_again_after_a_failure():
    done = subprocess.run(
        [sys.executable, "-c", READ_STANDARD_INPUT],
        input=lines(*numbered(4)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ["p0", "p1", "p2", "p3"]


def test_recorded_jetstream_lines_become_posts():
    posts, letters = everything(source(shared_file("fixtures_bluesky/expected_v1.jsonl")))
    assert letters == []
    assert {post.source for post in posts} == {"bluesky"}
    assert all(post.op is Op.DELETE or post.version for post in posts)
    assert posts
