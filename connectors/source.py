"""What a source of posts is: the one seam between networks and the runner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.schema import DeadLetter, Post

Position = dict[str, Any]
"""Where a source is, in its own words; JSON values only."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts and dead letters in the source's order, and where the source is after them."""

    position: Position
    """Reading on from here gives what follows this batch, nothing twice, nothing left out."""
    posts: tuple[Post, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    finished: bool = False
    """The source has come to its end; no batch follows."""
    gaps: Mapping[str, int] = field(default_factory=dict)
    """What the source knows that it missed, by reason; counted, never hidden."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """What is neither a post nor a fault (notices of limits, account events), by kind."""


class Source(Protocol):
    """A stream of posts with a position that outlives the process.

    The runner calls from one thread: `open` once, then `next_batch` until it is
    finished, then `close`. After an aborted transaction it calls `open` again with
    the last committed position.
    """

    name: str
    """The post's `source`: `replay`, `bluesky`."""
    connector_id: str
    """Key of its cursor and part of its transactional id; one running process each."""

    def open(self, position: Position | None) -> None:
        """Start reading after `position`, or at the beginning (of a file, or live).

        Raises:
            connectors.errors.Fatal: it can never work, and how to mend it.
            connectors.errors.Unavailable: not now; the runner tries again.
        """
        ...

    def next_batch(self, *, max_records: int, max_bytes: int, max_seconds: float) -> Batch | None:
        """Return what came, as soon as a limit is reached; None when nothing came.

        Never blocks longer than `max_seconds` by much. What cannot be a post
        comes back as a dead letter in the batch, never as an exception.
        """
        ...

    def close(self) -> None:
        """Let go of sockets and files; safe to call twice."""
        ...
