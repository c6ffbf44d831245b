"""Lines of a stream in chunks: bounded, and never waiting for more than has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_LIMIT = 4 * 1024 * 1024
"""Bytes: room for the longest text that is looked at, however it is escaped."""
CHUNK_LINES = 256
_READ = 256 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end."""

    number: int
    value: bytes
    too_long: bool = False
    """Longer than the limit: its bytes were skipped."""


def read_chunks(stream: BinaryIO) -> Iterator[list[Line]]:
    """Yield the lines of an unbuffered stream, as many at a time as one read brought.

    Blank lines are left out. A line beyond the limit is skipped without being held.
    """
    number = 0
    rest = b""
    skipping = False
    while data := stream.read(_READ):
        pieces = (rest + data).split(b"\n")
        rest = pieces.pop()
        lines: list[Line] = []
        for piece in pieces:
            number += 1
            if skipping or len(piece) > LINE_LIMIT:
                lines.append(Line(number, b"", too_long=True))
                skipping = False
            elif piece.strip():
                lines.append(Line(number, piece))
        if len(rest) > LINE_LIMIT:
            rest = b""
            skipping = True
        yield from _chunks(lines)
    if skipping:
        yield [Line(number + 1, b"", too_long=True)]
    elif rest.strip():
        yield [Line(number + 1, rest)]


def _chunks(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), CHUNK_LINES):
        yield lines[start : start + CHUNK_LINES]
