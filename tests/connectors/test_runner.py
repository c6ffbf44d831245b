"""What the runner does between a source and Kafka, with a stand-in for Kafka."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from connectors.errors import Fatal, Fenced, Unavailable
from connectors.metrics import ConnectorMetrics
from connectors.runner import Destination, liveness, readiness, run
from connectors.source import Batch
from streams.schema import DeadLetter, Fault
from streams.settings import Settings
from tests.builders import RECEIVED, post

NOW = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)


class Numbers:
    """A source of numbered posts that fails where it is told to."""

    name = "numbers"
    connector_id = "numbers"

    def __init__(self, count, failures=(), size=3, *, ends=True):
        self.count = count
        self.failures = list(failures)
        self.size = size
        self.ends = ends
        self.at = 0
        self.opened = []
        self.is_open = False

    def open(self, position):
        self.opened.append(position)
        self.at = position["at"] if position else 0
        self.is_open = True

    def next_batch(self, *, max_records, max_bytes, max_seconds):
        if self.failures and self.failures[0] <= self.at:
            self.failures.pop(0)
            raise Unavailable("the source is away")
        if self.at >= self.count and not self.ends:
            return None
        first, self.at = self.at, min(self.at + min(self.size, max_records), self.count)
        posts = tuple(post(f"p{n}", f"post {n}") for n in range(first, self.at))
        return Batch({"at": self.at}, posts, finished=self.at >= self.count and self.ends)

    def close(self):
        self.is_open = False


class Log:
    """Kafka's committed records; writers to it fail where they are told to."""

    def __init__(self, faults=()):
        self.batches = []
        self.cursor = None
        self.faults = list(faults)
        self.writers = []

    def connect(self):
        writer = Writer(self)
        self.writers.append(writer)
        return writer

    @property
    def posts(self):
        return [one.post_id for batch in self.batches for one in batch.posts]


class Writer:
    def __init__(self, log):
        self.log = log
        self.state = "new"

    def init(self):
        self.state = "ready"

    def write(self, batch, cursor):
        assert self.state == "ready"
        fault = self.log.faults.pop(0) if self.log.faults else None
        if fault == "fenced":
            raise Fenced("another process")
        if fault == "refused":
            raise Fatal("refused")
        if fault != "lost":
            self.log.batches.append(batch)
            self.log.cursor = cursor
        if fault in {"lost", "answer-lost"}:
            self.state = "broken"
            raise Unavailable("no answer")
        return 10

    def close(self):
        self.state = "closed"


def start(source, log, *, stop=None, metrics=None, **options):
    return run(
        source,
        Settings(),
        metrics=metrics or ConnectorMetrics("numbers"),
        stop=stop or threading.Event(),
        clock=lambda: NOW,
        jitter=lambda: 0.0,
        destination=Destination(log.connect, lambda: log.cursor),
        **options,
    )


@given(
    count=st.integers(0, 30),
    size=st.integers(1, 7),
    failures=st.lists(st.integers(0, 30), max_size=4).map(sorted),
    faults=st.lists(st.sampled_from([None, "lost", "answer-lost"]), max_size=12),
)
def test_whatever_fails_every_post_is_committed_once(count, size, failures, faults):
    log = Log(faults)
    source = Numbers(count, failures, size)
    summary = start(source, log)
    assert log.posts == [f"p{n}" for n in range(count)]
    assert (log.cursor.posts, log.cursor.finished) == (count, True)
    assert summary.total_posts == count
    assert summary.finished
    assert not source.is_open
    assert all(writer.state == "closed" for writer in log.writers)


def test_fenced_and_fatal_end_the_run_and_close_everything():
    for fault, error in (("fenced", Fenced), ("refused", Fatal)):
        log, source = Log([None, fault]), Numbers(9)
        with pytest.raises(error):
            start(source, log)
        assert log.posts == ["p0", "p1", "p2"]
        assert not source.is_open
        assert [writer.state for writer in log.writers] == ["closed"]


def test_the_cursor_is_read_after_the_predecessor_is_shut_out():
    log = Log()
    states = []
    source = Numbers(1)
    run(
        source,
        Settings(),
        metrics=ConnectorMetrics("numbers"),
        stop=threading.Event(),
        destination=Destination(log.connect, lambda: states.append(log.writers[-1].state)),
    )
    assert states == ["ready"]


def test_stop_ends_an_endless_source_after_whole_batches():
    log, stop = Log(), threading.Event()
    seen = []

    def on_progress(progress):
        seen.append(progress.posts)
        if progress.posts >= 9:
            stop.set()

    summary = start(Numbers(1000, ends=False), log, stop=stop, on_progress=on_progress)
    assert (summary.posts, summary.finished) == (9, False)
    assert seen == [3, 6, 9]


def test_stop_ends_the_wait_for_an_unavailable_kafka():
    stop = threading.Event()
    tries = []

    def connect():
        tries.append(1)
        if len(tries) == 3:
            stop.set()
        raise Unavailable("no broker")

    summary = run(
        Numbers(3),
        Settings(),
        metrics=ConnectorMetrics("numbers"),
        stop=stop,
        jitter=lambda: 0.0,
        destination=Destination(connect, lambda: None),
    )
    assert (len(tries), summary.finished, summary.posts) == (3, False, 0)


class Scripted(Numbers):
    def __init__(self, *batches):
        super().__init__(0)
        self.batches = list(batches)

    def next_batch(self, **_):
        return self.batches.pop(0)


def letter(fault):
    return DeadLetter.of(
        origin="numbers", place="f:1", fault=fault, detail="", original=b"x", happened_at=RECEIVED
    )


def test_metrics_count_what_was_committed():
    registry = CollectorRegistry()
    metrics = ConnectorMetrics("numbers", registry)
    source = Scripted(
        Batch({"at": 1}, (post("a"), post("b", op="delete", text="")), gaps={"cursor-too-old": 2}),
        None,
        Batch({"at": 2}, (), (letter(Fault.NOT_JSON),), skipped={"notice": 3}),
        Batch({"at": 3}, finished=True),
    )
    summary = start(source, Log(), metrics=metrics)

    def value(name, **labels):
        return registry.get_sample_value(
            f"hustings_connector_{name}", {"source": "numbers", **labels}
        )

    assert value("posts_total", op="create") == 1
    assert value("posts_total", op="delete") == 1
    assert value("dead_letters_total", fault="not-json") == 1
    assert value("gaps_total", reason="cursor-too-old") == 2
    assert value("skipped_total", kind="notice") == 3
    assert value("transaction_seconds_count") == 3
    assert value("last_post_timestamp_seconds") == RECEIVED.timestamp()
    assert value("source_lag_seconds") == 1.0
    assert value("in_flight_posts") == value("oldest_unacknowledged_seconds") == 0
    assert (summary.posts, summary.dead_letters, summary.skipped) == (2, 1, 3)


def test_a_quiet_source_that_moves_on_does_not_write_a_cursor_each_time():
    moving = [Batch({"at": n}) for n in range(50)]
    log = Log()
    start(Scripted(*moving, Batch({"at": 50}, finished=True)), log)
    assert [batch.position for batch in log.batches] == [{"at": 50}]


def test_probes_tell_a_stuck_transaction_and_a_closed_source():
    now = [0.0]
    metrics = ConnectorMetrics("numbers", monotonic=lambda: now[0])
    assert readiness(metrics).reasons == ("the source is not open",)
    metrics.open = True
    metrics.began(Batch({}))
    assert readiness(metrics).ok
    now[0] = 60.0
    assert liveness(metrics, 180).ok
    assert readiness(metrics).reasons == ("Kafka has not committed for 60 s",)
    now[0] = 181.0
    assert liveness(metrics, 180).reasons == ("a transaction lasts for 181 s",)
    metrics.ended()
    assert liveness(metrics, 180).ok


STUCK = """
import threading, time
from connectors.metrics import ConnectorMetrics
from connectors.runner import Destination, run
from connectors.source import Batch
from streams.settings import ConnectorSettings, Settings

class Source:
    name = connector_id = "stuck"
    def open(self, position): pass
    def next_batch(self, **limits): return Batch({"at": 1}, finished=True)
    def close(self): pass

class Wedged:
    def init(self): pass
    def write(self, batch, cursor): time.sleep(1000)
    def close(self): pass

run(Source(), Settings(connector=ConnectorSettings(stuck_seconds=0.5)),
    metrics=ConnectorMetrics("stuck"), stop=threading.Event(),
    destination=Destination(Wedged, lambda: None))
"""


def test_a_stuck_transaction_ends_the_process_with_status_75():
    done = subprocess.run(
        [sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 75
    assert "connector.stuck" in done.stdout + done.stderr
