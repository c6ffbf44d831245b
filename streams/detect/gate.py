"""The gate: one scan over the raw bytes of a chunk drops what cannot be about an election.

It sees JSON as it came, undecoded. Whatever it cannot read as it stands
(escapes, letters in disguise) it lets through: the detector reads it properly.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import hyperscan

from streams.detect.lexicon import GAP_ELEMENT, GATE_CONCEPTS, fold_word
from streams.detect.spelling import (
    accented_spellings,
    disguised,
    escape,
    plain_spellings,
    spellings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.detect.lexicon import Phrase

SEPARATOR = b"\0"
_SHORT = 5
"""Words of so few letters must end where the pattern ends: `vote`, not `voter`."""
_EDGED = 4
"""Literals of so few bytes are common inside other words."""
_JOINTS = (b" ", b"", b"-", b"_", b"'", b"\xe2\x80\x99", b"\xc2\xa0")
"""What stands between the words of a phrase; the lexicon allows no more."""
_LATIN_END = "\u0250"
_JOINTS_ELSEWHERE = (b" ", b"", b"_")
_LEET_CONCEPTS = frozenset({"election", "vote", "voter", "ballot"})
_LEET_LETTERS = 4

ALWAYS: tuple[bytes, ...] = (
    rb"\x00[^{]",  # not a JSON object: to be judged by who can report it
    rb"\\u",  # an escaped character may be a letter of an election word
    rb'"op"\s{0,20}:\s{0,20}"(?:update|delete)"',  # may take a label back, whatever it says
)
"""What is let through for another reason than its words."""

# UTF-8 in bytes: the scan has no Unicode mode, in which invalid UTF-8 would be undefined behaviour.
_LEFT = rb"(?:[^a-zA-Z]|\\[nrtbf])"
_UNSEEN = rb"(?:\xc2\xad|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xcd\x8f)"
_UNSEEN_NOT_JOINER = rb"(?:\xc2\xad|\xe2\x80[\x8b\x8d-\x8f]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf)"
_FOREIGN = rb"(?:[\xce\xcf\xd0\xd1\xd4\xd5][\x80-\xbf])"
_ARABIC = rb"[\xd8-\xdb][\x80-\xbf]"
_SPACERS = (rb" ", rb"\.", rb"-", rb"_", rb"\*", rb"\|", rb"\\?/", rb"\xc2\xb7", rb"~", rb"\+")


def _spaced(letter: bytes) -> list[bytes]:
    return [letter + (spacer + letter) * 3 for spacer in _SPACERS]


DISGUISES: tuple[bytes, ...] = (
    rb"[A-Za-z]" + _UNSEEN,
    _UNSEEN + rb"[A-Za-z]",
    _FOREIGN + _UNSEEN_NOT_JOINER + _FOREIGN,
    _ARABIC + _UNSEEN_NOT_JOINER + _ARABIC,
    _ARABIC + rb"\xd9[\x80\x8b-\x9f]",  # stretched or pointed Arabic
    rb"\xd7[\x90-\xaa]\xd6[\xb0-\xbf]",  # pointed Hebrew
    # Combining marks that no language puts on these letters.
    rb"[A-Za-z]\xcc[\x85\x8b\x8d-\x9a\x9c-\xa2\xa4-\xa6\xa9-\xbf]",
    rb"[A-Za-z](?:\xcd[\x80-\xaf]|\xe1\xb7|\xe2\x83[\x90-\xbf])",
    rb"(?:\xcc[\x80-\xbf]){3}",
    rb"[A-Za-z]" + _FOREIGN,
    _FOREIGN + rb"[A-Za-z]",
    rb"\xef\xbc[\xa1-\xba]|\xef\xbd[\x81-\x9a]",  # fullwidth letters
    # Arabic letters in their printed shapes.
    rb"\xef(?:\xad[\x90-\xbf]|[\xae-\xb7].|\xb9[\xb0-\xbf]|\xba.|\xbb[\x80-\xbc])",
    rb"\xf0\x9d[\x90-\x9a]",  # mathematical letters
    rb"\xe2\x92[\x9c-\xbf]|\xe2\x93[\x80-\xa9]",  # letters in brackets and circles
    rb"\xf0\x9f(?:\x84[\x90-\xbf]|\x85[\x80-\xbf]|\x86[\x80-\x89])",  # letters in squares
    rb"(?:\xf0\x9f\x87[\xa6-\xbf].?){5}",  # more flags in a row than people put
    rb"\xe1\xb4[\x80-\xab]",  # small capitals
    *(_LEFT + spaced + rb"[^a-z]" for spaced in _spaced(rb"[A-Za-z]")),
    *_spaced(_FOREIGN),
)
"""Signs that letters are disguised; the detector undoes it."""

_LOWER = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_UPPER = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ESCAPED = frozenset(b"nrtbf")
_BACKSLASH = ord("\\")


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes to look for, ASCII letters in any case, with the edges that they need."""

    value: bytes
    left: bool
    """Must a word begin here?"""
    right: bool
    """Must no small letter follow?"""

    def pattern(self) -> bytes:
        """Return what the scan looks for.

        Short words carry their left edge in the pattern: every hit costs a call
        into Python, and `ec` stands inside `received_at` of every post.
        """
        head, rest = self.value[:1], self.value[1:]
        plain = b"(?i:" + escape(self.value) + b")"
        if not self.left or len(self.value) > _EDGED or not head.isalpha():
            return plain
        inner = b"[a-z]" + head.upper() + (b"(?i:" + escape(rest) + b")" if rest else b"")
        return _LEFT + plain + b"|" + inner

    def stands(self, data: bytes, end: int) -> bool:
        """Do the edges hold for a hit that ends at `end`?"""
        if self.right and data[end] in _LOWER:
            return False
        if not self.left:
            return True
        start = end - len(self.value)
        before = data[start - 1]
        if before not in _LOWER and before not in _UPPER:
            return True
        if before in _ESCAPED and data[start - 2] == _BACKSLASH:
            return True
        # Inside `#ElectionFraud` a capital begins a word.
        return before in _LOWER and data[start] in _UPPER


@lru_cache(maxsize=4)
def build_gate(phrases: tuple[Phrase, ...]) -> Gate:
    """Return the gate of these phrases.

    Compiling takes a second, and most changes of the catalogue change no phrase.
    """
    return Gate(phrases)


class Gate:
    """A compiled set of patterns; immutable, used by many threads."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        signs = [*ALWAYS, *DISGUISES, *leet_patterns(phrases)]
        self._literals = list(dict.fromkeys([*literals_of(phrases), *accented(phrases)]))
        self._first_literal = len(signs)
        patterns = [*signs, *(one.pattern() for one in self._literals)]
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=patterns,
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[hyperscan.HS_FLAG_DOTALL] * len(patterns),
        )
        # A scratch serves one scan at a time; every thread has its own.
        self._scratch = threading.local()

    def scan(self, values: Sequence[bytes]) -> list[int]:
        """Return the ascending indexes of the values to look at; linear in their bytes."""
        if not values:
            return []
        data = SEPARATOR + SEPARATOR.join(values) + SEPARATOR
        found: list[tuple[int, int]] = []

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append((number, end))

        self._database.scan(data, match_event_handler=on_match, scratch=self._own_scratch())
        if not found:
            return []
        begins = [0, *accumulate(len(value) + 1 for value in values)]
        passed: set[int] = set()
        for number, end in found:
            if number < self._first_literal:
                # The match may have taken the separator after its value as its right edge.
                passed.add(bisect_right(begins, end - 2) - 1)
            elif self._literals[number - self._first_literal].stands(data, end):
                passed.add(bisect_right(begins, end - 1) - 1)
        return sorted(passed)

    def _own_scratch(self) -> hyperscan.Scratch:
        scratch = getattr(self._scratch, "value", None)
        if scratch is None:
            scratch = self._scratch.value = hyperscan.Scratch(self._database)
        return scratch


def literals_of(phrases: Iterable[Phrase]) -> list[Literal]:
    """Return what to look for so that no phrase that opens the gate is missed.

    A phrase with a word that opens the gate by itself needs nothing of its own.
    """
    opening = [phrase for phrase in phrases if phrase.concept in GATE_CONCEPTS]
    single = [phrase for phrase in opening if len(phrase.elements) == 1]
    alone = _Alone(word for phrase in single for word in phrase.elements[0])
    literals: dict[Literal, None] = {}
    for phrase in single:
        for word in phrase.elements[0]:
            literals.update(dict.fromkeys(_word_literals(word, phrase.language)))
    for phrase in opening:
        if len(phrase.elements) > 1 and not any(
            all(map(alone.holds, element)) for element in phrase.elements
        ):
            literals.update(dict.fromkeys(_pair_literals(phrase, alone)))
    return list(literals)


class _Alone:
    """The words that open the gate by themselves."""

    def __init__(self, words: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._beginnings: set[str] = set()
        self._parts: set[str] = set()
        for word in words:
            core = fold_word(word.strip("*"))
            if not _has_left_edge(word):
                self._parts.add(core)
            elif _has_right_edge(word):
                self._exact.add(core)
            else:
                self._beginnings.add(core)

    def holds(self, word: str) -> bool:
        """Does a pattern of these words find every text that `word` stands in?"""
        core = fold_word(word.strip("*"))
        if any(part in core for part in self._parts):
            return True
        if word.startswith("*"):
            return False
        if "*" not in word and core in self._exact:
            return True
        return any(core[:end] in self._beginnings for end in range(1, len(core) + 1))


def _has_left_edge(word: str) -> bool:
    return "a" <= word[0].lower() <= "z"


def _has_right_edge(word: str) -> bool:
    return not word.endswith("*") and len(word) <= _SHORT and word.isascii()


def _word_literals(word: str, language: str) -> list[Literal]:
    left, right = _has_left_edge(word), _has_right_edge(word)
    return [Literal(one, left, right) for one in spellings(word.strip("*"), language)]


def _pair_literals(phrase: Phrase, alone: _Alone) -> list[Literal]:
    """Return the two longest words of the phrase that stand side by side, however joined."""
    pairs = [
        (left, right)
        for left, right in pairwise(phrase.elements)
        if GAP_ELEMENT not in {left, right}
        and ("#",) not in {left, right}
        and not any(word.endswith("*") for word in left)
    ]
    if not pairs:
        longest = max(phrase.elements, key=_length)
        return [one for word in longest for one in _word_literals(word, phrase.language)]
    left, right = max(pairs, key=lambda pair: _length(pair[0]) + _length(pair[1]))
    joints = _JOINTS if max(left[0]) < _LATIN_END else _JOINTS_ELSEWHERE
    return [
        Literal(first + joint + second, _has_left_edge(before), _has_right_edge(after))
        for before in left
        for after in right
        if not alone.holds(before) and not alone.holds(after)
        for first in plain_spellings(before.strip("*"))
        for prefix in ("", *phrase.prefixes)
        for second in plain_spellings(prefix + after.strip("*"))
        for joint in joints
    ]


def _length(element: tuple[str, ...]) -> int:
    return min(map(len, element))


def leet_patterns(phrases: Iterable[Phrase]) -> list[bytes]:
    """Return patterns for the commonest words with digits or signs for letters."""
    return [_LEFT + disguised(stem) for stem in _common_stems(phrases)]


def accented(phrases: Iterable[Phrase]) -> list[Literal]:
    """Return the commonest words with one letter too many accents: `vóte`."""
    return [
        Literal(spelling, left=True, right=False)
        for stem in _common_stems(phrases)
        for spelling in accented_spellings(stem)
    ]


def _common_stems(phrases: Iterable[Phrase]) -> list[str]:
    words = {
        word
        for phrase in phrases
        if phrase.language == "en"
        and phrase.concept in _LEET_CONCEPTS
        and len(phrase.elements) == 1
        for word in phrase.elements[0]
        if word.isascii() and word.isalpha() and len(word) >= _LEET_LETTERS
    }
    return sorted(
        word for word in words if not any(word != one and word.startswith(one) for one in words)
    )
