"""How fast a replay goes: flat out, so many posts a second, or by the posts' own times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_SILENCE_SECONDS = 60.0
"""A longer silence between two posts is cut to this, so that a gap of years passes."""
_CATCH_UP_SECONDS = 1.0


class Pace(Protocol):
    """Tells when posts are due."""

    def wait(self, created_at: datetime | None, now: float) -> float:
        """Return the seconds until posts of that time are due, 0 or less when they are.

        Args:
            created_at: the author's time, None where it is not known.
            now: seconds of a clock that only goes forward.
        """
        ...

    def took(self, posts: int, now: float) -> None:
        """Note that posts were handed out."""
        ...


class FlatOut:
    """As fast as Kafka takes them."""

    def wait(self, created_at: datetime | None, now: float) -> float:
        """Return 0."""
        del created_at, now
        return 0.0

    def took(self, posts: int, now: float) -> None:
        """Note nothing."""


class Rate:
    """So many posts a second, without bursts after a pause."""

    def __init__(self, posts_per_second: float) -> None:
        self._seconds = 1 / posts_per_second
        self._due: float | None = None

    def wait(self, created_at: datetime | None, now: float) -> float:
        """Return the seconds until the next post is due."""
        del created_at
        return 0.0 if self._due is None else self._due - now

    def took(self, posts: int, now: float) -> None:
        """Move the next due time on."""
        due = now if self._due is None else self._due
        self._due = max(due, now - _CATCH_UP_SECONDS) + posts * self._seconds


class Speed:
    """By the posts' own times, so many times as fast; posts out of order go at once."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._began: tuple[datetime, float] | None = None

    def wait(self, created_at: datetime | None, now: float) -> float:
        """Return the seconds until a post of that time is due."""
        if created_at is None:
            return 0.0
        if self._began is None:
            self._began = (created_at, now)
        first, began = self._began
        wait = began + (created_at - first).total_seconds() / self._factor - now
        if wait > LONGEST_SILENCE_SECONDS:
            self._began = (created_at, now + LONGEST_SILENCE_SECONDS)
            return LONGEST_SILENCE_SECONDS
        return wait

    def took(self, posts: int, now: float) -> None:
        """Note nothing: the posts' times say it all."""
