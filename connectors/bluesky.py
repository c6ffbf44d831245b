"""Bluesky's posts, live, from a Jetstream host: the v1 wire, `/subscribe`."""

from __future__ import annotations

import hashlib
import random as random_module
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import structlog

from connectors.bluesky_post import SOURCE_NAME, BadPost, post_from_event, time_us_of
from connectors.bluesky_resume import ResumePoint, Sight
from connectors.bluesky_socket import (
    Arrival,
    Connected,
    Frame,
    JetstreamReader,
    Limits,
    address_of,
    micros,
)
from connectors.errors import Fatal
from connectors.inbox import Inbox
from connectors.source import Batch
from streams.schema import DeadLetter, Post

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.source import Position

_LOG = structlog.stdlib.get_logger(__name__)

DEFAULT_HOST = "jetstream2.us-east.bsky.network"
OLDEST = 0
"""As `first_cursor`: begin with the oldest event that the server still has."""

_COUNTED_KINDS = frozenset({"identity", "account"})


class SourceMetrics(Protocol):
    """What a live source tells the connector's metrics; called from two threads."""

    def reconnected(self, reason: str) -> None:
        """Count a lost connection; `reason` is one of few words."""
        ...

    def dropped_duplicates(self, number: int) -> None:
        """Count what came again after a break."""
        ...


class BlueskySource:
    """Follows `app.bsky.feed.post` on one host: creates, updates and deletes.

    Reconnects by itself and for ever. After a break, a restart or a kill it
    goes on five seconds before the newest event that it passed on and drops
    what comes again, so that nothing is lost and nothing doubled. What lies
    further back than the server keeps is counted as a gap.
    """

    name = SOURCE_NAME

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        *,
        connector_id: str = SOURCE_NAME,
        first_cursor: int | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Callable[[], float] = random_module.random,
        metrics: SourceMetrics | None = None,
        capture: Callable[[bytes, datetime], object] | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Make a source; nothing is connected before `open`.

        Args:
            host: a name, with a port if need be, or `ws://…` for one without TLS.
            connector_id: key of the cursor; one running process each.
            first_cursor: where to begin without a stored position, in
                microseconds of the Unix clock; `OLDEST`, or None for live.
            clock: the time of day, with a zone.
            random: a random share of the backoff, from 0 to 1.
            metrics: counts lost connections and dropped repeats.
            capture: called with each new frame and when it came, before the
                batch that holds it is returned.
            limits: bounds of connections and queues.

        Raises:
            Fatal: `host` is no host.
        """
        self.connector_id = connector_id
        self._host = host
        self._address = address_of(host)
        self._first_cursor = first_cursor
        self._clock = clock
        self._random = random
        self._metrics = metrics
        self._capture = capture
        self._limits = limits or Limits()
        self._resume = ResumePoint()
        self._inbox: Inbox[Arrival] | None = None
        self._reader: JetstreamReader | None = None
        self._failed: Fatal | None = None

    @property
    def connected(self) -> bool:
        """Whether a connection stands now."""
        return self._reader is not None and self._reader.connected

    @property
    def waiting(self) -> int:
        """Frames that were read and wait for `next_batch`."""
        return 0 if self._inbox is None else len(self._inbox)

    def open(self, position: Position | None) -> None:
        """Begin after `position`, or at the first cursor; connects in the background.

        Raises:
            Fatal: the position is none of this source's.
        """
        self.close()
        self._resume = ResumePoint.of(position, self._host)
        self._failed = None
        self._inbox = Inbox(
            max_items=self._limits.max_waiting_frames, max_bytes=self._limits.max_waiting_bytes
        )
        self._reader = JetstreamReader(
            self._address,
            self._inbox,
            newest=self._resume.newest,
            first_cursor=self._first_cursor,
            limits=self._limits,
            clock=self._clock,
            random=self._random,
            on_reconnect=self._metrics.reconnected if self._metrics else _uncounted,
        )
        self._reader.start()

    def next_batch(self, *, max_records: int, max_bytes: int, max_seconds: float) -> Batch | None:
        """Return what came within `max_seconds` or until another limit was reached.

        Raises:
            Fatal: the server refuses for good; all before it was returned.
        """
        if self._inbox is None:
            raise RuntimeError("next_batch before open")
        if self._failed is not None:
            raise self._failed
        gathered = _Gathered()
        deadline = time.monotonic() + max_seconds
        while gathered.records < max_records and gathered.bytes < max_bytes:
            arrival = self._inbox.take(max(0.0, deadline - time.monotonic()))
            if arrival is None:
                break
            if isinstance(arrival, Fatal):
                self._failed = arrival
                break
            if isinstance(arrival, Connected):
                self._resume.connected(arrival.cursor)
            else:
                self._add(arrival, gathered)
        return self._batch(gathered)

    def close(self) -> None:
        """Let go of the socket."""
        if self._reader is not None:
            self._reader.close()
        self._reader = self._inbox = None

    def _add(self, frame: Frame, gathered: _Gathered) -> None:
        gathered.bytes += len(frame.raw)
        gathered.frames += 1
        event = frame.event
        outcome: Post | BadPost | None
        if isinstance(event, BadPost):
            outcome, identity = event, frame.raw
        else:
            if self._resume.see(time_us_of(event), micros(frame.received_at)) is Sight.REPEATED:
                gathered.repeats += 1
                return
            outcome = post_from_event(event, received_at=frame.received_at)
            identity = _identity(outcome, frame)
        if outcome is None:
            kind = event["kind"] if isinstance(event, dict) else ""
            gathered.skipped[f"bluesky-{kind if kind in _COUNTED_KINDS else 'other'}"] += 1
            return
        if self._resume.admit(identity) is Sight.REPEATED:
            gathered.repeats += 1
            return
        if self._capture is not None:
            self._capture(frame.raw, frame.received_at)
        if isinstance(outcome, Post):
            gathered.posts.append(outcome)
        else:
            gathered.dead_letters.append(self._dead_letter(outcome, frame))

    def _dead_letter(self, bad: BadPost, frame: Frame) -> DeadLetter:
        # Bad bytes need not tell a time: the newest one before them is where to look.
        place = f"{self._host}@{self._resume.newest}#{hashlib.sha256(frame.raw).hexdigest()[:12]}"
        return DeadLetter.of(
            origin=SOURCE_NAME,
            place=place,
            fault=bad.fault,
            detail=bad.detail,
            original=frame.raw,
            happened_at=frame.received_at,
        )

    def _batch(self, gathered: _Gathered) -> Batch | None:
        if self._metrics is not None and gathered.repeats:
            self._metrics.dropped_duplicates(gathered.repeats)
        if self._resume.forgotten:
            _LOG.warning("bluesky.digests_forgotten", number=self._resume.forgotten)
            self._resume.forgotten = 0
        if not gathered.frames:
            return None
        gaps = {"cursor-too-old": self._resume.gaps} if self._resume.gaps else {}
        self._resume.gaps = 0
        return Batch(
            position=self._resume.position(self._host),
            posts=tuple(gathered.posts),
            dead_letters=tuple(gathered.dead_letters),
            gaps=gaps,
            skipped=dict(gathered.skipped),
        )


class _Gathered:
    """What a batch is made of while it is read."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.dead_letters: list[DeadLetter] = []
        self.skipped: Counter[str] = Counter()
        self.frames = 0
        self.bytes = 0
        self.repeats = 0

    @property
    def records(self) -> int:
        return len(self.posts) + len(self.dead_letters)


def _uncounted(_reason: str) -> None:
    """Nobody counts."""


def _identity(outcome: Post | BadPost | None, frame: Frame) -> bytes:
    """Return what is the same when an event comes again, and different for any other."""
    if not isinstance(outcome, Post) or not isinstance(frame.event, dict):
        return frame.raw
    content_id = frame.event["commit"].get("cid")
    return f"{outcome.post_id} {outcome.version} {outcome.op} {content_id}".encode()
