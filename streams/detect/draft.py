"""A text that is being rewritten, with the place of each of its characters in the original."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from streams.schema import Span

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Normalised:
    """Folded text; `span` finds the place in the text as published."""

    text: str
    original_length: int
    starts: tuple[int, ...] | None
    """Place of each character in the original; none when the lengths are the same."""

    def span(self, start: int, end: int) -> Span:
        """Return where `text[start:end]` stands in the original, in code points."""
        if self.starts is None:
            return Span(start=start, end=end)
        length = len(self.starts)
        first = self.starts[start] if start < length else self.original_length
        if end <= start:
            return Span(start=first, end=first)
        place = self.starts[end - 1]
        # One character may have become several: skip those that share its place.
        after = end
        while after < length and self.starts[after] == place:
            after += 1
        return Span(start=first, end=self.starts[after] if after < length else self.original_length)


class Draft:
    """Text under way with the places of its characters; every rewrite is linear."""

    __slots__ = ("original_length", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.original_length = len(text)
        self.starts: list[int] | None = None

    def replace(self, pieces: Sequence[str]) -> None:
        """Take one piece for each character of the text."""
        text = "".join(pieces)
        if len(text) != len(pieces) or "" in pieces:
            old = self.starts if self.starts is not None else range(len(pieces))
            if len(text) == len(pieces) - pieces.count(""):
                self.starts = list(compress(old, pieces))
            else:
                self.starts = [
                    place for place, piece in zip(old, pieces, strict=True) for _ in piece
                ]
        self.text = text

    def cut(self, most: int) -> None:
        """Keep no more than so many characters."""
        if len(self.text) > most:
            self.original_length = most if self.starts is None else self.starts[most - 1] + 1
            self.starts = None if self.starts is None else self.starts[:most]
            self.text = self.text[:most]

    def rewrite(
        self, pattern: re.Pattern[str], change: Callable[[str], Sequence[str] | None]
    ) -> bool:
        """Replace each match by what `change` makes of it: one piece a character, none: kept.

        Returns whether anything changed.
        """
        pieces: list[str] | None = None
        for match in pattern.finditer(self.text):
            found = match[0]
            changed = change(found)
            if changed is None or (len(changed) == len(found) and "".join(changed) == found):
                continue
            if pieces is None:
                pieces = list(self.text)
            pieces[match.start() : match.end()] = changed
        if pieces is None:
            return False
        self.replace(pieces)
        return True

    def normalised(self) -> Normalised:
        """Return the text as it stands now."""
        starts = None if self.starts is None else tuple(self.starts)
        return Normalised(self.text, self.original_length, starts)


def spread(word: str, length: int) -> list[str]:
    """Return a word as `length` pieces, a character each, as long as both last."""
    if len(word) <= length:
        return [*word, *[""] * (length - len(word))]
    return [*word[: length - 1], word[length - 1 :]]
