"""What is captured can be replayed, also after a crash."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from connectors.capture import CaptureWriter
from connectors.replay import ReplaySource
from streams.schema import Fault

NOW = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)


def frame(number):
    commit = {
        "rev": "3mmoojpaqkn2z",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": f"k{number}",
        "record": {"$type": "app.bsky.feed.post", "text": f"post {number}"},
    }
    event = {"did": "did:plc:abc", "time_us": 1779719009157119, "kind": "commit", "commit": commit}
    return json.dumps(event).encode()


def replayed(folder):
    source = ReplaySource(str(folder))
    source.open(None)
    posts, letters = [], []
    while True:
        batch = source.next_batch(max_records=100, max_bytes=1 << 20, max_seconds=1)
        posts += batch.posts
        letters += batch.dead_letters
        if batch.finished:
            source.close()
            return [post.text for post in posts], letters


def test_captured_frames_are_replayed_in_order_from_several_files(tmp_path):
    now = [0.0]
    with CaptureWriter(tmp_path, "jetstream-v1", max_file_seconds=10, monotonic=lambda: now[0]) as writer:  # fmt: skip # noqa: E501
        for number in range(50):
            now[0] += 1.5
            writer.write(frame(number), NOW, cursor=number)
    assert len(list(tmp_path.iterdir())) > 5
    assert replayed(tmp_path) == ([f"post {number}" for number in range(50)], [])


def test_after_a_crash_all_flushed_frames_are_there(tmp_path):
    writer = CaptureWriter(tmp_path, "jetstream-v1")
    for number in range(10):
        writer.write(frame(number), NOW)
    writer.flush()
    writer.write(frame(10), NOW)
    (path,) = tmp_path.iterdir()
    left = path.read_bytes()
    writer.close()
    path.write_bytes(left)
    assert replayed(tmp_path) == ([f"post {number}" for number in range(10)], [])

    path.write_bytes(left + b"\x28\xb5\x2f\xfd")
    texts, (letter,) = replayed(tmp_path)
    assert (len(texts), letter.fault) == (10, Fault.TRUNCATED)
