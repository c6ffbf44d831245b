"""What the main job has done so far, folded from the topics: pure but for the times given."""

from __future__ import annotations

from bisect import insort
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.labels.life import fold
from streams.schema import Action, LabelKind

if TYPE_CHECKING:
    from streams.schema import Cursor, DeadLetter, Label, LabelEvent

_NEWEST = 50
_MAX_LATENCIES = 1_000_000


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """A label event as the view read it."""

    event: LabelEvent
    published_at: float
    """Seconds since the epoch, from the record."""
    partition: int
    """Of the event and, for they are co-partitioned, of the post."""

    @property
    def time_to_label_seconds(self) -> float:
        """From the post's receipt to the publication of the event."""
        return max(self.published_at - self.event.post_received_at.timestamp(), 0.0)


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a finished run; `posts` = `decided` + `dead_letters`."""

    posts: int
    decided: int
    labels: dict[str, int]
    dead_letters: int
    posts_per_second: float
    time_to_label_p50_seconds: float | None
    time_to_label_p99_seconds: float | None

    def to_dict(self) -> dict[str, object]:
        """Return what `--json` prints."""
        return {
            "posts": self.posts,
            "decided": self.decided,
            "labels": self.labels,
            "dead_letters": self.dead_letters,
            "posts_per_second": round(self.posts_per_second, 1),
            "time_to_label_p50_seconds": _rounded(self.time_to_label_p50_seconds),
            "time_to_label_p99_seconds": _rounded(self.time_to_label_p99_seconds),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


@dataclass(slots=True)
class Tally:
    """Folds what the topics say; repeats of an event or a dead letter count once."""

    posts_written: int = 0
    """Posts that the connector put into the topic."""
    source_dead_letters: int = 0
    finished: bool = False
    """The source has come to its end."""
    lag: int = 0
    """Records of `posts` that no worker has committed yet."""
    lag_known: bool = False
    first_post_at: float | None = None
    done_at: float | None = None
    source_ended: bool = False
    """The connector has left: what its cursor said before may be of an earlier run."""
    _emptied: bool = False
    """The lag was seen to be gone after that."""
    newest: deque[SeenEvent] = field(default_factory=lambda: deque(maxlen=_NEWEST))
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Distinct events by kind and action."""
    _worker_letters: set[str] = field(default_factory=set)
    _event_ids: set[str] = field(default_factory=set)
    _labels: dict[str, dict[str, Label]] = field(default_factory=dict)
    _latencies: list[float] = field(default_factory=list)
    """Ascending: the view asks for quantiles several times a second."""

    def on_cursor(self, cursor: Cursor, now: float) -> None:
        """Take the connector's newest cursor."""
        self.posts_written = cursor.posts
        self.source_dead_letters = cursor.dead_letters
        self.finished = cursor.finished
        if self.first_post_at is None and cursor.posts + cursor.dead_letters:
            self.first_post_at = now

    def on_event(self, event: LabelEvent, published_at: float, partition: int) -> SeenEvent | None:
        """Take a label event; return it when it is new."""
        if event.event_id in self._event_ids:
            return None
        self._event_ids.add(event.event_id)
        fold(self._labels, event)
        seen = SeenEvent(event, published_at, partition)
        self.events[event.label.kind.value, event.action.value] += 1
        if event.action is not Action.RETRACT and len(self._latencies) < _MAX_LATENCIES:
            insort(self._latencies, seen.time_to_label_seconds)
        self.newest.append(seen)
        return seen

    def on_dead_letter(self, letter: DeadLetter) -> None:
        """Take a dead letter; those of connectors are in their cursors already."""
        if letter.origin == "worker":
            self._worker_letters.add(letter.dead_letter_id)

    def on_lag(self, lag: int, now: float) -> None:
        """Take the group's newest lag; note when the last post was done."""
        self.lag, self.lag_known = lag, True
        if self.finished and lag == 0 and self.done_at is None:
            self.done_at = now
        elif lag:
            self.done_at = None
        self._emptied = self.source_ended and lag == 0

    def on_source_end(self) -> None:
        """Note that the connector came to its source's end and left."""
        self.source_ended = True

    @property
    def done(self) -> bool:
        """Whether the source is at its end and every post was decided."""
        return self.done_at is not None and self._emptied

    @property
    def dead_letters(self) -> int:
        """All dead letters, of connector and workers."""
        return self.source_dead_letters + len(self._worker_letters)

    @property
    def posts(self) -> int:
        """All that came from the source, good or bad."""
        return self.posts_written + self.source_dead_letters

    @property
    def decided(self) -> int:
        """Posts with a decision so far; the lag may count a few markers while they are read."""
        return max(self.posts_written - len(self._worker_letters) - self.lag, 0)

    def labels_by_kind(self) -> dict[str, int]:
        """Return the labels that stand now, every kind named."""
        counts = Counter(
            label.kind.value for labels in self._labels.values() for label in labels.values()
        )
        return {kind.value: counts[kind.value] for kind in LabelKind}

    def quantile(self, share: float) -> float | None:
        """Return a quantile of the time to label in seconds; None without labels."""
        if not self._latencies:
            return None
        return self._latencies[min(int(share * len(self._latencies)), len(self._latencies) - 1)]

    def summary(self, now: float) -> Summary:
        """Return the figures of the run up to now."""
        end = self.done_at if self.done_at is not None else now
        seconds = end - self.first_post_at if self.first_post_at is not None else 0.0
        return Summary(
            posts=self.posts,
            decided=self.decided,
            labels=self.labels_by_kind(),
            dead_letters=self.dead_letters,
            posts_per_second=self.posts / seconds if seconds > 0 else 0.0,
            time_to_label_p50_seconds=self.quantile(0.5),
            time_to_label_p99_seconds=self.quantile(0.99),
        )
