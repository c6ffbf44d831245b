"""`hustings candidates cluster` over standard input, and what is said without a broker."""

import json
import os
import subprocess
import sys

POSTS = [
    {"id": "en", "text": "Vans were seen dumping sealed ballot boxes into the lake"},
    {"id": "again", "text": "Sealed ballot boxes were seen being dumped from vans into the lake"},
    {"id": "es", "text": "Vieron camionetas tirando urnas selladas al lago"},
    {"id": "sms", "text": "You can vote by text message this year \x1b[2J"},
    {"id": "blank", "text": ""},
]


def candidates(*args, stdin=b"", **environment):
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", "candidates", *args],
        input=stdin,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


def lines(posts):
    return b"".join(json.dumps(post).encode() + b"\n" for post in posts)


def test_posts_that_say_the_same_are_one_cluster_and_every_post_is_in_one():
    done = candidates("cluster", "--json", stdin=lines(POSTS))
    assert done.returncode == 0, done.stderr
    clusters = [set(json.loads(line)["posts"]) for line in done.stdout.splitlines()]
    assert sorted(post for one in clusters for post in one) == sorted(p["id"] for p in POSTS)
    (first,) = (one for one in clusters if "en" in one)
    assert "again" in first
    assert "sms" not in first
    assert done.stdout == candidates("cluster", "--json", stdin=lines(POSTS)).stdout


def test_bad_lines_are_named_and_a_post_cannot_steer_the_terminal():
    done = candidates("cluster", stdin=lines(POSTS[-2:]) + b'bad\n{"id": 1}\n[]\n\xff\n')
    assert done.returncode == 1
    assert [f"stdin:{n}:" in done.stderr.decode() for n in (3, 4, 5, 6)] == [True] * 4
    assert b"\x1b" not in done.stdout


def test_nobody_answers_is_said_in_words_and_asks_for_another_try():
    done = candidates("list", HUSTINGS_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert done.returncode == 75
    assert b"127.0.0.1:1" in done.stderr
    assert b"Traceback" not in done.stderr
