"""Letters with something between them: `v o t e`, `v.o.t.e`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streams.detect.folding import FOLDED, MARKS
from streams.detect.vocabulary import MOST_LETTERS, load_vocabulary

if TYPE_CHECKING:
    from streams.detect.draft import Draft

MOST_SEGMENTED = 30
"""Runs of spaced letters of a post in which words are looked for."""
_LETTERS_OF_A_JOINED_TEXT = 5
_LETTER = rf"[^\W\d_][{MARKS}]*"
_BETWEEN = rf"([^\w{MARKS}]{{1,3}})"
_ITEM = rf"(?:{_LETTER}|[0-9@$!])"
_SPACED = re.compile(
    rf"(?<![\w@$#{MARKS}]){_ITEM}{_BETWEEN}{_ITEM}(?:\1{_ITEM}){{2,}}(?![\w{MARKS}])"
)
_SPACED_PIECE = re.compile(rf"{_ITEM}")
_SPACED_SHORT = re.compile(
    rf"(?:(?<=  )|(?<![^\n])){_LETTER} {_LETTER}(?: {_LETTER})?(?=  |\n|$)"
    rf"|(?<!\w){_LETTER}([.\-_*|/·~+])(?:{_LETTER}\1)?{_LETTER}(?!\w)"
)
_FAR = "\u0530-\u1fff\u3040-\ud7a3"
_SPACED_FAR = re.compile(
    rf"(?<![\w{MARKS}])[{_FAR}][{MARKS}]*([ .\-_*·])[{_FAR}][{MARKS}]*"
    rf"(?:\1[{_FAR}][{MARKS}]*){{0,2}}(?![\w{MARKS}])"
)


def undo_spacing(draft: Draft) -> None:
    """Join the letters of a draft that stand apart."""
    if not draft.text.isascii():
        draft.rewrite(_SPACED_FAR, _known_when_joined)
    if draft.rewrite(_SPACED, _Joiner()):
        draft.rewrite(_SPACED_SHORT, _joined_short)


class _Joiner:
    """Joins spaced letters; finds the words in a bounded number of runs of a post."""

    __slots__ = ("joined",)

    def __init__(self) -> None:
        self.joined = 0

    def __call__(self, run: str) -> list[str] | None:
        self.joined += 1
        return _joined(run, segment=self.joined <= MOST_SEGMENTED)


def _joined(run: str, *, segment: bool) -> list[str] | None:
    """Return `v o t e` without what stands between, `m a i l i n v o t e s` as words."""
    pieces = [""] * len(run)
    places = [match.span() for match in _SPACED_PIECE.finditer(run)]
    letters = "".join(run[start:end] for start, end in places)
    alphabetic = sum(char.isalpha() for char in letters)
    if 2 * alphabetic < len(places) or alphabetic < 2:  # noqa: PLR2004 - numbers are no words
        return None
    for start, end in places:
        pieces[start:end] = run[start:end]
    if segment and _LETTERS_OF_A_JOINED_TEXT <= len(places) <= MOST_LETTERS:
        for place in _words_begin(run, places):
            pieces[place - 1] = " "
    return pieces


def _words_begin(run: str, places: list[tuple[int, int]]) -> list[int]:
    """Return where words begin behind the first one in letters that were spaced alike."""
    begins: dict[int, int] = {}
    joined = ""
    for start, end in places:
        begins[len(joined)] = start
        joined += "".join(FOLDED[char] for char in run[start:end])
    vocabulary = load_vocabulary()
    if len(joined) > MOST_LETTERS or vocabulary.knows(joined):
        return []
    found = []
    at = 0
    for word in vocabulary.segmented(joined) or ():
        if at and at in begins:
            found.append(begins[at])
        at += len(word)
    return found


def _joined_short(run: str) -> list[str]:
    return ["" if char in " .-_*|/·~+" else char for char in run]


def _known_when_joined(run: str) -> list[str] | None:
    pieces = ["" if char in " .-_*·" else char for char in run]
    joined = "".join(FOLDED[char] for char in pieces if char)
    return pieces if load_vocabulary().has(joined) else None
