"""What holds against any Jetstream: the real one with its simulated network, and our fake.

The oracle is the server's own log, read by a plain socket of the test.
"""

import random
import time

import orjson
import pytest

from connectors.bluesky import OLDEST, BlueskySource
from connectors.bluesky_socket import Limits
from streams.schema import Op, Post
from tests.peers.fake_jetstream import FakeJetstream
from tests.peers.jetstream_server import RealJetstream

LIMITS = Limits(idle_seconds=5.0, open_seconds=2.0)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.peer)])
def server(request, tmp_path):
    running = FakeJetstream() if request.param == "fake" else RealJetstream(tmp_path)
    try:
        if isinstance(running, FakeJetstream):
            running.begin_traffic()
        yield running
    finally:
        running.stop()


class Follower:
    """A connector's process as the runner drives it: what is committed is kept, the rest dies."""

    def __init__(self, address, limits=LIMITS):
        self.position = None
        self.posts: list[Post] = []
        self.logged: list[bytes] = []
        self.gaps = 0
        self.reasons: list[str] = []
        self._source = BlueskySource(
            address, first_cursor=OLDEST, limits=limits, metrics=self, random=lambda: 0.3
        )
        self._source.open(None)

    def reconnected(self, reason):
        self.reasons.append(reason)

    def dropped_duplicates(self, number):
        pass

    def read(self, max_records=200):
        """Read one batch and commit it."""
        batch = self._next(max_records)
        if batch is not None:
            assert not batch.dead_letters
            self.position = batch.position
            self.posts.extend(batch.posts)
            self.gaps += sum(batch.gaps.values())

    def die_before_commit(self, max_records=200):
        """Read one batch, lose it, begin anew at the last commit."""
        self._next(max_records)
        self._source.close()
        self._source.open(self.position)

    def follow(self, enough, seconds=60.0):
        """Read until there is enough; a deadline only so that a failure ends."""
        deadline = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < deadline, (len(self.posts), self.reasons)
            self.read()

    def catch_up(self, server):
        """End the traffic, read all that the server has, and return its log's identities."""
        server.settle()
        self.logged = server.log()
        log = [identity_in(frame) for frame in self.logged]
        self.follow(lambda: {identity(post) for post in self.posts} >= set(log))
        self.read()
        return log

    def close(self):
        self._source.close()

    def _next(self, max_records):
        return self._source.next_batch(
            max_records=max_records, max_bytes=1_000_000, max_seconds=0.05
        )


@pytest.fixture
def follower(server):
    started = Follower(server.address)
    yield started
    started.close()


def identity(post):
    return (post.post_id, post.version, post.op.value)


def identity_in(frame):
    event = orjson.loads(frame)
    commit = event["commit"]
    post_id = f"at://{event['did']}/{commit['collection']}/{commit['rkey']}"
    return (post_id, commit["rev"], commit["operation"])


def assert_nothing_lost_or_doubled(follower, log):
    got = [identity(post) for post in follower.posts]
    assert len(set(log)) == len(log) > 0
    assert sorted(got) == sorted(log)
    assert follower.gaps == 0


def test_creates_updates_and_deletes_arrive_as_the_server_logged_them(server, follower):
    follower.follow(lambda: {post.op for post in follower.posts} == set(Op))
    log = follower.catch_up(server)
    assert_nothing_lost_or_doubled(follower, log)
    assert [identity(post) for post in follower.posts] == log
    by_identity = {identity(post): post for post in follower.posts}
    for frame in follower.logged:
        post = by_identity[identity_in(frame)]
        record = orjson.loads(frame)["commit"].get("record", {})
        assert post.text == record.get("text", "")
        assert list(post.languages) == record.get("langs", [])


@pytest.mark.parametrize("politely", [False, True])
def test_a_restart_of_the_server_loses_and_doubles_nothing(server, follower, politely):
    follower.follow(lambda: len(follower.posts) >= 250)
    for _ in range(2):
        before = len(follower.posts)
        if politely and isinstance(server, RealJetstream):
            server.restart_politely()
        else:
            server.restart()
        follower.follow(lambda before=before: len(follower.posts) >= before + 50)
    log = follower.catch_up(server)
    assert_nothing_lost_or_doubled(follower, log)
    assert len(follower.reasons) >= 2


def test_a_connector_killed_anywhere_loses_and_doubles_nothing(server, follower):
    dice = random.Random(7)  # noqa: S311 - a seeded sequence
    deaths = 0
    while deaths < 15:
        for _ in range(dice.randrange(4)):
            follower.read(max_records=dice.randrange(1, 120))
        follower.die_before_commit(max_records=dice.randrange(1, 120))
        deaths += 1
    log = follower.catch_up(server)
    assert_nothing_lost_or_doubled(follower, log)


def test_a_frozen_server_is_left_by_the_watchdog_and_found_again(server):
    follower = Follower(server.address, Limits(idle_seconds=0.5, open_seconds=0.5))
    try:
        follower.follow(lambda: len(follower.posts) >= 100)
        server.freeze()
        follower.follow(lambda: "idle" in follower.reasons)
        server.thaw()
        before = len(follower.posts)
        follower.follow(lambda: len(follower.posts) >= before + 50)
        assert_nothing_lost_or_doubled(follower, follower.catch_up(server))
    finally:
        follower.close()


@pytest.mark.peer
def test_a_server_that_answers_no_ping_is_left(tmp_path):
    server = RealJetstream(tmp_path)
    follower = Follower(server.address, Limits(ping_seconds=0.3, open_seconds=0.5))
    try:
        follower.follow(lambda: len(follower.posts) >= 20)
        server.freeze()
        follower.follow(lambda: "no-pong" in follower.reasons)
        server.thaw()
        assert_nothing_lost_or_doubled(follower, follower.catch_up(server))
    finally:
        follower.close()
        server.stop()


def test_a_slow_consumer_slows_the_server_down_and_loses_nothing(server):
    follower = Follower(server.address, Limits(max_waiting_frames=5))
    try:
        for _ in range(20):
            follower.read(max_records=3)
            time.sleep(0.05)
            assert follower._source.waiting <= 5
        assert_nothing_lost_or_doubled(follower, follower.catch_up(server))
    finally:
        follower.close()
