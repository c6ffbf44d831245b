"""Where a Jetstream stream is, and what of it was seen: pure bookkeeping.

The server's `time_us` is not quite in order, so reading goes on a little
before the newest one seen (`OVERLAP_US`), and what comes again is recognised
by a digest. The digests of the overlap are part of the position: a process
that was killed leaves them to its successor.

A server starts to send at the first event whose time reaches the cursor. An
event is therefore sent again exactly if a time at or after the cursor was seen
when it came: each digest is kept by the newest time at its arrival, not by
its own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connectors.errors import Fatal

if TYPE_CHECKING:
    from connectors.source import Position

OVERLAP_US = 5_000_000
"""How far before the newest event reading goes on after a break."""
KEPT_US = OVERLAP_US + 1_000_000
"""How long digests are kept, in the stream's time."""
MAX_DIGESTS = 5_000
"""At 40 posts/s the overlap holds 240 digests; this bounds a server that catches up."""
KEPT_AT_LEAST = 1_000
"""So many are kept in memory however old: a server that crashed reads its own last seconds
again and stamps them anew, after a break that may be long."""
MAX_AHEAD_US = 3_600_000_000
"""A time further ahead of our clock is not believed: it would skip what lies between."""

_FIRST_TIME_US = 1_000_000_000_000_000
# Smaller cursors are sequence numbers to newer servers.
_DIGEST_BYTES = 16
# 128 bits: nobody can make two posts of one digest, so that the second is dropped as a repeat.
_ENTRY = struct.Struct(f">{_DIGEST_BYTES}sI")


class Sight(StrEnum):
    """What an event is to a stream that may repeat itself."""

    NEW = "new"
    REPEATED = "repeated"


class ResumePoint:
    """The newest time seen and the digests of what came near it."""

    def __init__(self) -> None:
        self.newest: int | None = None
        """Largest believable `time_us`; never falls."""
        self.forgotten = 0
        """Digests dropped too early by the bound: so many repeats may pass."""
        self.gaps = 0
        """How often the stream went on later than the cursor it was asked for."""
        self._digests: dict[bytes, int] = {}
        self._awaited: int | None = None
        self._may_tell_gaps = True
        self._suspicious = False

    @classmethod
    def of(cls, position: Position | None, host: str) -> ResumePoint:
        """Return the point that a position describes; None: the very beginning.

        Raises:
            Fatal: the position is no position of a Jetstream.
        """
        point = cls()
        if position is None:
            return point
        newest = position.get("time_us")
        recent = position.get("recent", "")
        if newest is None:
            return point
        if not _is_time(newest) or not isinstance(recent, str):
            raise _not_ours()
        point.newest = newest
        # Servers stamp times of their own: another one's first event may well be later.
        point._may_tell_gaps = position.get("host") == host
        try:
            entries = list(_ENTRY.iter_unpack(base64.b64decode(recent, validate=True)))
        except (binascii.Error, struct.error, ValueError):
            raise _not_ours() from None
        for digest, before in entries[-MAX_DIGESTS:]:
            point._digests[digest] = newest - before
        return point

    def position(self, host: str) -> Position:
        """Return what `of` takes; JSON values only."""
        if self.newest is None:
            return {"host": host, "time_us": None, "recent": ""}
        newest = self.newest
        recent = b"".join(
            _ENTRY.pack(digest, newest - seen)
            for digest, seen in self._digests.items()
            if newest - seen <= KEPT_US
        )
        return {
            "host": host,
            "time_us": newest,
            "recent": base64.b64encode(recent).decode(),
        }

    def connected(self, cursor: int | None) -> None:
        """Note that a connection begins at `cursor`; None: live."""
        self._awaited = cursor
        self._suspicious = False

    def see(self, time_us: int | None, now_us: int) -> Sight:
        """Note an event's time; repeated is what comes from before the cursor.

        Newer servers rewind a time cursor by up to an hour, to where their file
        begins: all of it, up to the cursor, was seen before.
        """
        if time_us is None or not believable(time_us, now_us):
            return Sight.NEW
        if self._awaited is not None:
            if time_us < self._awaited:
                return Sight.REPEATED
            self._awaited = None
            # The newest event lies in the overlap and must come again, or one before it.
            later = self.newest is not None and time_us > self.newest
            self._suspicious = later and self._may_tell_gaps
            self._may_tell_gaps = True
        self.newest = time_us if self.newest is None else max(self.newest, time_us)
        return Sight.NEW

    def admit(self, identity: bytes) -> Sight:
        """Note what is to be passed on; repeated if it was noted before."""
        digest = hashlib.blake2b(identity, digest_size=_DIGEST_BYTES).digest()
        known = digest in self._digests
        # A server that crashed has stamped anew what it had already sent: that is no gap.
        self.gaps += self._suspicious and not known
        self._suspicious = False
        if known:
            return Sight.REPEATED
        newest = self.newest or 0
        self._digests[digest] = newest
        # Arrival times never fall, so the oldest stand in front.
        while True:
            oldest = next(iter(self._digests))
            outdated = self._digests[oldest] < newest - KEPT_US
            if len(self._digests) <= (KEPT_AT_LEAST if outdated else MAX_DIGESTS):
                return Sight.NEW
            self.forgotten += not outdated
            del self._digests[oldest]


def believable(time_us: int, now_us: int) -> bool:
    """Return whether a time may move the cursor."""
    return _FIRST_TIME_US <= time_us <= now_us + MAX_AHEAD_US


def resume_cursor(newest: int | None) -> int | None:
    """Return the cursor to ask for when `newest` was the newest time seen."""
    return None if newest is None else max(newest - OVERLAP_US, _FIRST_TIME_US)


def _is_time(value: Any) -> bool:
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and _FIRST_TIME_US <= value < 10 * _FIRST_TIME_US
    )


def _not_ours() -> Fatal:
    return Fatal(
        "the stored cursor is none of a Jetstream; give this connector an id of its own, "
        "or delete the cursor to start with the live stream"
    )
