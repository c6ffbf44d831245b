"""The source against a server that misbehaves on request."""

import email.utils
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from connectors.bluesky import OLDEST, BlueskySource
from connectors.bluesky_resume import OVERLAP_US
from connectors.bluesky_socket import Limits, address_of, backoff_seconds
from connectors.errors import Fatal
from streams.schema import Fault
from tests.peers.fake_jetstream import Act, FakeJetstream, Refusal, post_event

if TYPE_CHECKING:
    from connectors.source import Batch

QUICK = Limits(idle_seconds=30.0, open_seconds=5.0)


class Counts:
    def __init__(self):
        self.reconnects: Counter[str] = Counter()
        self.duplicates = 0

    def reconnected(self, reason):
        self.reconnects[reason] += 1

    def dropped_duplicates(self, number):
        self.duplicates += number


@pytest.fixture
def server():
    fake = FakeJetstream()
    yield fake
    fake.stop()


@pytest.fixture
def follow(server):
    opened = []

    def start(position=None, *, host=None, limits=QUICK, first_cursor=OLDEST, **more):
        source = BlueskySource(
            host or server.address,
            limits=limits,
            first_cursor=first_cursor,
            random=more.pop("random", lambda: 0.0),
            **more,
        )
        opened.append(source)
        source.open(position)
        return source

    yield start
    for source in opened:
        source.close()


def now_us():
    return time.time_ns() // 1000


def fill(server, numbers, start=None):
    start = start or now_us() - 60_000_000
    for number in numbers:
        server.add(post_event(number, time_us=start + number * 1_000))


def drain(source, enough, seconds=20.0):
    """Return batches until `enough(batches)`; a deadline only so that a failure ends."""
    deadline = time.monotonic() + seconds
    batches: list[Batch] = []
    while not enough(batches):
        assert time.monotonic() < deadline, batches
        batch = source.next_batch(max_records=100, max_bytes=1_000_000, max_seconds=0.05)
        if batch is not None:
            batches.append(batch)
    return batches


def drain_until_fatal(source, match):
    """Return the batches before the source gives up."""
    batches: list[Batch] = []

    def give_up():
        drain(source, lambda so_far: batches.extend(so_far[len(batches) :]))

    with pytest.raises(Fatal, match=match):
        give_up()
    return batches


def texts(batches):
    return [post.text for batch in batches for post in batch.posts]


def until_posts(number):
    return lambda batches: len(texts(batches)) >= number


def wait_for(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def expected(numbers):
    return [f"post {number}" for number in numbers]


def test_it_asks_for_posts_only_and_begins_live_without_a_position(server, follow):
    fill(server, range(5))
    source = follow(first_cursor=None)
    wait_for(lambda: source.connected)
    fill(server, range(5, 8))
    assert texts(drain(source, until_posts(3))) == expected(range(5, 8))
    assert server.asked[0].query == {"wantedCollections": ["app.bsky.feed.post"]}


def test_a_batch_ends_at_its_bounds_and_leaves_the_rest_for_the_next(server, follow):
    fill(server, range(30))
    source = follow()
    wait_for(lambda: source.waiting >= 30)
    first = source.next_batch(max_records=7, max_bytes=10**9, max_seconds=5)
    assert len(first.posts) == 7
    second = source.next_batch(max_records=100, max_bytes=1, max_seconds=5)
    assert len(second.posts) == 1
    assert texts([first, second, *drain(source, until_posts(22))]) == expected(range(30))


def test_nothing_came_is_none_after_the_given_time(server, follow):
    source = follow()
    assert source.next_batch(max_records=1, max_bytes=1, max_seconds=0.01) is None


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, None])
def test_after_any_close_it_goes_on_without_loss_or_repeat(server, follow, code):
    counts = Counts()
    fill(server, range(40))
    server.acts.append(Act(frames=25, close=code))
    limits = Limits(idle_seconds=0.3)
    source = follow(metrics=counts, limits=limits)
    assert texts(drain(source, until_posts(40))) == expected(range(40))
    reason = {None: "idle", 1000: "server-closed", 1001: "server-closed"}.get(code, "server-error")
    assert counts.reconnects[reason] >= 1
    assert counts.duplicates >= 25
    assert server.asked[1].cursor == server.frames[24][0] - OVERLAP_US


def test_a_connection_cut_without_a_word_is_followed_by_the_next(server, follow):
    counts = Counts()
    fill(server, range(10))
    source = follow(metrics=counts)
    got = drain(source, until_posts(10))
    server.restart()
    fill(server, range(10, 20))
    got += drain(source, until_posts(10))
    assert texts(got) == expected(range(20))
    # On a busy machine the first try may meet the server before it listens again.
    assert counts.reconnects["cut"] >= 1


def test_repeats_are_known_after_a_kill_too(server, follow):
    fill(server, range(50))
    first = follow()
    batches: list[Batch] = []
    while len(texts(batches)) < 20:
        batch = first.next_batch(max_records=7, max_bytes=10**9, max_seconds=0.5)
        batches += [batch] if batch else []
    # What was read and not committed must come again, what was committed must not.
    successor = follow(batches[-1].position)
    assert texts([*batches, *drain(successor, until_posts(29))]) == expected(range(50))
    assert successor.next_batch(max_records=1, max_bytes=1, max_seconds=0.1) is None


def test_times_out_of_order_and_equal_lose_and_double_nothing(server, follow):
    start = now_us() - 60_000_000
    for number in range(60):
        server.add(post_event(number, time_us=start + (number // 3) * 900 - (number % 5) * 2_000))
    server.acts.extend([Act(frames=20, close=1001), Act(frames=35, close=1001)])
    source = follow()
    assert texts(drain(source, until_posts(60))) == expected(range(60))


def test_what_the_server_no_longer_keeps_is_counted_as_a_gap(server, follow):
    fill(server, range(5), start=now_us() - 7_200_000_000)
    position = drain(follow(), until_posts(5))[-1].position
    server.frames.clear()
    fill(server, range(100, 103))
    batches = drain(follow(position), until_posts(3))
    assert sum((Counter(batch.gaps) for batch in batches), Counter()) == {"cursor-too-old": 1}


def test_bad_frames_become_dead_letters_with_their_place_and_the_stream_goes_on(server, follow):
    fill(server, range(2))
    server.add_raw(b'{"did": "did:plc:x", "time')
    server.add_raw(b'{"text": "\xff"}')
    server.add(post_event(2, time_us=server.frames[1][0] + 1, rkey="no key"))
    fill(server, range(3, 5))
    batches = drain(follow(), until_posts(4))
    letters = [letter for batch in batches for letter in batch.dead_letters]
    assert [letter.fault for letter in letters] == [Fault.NOT_JSON, Fault.NOT_UTF8, Fault.NO_KEY]
    assert letters[0].original_bytes == 26
    assert str(server.frames[1][0]) in letters[0].place
    assert len({letter.dead_letter_id for letter in letters}) == 3
    assert texts(batches) == expected([0, 1, 3, 4])


def test_bad_frames_are_not_doubled_by_a_reconnection(server, follow):
    fill(server, range(2))
    server.add_raw(b"{")
    server.acts.append(Act(frames=3, close=1001))
    fill(server, range(3, 5))
    batches = drain(follow(), until_posts(4))
    assert sum(len(batch.dead_letters) for batch in batches) == 1


def test_account_and_identity_events_are_counted_as_skipped(server, follow):
    for number, kind in enumerate(["identity", "account", "account", "x" * 500]):
        server.add({"did": "did:plc:x", "time_us": now_us() + number, "kind": kind})
    fill(server, [9])
    batches = drain(follow(), until_posts(1))
    skipped = sum((Counter(batch.skipped) for batch in batches), Counter())
    assert skipped == {"bluesky-identity": 1, "bluesky-account": 2, "bluesky-other": 1}


def test_a_bad_request_is_fatal_with_the_servers_words(server, follow):
    server.refusals.append(Refusal(400, b"invalid wantedCollections\x1b[2J\nhere"))
    source = follow()
    with pytest.raises(Fatal, match=r"HTTP 400: invalid wantedCollections \[2J here"):
        drain(source, until_posts(1))
    with pytest.raises(Fatal):
        source.next_batch(max_records=1, max_bytes=1, max_seconds=0)


def test_what_came_before_a_fatal_refusal_is_returned_first(server, follow):
    fill(server, range(3))
    server.acts.append(Act(frames=3, close=1001))
    server.refusals.extend([None, Refusal(403, b"no")])
    assert texts(drain_until_fatal(follow(), "HTTP 403: no")) == expected(range(3))


@pytest.mark.parametrize("as_date", [False, True])
def test_too_many_requests_waits_as_told(server, follow, as_date):
    counts = Counts()
    told = "1"
    if as_date:
        told = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    server.refusals.append(Refusal(429, b"slow down", (("Retry-After", told),)))
    fill(server, range(2))
    assert texts(drain(follow(metrics=counts), until_posts(2))) == expected(range(2))
    assert counts.reconnects == {"too-many-requests": 1}
    assert server.asked[1].at - server.asked[0].at >= 0.9


def test_a_server_that_is_not_ready_is_asked_again(server, follow):
    counts = Counts()
    server.refusals.extend([Refusal(503, b"warming up")] * 3)
    fill(server, range(2))
    assert texts(drain(follow(metrics=counts), until_posts(2))) == expected(range(2))
    assert counts.reconnects == {"server-unavailable": 3}


def test_a_server_that_is_away_is_asked_again(server, follow):
    counts = Counts()
    server._server.shutdown()
    source = follow(metrics=counts, random=lambda: 0.2)
    wait_for(lambda: counts.reconnects["unreachable"] >= 2)
    server._server = server._listen()
    fill(server, range(2))
    assert texts(drain(source, until_posts(2))) == expected(range(2))


def test_a_silent_stall_is_ended_by_the_watchdog(server, follow):
    counts = Counts()
    fill(server, range(10))
    server.acts.append(Act(frames=4))
    source = follow(metrics=counts, limits=Limits(idle_seconds=0.3))
    assert texts(drain(source, until_posts(10))) == expected(range(10))
    assert counts.reconnects["idle"] >= 1


def test_a_frame_above_the_bound_is_never_taken_into_memory_and_is_fatal_if_it_stays(
    server, follow
):
    counts = Counts()
    fill(server, range(3))
    server.add(post_event(3, time_us=server.frames[-1][0] + 1, text="x" * 50_000))
    source = follow(metrics=counts, limits=Limits(max_frame_bytes=20_000))
    assert texts(drain_until_fatal(source, "20,000")) == expected(range(3))
    assert counts.reconnects["frame-too-large"] == 4


@pytest.mark.parametrize("bound", [{"max_waiting_frames": 10}, {"max_waiting_bytes": 3_000}])
def test_a_slow_consumer_stops_the_reading_and_loses_nothing(server, follow, bound):
    fill(server, range(3_000))
    source = follow(limits=Limits(**bound))
    wait_for(lambda: source.waiting >= 8)
    time.sleep(0.2)
    assert source.waiting <= 11
    assert texts(drain(source, until_posts(3_000))) == expected(range(3_000))


def test_received_at_is_when_the_frame_was_read_not_when_it_was_taken(server, follow):
    fill(server, range(1))
    source = follow()
    wait_for(lambda: source.waiting >= 1)
    read_by = datetime.now(UTC)
    time.sleep(0.05)
    assert drain(source, until_posts(1))[0].posts[0].received_at <= read_by


def test_capture_sees_each_new_frame_once(server, follow):
    seen = []
    fill(server, range(6))
    server.acts.append(Act(frames=4, close=1001))
    drain(follow(capture=lambda frame, _at: seen.append(frame)), until_posts(6))
    assert seen == [frame for _, frame in server.frames]


def test_opening_again_goes_back_to_the_committed_position(server, follow):
    fill(server, range(10))
    source = follow()
    drain(source, until_posts(10))
    source.open(None)
    assert texts(drain(source, until_posts(10))) == expected(range(10))


def test_close_is_quick_and_may_be_repeated(server, follow):
    before = threading.active_count()
    source = follow()
    wait_for(lambda: source.connected)
    began = time.monotonic()
    source.close()
    source.close()
    assert time.monotonic() - began < 5
    assert not source.connected
    wait_for(lambda: threading.active_count() <= before + 2)


def test_backoff_doubles_to_its_bound_with_full_jitter():
    assert [backoff_seconds(n, 1.0) for n in (1, 2, 3, 7, 8, 99)] == [0.25, 0.5, 1, 16, 30, 30]
    assert backoff_seconds(5, 0.0) == 0
    assert backoff_seconds(5, 0.5) == 2


def test_hosts_are_names_with_or_without_scheme_and_port():
    assert address_of("jetstream.example") == "wss://jetstream.example"
    assert address_of("jetstream.example:8443") == "wss://jetstream.example:8443"
    assert address_of("ws://127.0.0.1:6008/") == "ws://127.0.0.1:6008"
    for wrong in ("", "http://x", "ws://", "a b", "x/subscribe", "x?y", "x\n", "ws://u:p@x"):
        with pytest.raises(Fatal, match="Jetstream host"):
            address_of(wrong)
