"""Words as the bones that are left of them, and where they stand in those of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from streams.detect.gate.edges import (
    BACKSLASH,
    EDGED,
    ESCAPED,
    LOWER,
    SHORT,
    SLIP_REACH,
    has_left_edge,
)
from streams.detect.gate.literal import pairs_of, single_words
from streams.detect.lexicon import STATEMENT, fold_word
from streams.detect.misspelling import misspellings
from streams.detect.skeleton import bones
from streams.detect.spelling import escape
from streams.detect.vocabulary import ordinary_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.detect.lexicon import Phrase

_FEWEST_BONES = 4
_HASHTAG_REACH = 40
_LONGER = 6
"""A word with so many letters behind what was found is another word."""
_I = ord("i")
_WORD = re.compile(rb"[a-z]+")


@dataclass(frozen=True, slots=True)
class Bones:
    """Bones of a word to look for, with the edges that they need."""

    value: bytes
    left: bool
    right: bool
    doubtful: bool
    """Is it another word than is looked for? Then it must not begin an ordinary one."""

    def pattern(self) -> bytes:
        """Return what the scan looks for; short words carry their left edge, as in `Literal`."""
        if self.left and len(self.value) <= EDGED:
            return rb"(?:[^a-z]|\\[nrtbf])" + escape(self.value)
        return escape(self.value)

    def stands(self, data: bytes, end: int) -> bool:
        """Do the edges hold for a hit that ends at `end`?"""
        start = end - len(self.value)
        if self.left and not _begins_word(data, start):
            return False
        if (
            self.right
            and data[end] in LOWER
            and not (
                # The bones of `!` are those of i.
                data[end] == _I and data[end + 1] not in LOWER
            )
        ):
            return False
        return not self.doubtful or not _is_ordinary(data, start, end)


def _begins_word(data: bytes, start: int) -> bool:
    before = data[start - 1]
    if before not in LOWER:
        return True
    if before in ESCAPED and data[start - 2] == BACKSLASH:
        return True
    # Words of a hashtag stand joined.
    sign = data.rfind(b"#", max(0, start - _HASHTAG_REACH), start)
    return sign >= 0 and data[sign + 1 : start].isalpha()


def _is_ordinary(data: bytes, start: int, end: int) -> bool:
    """Is the word that begins there an ordinary one, or much longer than what was found?"""
    word = _WORD.match(data, start, end + _LONGER)
    return word is None or word.end() == end + _LONGER or word[0] in _ordinary_bones()


@cache
def _ordinary_bones() -> frozenset[bytes]:
    return frozenset(bones(word.encode()) for word in ordinary_words())


def bone_literals(phrases: Iterable[Phrase]) -> list[Bones]:
    """Return the bones of words and phrases of Latin letters that open the gate."""
    found: dict[bytes, Bones] = {}
    value: bytes
    for word in single_words(phrases):
        folded = fold_word(word.strip("*")).encode()
        value = bones(folded)
        if len(value) >= _FEWEST_BONES and value.isalpha():
            short = len(value) <= SHORT
            left = has_left_edge(word)
            right = short and not word.endswith("*")
            held = found.get(value)
            found[value] = Bones(
                value,
                left=left and (held is None or held.left),
                right=right and (held is None or held.right),
                doubtful=value != folded and short and (held is None or held.doubtful),
            )
    for literal in pairs_of(phrases, latin=True):
        value = bones(literal.value)
        found.setdefault(value, Bones(value, literal.left, literal.right, doubtful=False))
    # Of the words of a thousand claims, slips would be more than those of all languages.
    for beginning in _beginnings(one for one in phrases if one.concept != STATEMENT):
        for slip in misspellings(beginning):
            value = bones(slip.encode())
            if value not in found and len(value) >= _FEWEST_BONES:
                found[value] = Bones(value, left=True, right=len(value) <= SHORT, doubtful=True)
    return list(found.values())


def _beginnings(phrases: Iterable[Phrase]) -> list[str]:
    """Return beginnings of single words; of a word with a slip behind them they are found."""
    slipped = single_words(phrase for phrase in phrases if not phrase.plain)
    words = {
        fold_word(word)[:SLIP_REACH]
        for word in (word.rstrip("*") for word in slipped)
        if not word.startswith("*")
    }
    return sorted(word for word in words if word.isascii() and word.isalpha())
