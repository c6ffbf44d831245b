"""Run one source into Kafka: read a batch, commit it with its cursor, again.

One transaction at a time holds posts, dead letters and the cursor after them,
so a process that dies anywhere leaves a whole number of batches behind, and
its successor goes on exactly there.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import structlog

from connectors.cursors import read_cursor
from connectors.errors import Unavailable
from connectors.producer import TransactionalProducer
from streams.schema import Cursor
from streams.telemetry import Health

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.metrics import ConnectorMetrics
    from connectors.source import Batch, Position, Source
    from streams.settings import Settings

_LOG = structlog.stdlib.get_logger(__name__)

STUCK_EXIT_STATUS = 75
_FIRST_BACKOFF_SECONDS = 0.25
_MAX_BACKOFF_SECONDS = 30.0
_IDLE_CURSOR_SECONDS = 5.0
_STOP_GRACE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run has committed so far, by this process."""

    posts: int
    dead_letters: int
    seconds: float
    position: Position


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run has done when it returns."""

    posts: int
    """Committed by this process."""
    dead_letters: int
    skipped: int
    seconds: float
    finished: bool
    """The source came to its end; otherwise somebody asked to stop."""
    total_posts: int
    """Committed under this connector id, by earlier processes too."""
    total_dead_letters: int


class Writer(Protocol):
    """What the runner needs of Kafka: `TransactionalProducer`, or a stand-in."""

    def init(self) -> None:
        """Shut out the predecessor."""
        ...

    def write(self, batch: Batch, cursor: Cursor) -> int:
        """Commit a batch and its cursor; return the bytes."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


@dataclass(frozen=True, slots=True)
class Destination:
    """How the runner reaches Kafka."""

    connect: Callable[[], Writer]
    read_cursor: Callable[[], Cursor | None]


def kafka_destination(settings: Settings, source: Source) -> Destination:
    """Return the real one."""
    return Destination(
        lambda: TransactionalProducer(settings, source.connector_id, source.name),
        lambda: read_cursor(settings, source.connector_id),
    )


def run(
    source: Source,
    settings: Settings,
    *,
    metrics: ConnectorMetrics,
    stop: threading.Event,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    on_progress: Callable[[Progress], None] | None = None,
    jitter: Callable[[], float] = random.random,
    destination: Destination | None = None,
) -> Summary:
    """Run a source until it is finished or `stop` is set.

    Blocks. What Kafka or the source cannot do now is tried again with backoff,
    from the committed cursor on. A transaction that lasts longer than the
    setting `connector.stuck_seconds` ends the process with status 75.

    Args:
        source: closed when this returns.
        settings: Kafka and the connector's bounds.
        metrics: counts per batch.
        stop: when set, the transaction under way is finished and no more is begun.
        clock: the time of day, with a zone.
        on_progress: called after each transaction.
        jitter: a random share of the backoff, from 0 to 1.
        destination: where to; Kafka by default.

    Raises:
        Fatal: it can never work; the message says how to mend it.
        Fenced: a newer process has taken over.
    """
    runner = _Runner(
        source,
        settings,
        metrics=metrics,
        stop=stop,
        clock=clock,
        on_progress=on_progress,
        jitter=jitter,
        destination=destination or kafka_destination(settings, source),
    )
    with _watchdog(metrics, stop, settings.connector.stuck_seconds):
        return runner.run()


def liveness(metrics: ConnectorMetrics, stuck_seconds: float) -> Health:
    """Return whether the process should be left alone."""
    age = metrics.transaction_age()
    if age > stuck_seconds:
        return Health(ok=False, reasons=(f"a transaction lasts for {age:.0f} s",))
    return Health(ok=True)


def readiness(metrics: ConnectorMetrics, *, slow_seconds: float = 30.0) -> Health:
    """Return whether posts flow: the source is open and Kafka takes them."""
    reasons = []
    if not metrics.open:
        reasons.append("the source is not open")
    age = metrics.transaction_age()
    if age > slow_seconds:
        reasons.append(f"Kafka has not committed for {age:.0f} s")
    return Health(ok=not reasons, reasons=tuple(reasons))


class _Runner:
    def __init__(
        self,
        source: Source,
        settings: Settings,
        *,
        metrics: ConnectorMetrics,
        stop: threading.Event,
        clock: Callable[[], datetime],
        on_progress: Callable[[Progress], None] | None,
        jitter: Callable[[], float],
        destination: Destination,
    ) -> None:
        self._source = source
        self._bounds = settings.connector
        self._metrics = metrics
        self._stop = stop
        self._clock = clock
        self._on_progress = on_progress
        self._jitter = jitter
        self._destination = destination
        self._began = time.monotonic()
        self._posts = self._dead_letters = self._skipped = 0
        self._total_posts = self._total_dead_letters = 0
        self._failures = 0

    def run(self) -> Summary:
        finished = False
        while not finished and not self._stop.is_set():
            try:
                finished = self._session()
            except Unavailable as error:
                self._back_off(error)
        return Summary(
            self._posts,
            self._dead_letters,
            self._skipped,
            time.monotonic() - self._began,
            finished,
            self._total_posts,
            self._total_dead_letters,
        )

    def _session(self) -> bool:
        """Run with one producer and one opening of the source; return whether it finished."""
        writer = self._destination.connect()
        try:
            # In this order: a predecessor that still writes would move the cursor after our look.
            writer.init()
            cursor = self._destination.read_cursor()
            self._total_posts = cursor.posts if cursor else 0
            self._total_dead_letters = cursor.dead_letters if cursor else 0
            self._source.open(cursor.position if cursor else None)
            self._metrics.open = True
            _LOG.info(
                "connector.open",
                connector=self._source.connector_id,
                resumed=cursor is not None,
                posts_before=self._total_posts,
            )
            return self._batches(writer, cursor)
        finally:
            self._metrics.open = False
            self._metrics.ended()
            self._source.close()
            writer.close()

    def _batches(self, writer: Writer, cursor: Cursor | None) -> bool:
        committed = cursor.position if cursor else None
        committed_at = time.monotonic()
        while not self._stop.is_set():
            batch = self._source.next_batch(
                max_records=self._bounds.batch_records,
                max_bytes=self._bounds.batch_bytes,
                max_seconds=self._bounds.batch_seconds,
            )
            if batch is None:
                continue
            empty = not batch.posts and not batch.dead_letters
            moved = batch.position != committed
            idle = time.monotonic() - committed_at < _IDLE_CURSOR_SECONDS
            # A quiet source that only moves on need not write four cursors a second.
            if empty and not batch.finished and (idle or not moved):
                self._note(batch)
                continue
            if not empty or moved or not (cursor and cursor.finished == batch.finished):
                self._write(writer, batch)
                committed, committed_at = batch.position, time.monotonic()
            self._note(batch)
            self._failures = 0
            if batch.finished:
                return True
        return False

    def _write(self, writer: Writer, batch: Batch) -> None:
        posts = self._total_posts + len(batch.posts)
        dead_letters = self._total_dead_letters + len(batch.dead_letters)
        cursor = Cursor(
            connector_id=self._source.connector_id,
            position=batch.position,
            posts=posts,
            dead_letters=dead_letters,
            finished=batch.finished,
            updated_at=self._clock(),
        )
        self._metrics.began(batch)
        sent = writer.write(batch, cursor)
        self._metrics.committed(batch, sent)
        self._metrics.ended()
        self._total_posts, self._total_dead_letters = posts, dead_letters
        self._posts += len(batch.posts)
        self._dead_letters += len(batch.dead_letters)
        if self._on_progress is not None:
            seconds = time.monotonic() - self._began
            self._on_progress(Progress(self._posts, self._dead_letters, seconds, batch.position))

    def _note(self, batch: Batch) -> None:
        self._metrics.read(batch)
        self._skipped += sum(batch.skipped.values())
        for reason, number in batch.gaps.items():
            _LOG.warning("connector.gap", reason=reason, number=number)

    def _back_off(self, error: Unavailable) -> None:
        ceiling = min(_MAX_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2**self._failures)
        self._failures = min(self._failures + 1, 30)
        seconds = ceiling * self._jitter()
        self._metrics.reconnected("unavailable")
        _LOG.warning("connector.unavailable", error=str(error), retry_seconds=round(seconds, 2))
        self._stop.wait(seconds)


class _Watchdog:
    """Ends the process when a transaction is stuck: nothing else can free a wedged producer."""

    def __init__(
        self,
        metrics: ConnectorMetrics,
        stop: threading.Event,
        stuck_seconds: float,
        leave: Callable[[int], object],
    ) -> None:
        self._metrics = metrics
        self._stop = stop
        self._stuck_seconds = stuck_seconds
        self._leave = leave
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        stopping_since: float | None = None
        while not self._over.wait(0.25):
            age = self._metrics.transaction_age()
            if self._stop.is_set() and stopping_since is None:
                stopping_since = time.monotonic()
            if age > self._stuck_seconds:
                _LOG.critical("connector.stuck", transaction_seconds=round(age, 1))
                self._leave(STUCK_EXIT_STATUS)
            waited = 0.0 if stopping_since is None else time.monotonic() - stopping_since
            if waited > _STOP_GRACE_SECONDS:
                _LOG.critical("connector.stopped_in_a_transaction", transaction_seconds=round(age))
                self._leave(STUCK_EXIT_STATUS)


@contextlib.contextmanager
def _watchdog(
    metrics: ConnectorMetrics,
    stop: threading.Event,
    stuck_seconds: float,
    leave: Callable[[int], object] = os._exit,
) -> Iterator[None]:
    watchdog = _Watchdog(metrics, stop, stuck_seconds, leave)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.end()
