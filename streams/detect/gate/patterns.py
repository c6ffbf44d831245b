"""Many patterns looked for in one scan."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import hyperscan

if TYPE_CHECKING:
    from collections.abc import Sequence


class Patterns:
    """A database of patterns with a scratch for each thread."""

    def __init__(self, patterns: Sequence[bytes]) -> None:
        self._database: hyperscan.Database | None = None
        if patterns:
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            self._database.compile(
                expressions=list(patterns),
                ids=list(range(len(patterns))),
                elements=len(patterns),
                flags=[hyperscan.HS_FLAG_DOTALL] * len(patterns),
            )
        # A scratch serves one scan at a time; every thread has its own.
        self._scratch = threading.local()

    def find(self, data: bytes) -> list[tuple[int, int]]:
        """Return the number and the end of each match."""
        found: list[tuple[int, int]] = []
        if self._database is None:
            return found

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append((number, end))

        scratch = getattr(self._scratch, "value", None)
        if scratch is None:
            scratch = self._scratch.value = hyperscan.Scratch(self._database)
        self._database.scan(data, match_event_handler=on_match, scratch=scratch)
        return found
