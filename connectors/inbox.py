"""A queue between a socket's thread and the runner, bounded by count and by bytes."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Holds items in order until they are taken; a full one makes the writer wait.

    A writer that waits does not read its socket, so a slow consumer slows the
    sender down instead of filling the memory.
    """

    def __init__(self, *, max_items: int, max_bytes: int) -> None:
        """Make an empty one; an item larger than `max_bytes` goes in alone."""
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._items: deque[tuple[Item, int]] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def waiting_bytes(self) -> int:
        """Size of what waits, by its writer's own words."""
        return self._bytes

    def put(self, item: Item, size: int = 0) -> bool:
        """Append an item as soon as there is room; False when it was closed instead."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room(size))
            if self._closed:
                return False
            self._items.append((item, size))
            self._bytes += size
            self._changed.notify_all()
            return True

    def take(self, seconds: float) -> Item | None:
        """Return the oldest item, or None when none came within `seconds`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not self._items:
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    return None
                self._changed.wait(left)
            item, size = self._items.popleft()
            self._bytes -= size
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Free a waiting writer and reader; what waits inside is dropped."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._bytes = 0
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        if not self._items:
            return True
        return len(self._items) < self._max_items and self._bytes + size <= self._max_bytes
