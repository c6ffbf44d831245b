"""The gate: one scan over the raw bytes of a chunk drops what cannot be about an election.

It sees JSON as it came, undecoded. Whatever it cannot read as it stands
(escapes, letters in disguise) it lets through: the detector reads it properly.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import hyperscan

from streams.detect.folding import FOLDED
from streams.detect.lexicon import GATE_CONCEPTS
from streams.detect.words import is_unspaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.detect.lexicon import Phrase

SEPARATOR = b"\0"
_SHORT = 5
_DOTLESS = {"tr", "az"}
_LEFT = rb"(?:[^a-zA-Z]|\\[nrtbf])"
_BETWEEN = rb"(?:[^a-zA-Z0-9]|\\[nrt]){0,3}"
_BETWEEN_CHARACTERS = rb"(?: |\\n)?"
_RIGHT = rb"[^a-z]"

ALWAYS: tuple[bytes, ...] = (
    rb"\x00[^{]",  # not a JSON object: to be judged by who can report it
    rb"\\u",  # an escaped character may be a letter of an election word
    rb'"op"\s{0,20}:\s{0,20}"(?:update|delete)"',  # may take a label back, whatever it says
)
"""What is let through for another reason than its words."""

# UTF-8 in bytes: the scan has no Unicode mode, in which invalid UTF-8 would be undefined behaviour.
_UNSEEN = rb"(?:\xc2\xad|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xcd\x8f)"
_FOREIGN = rb"(?:[\xce\xcf\xd0\xd1\xd4\xd5][\x80-\xbf])"
_SPACERS = (rb" ", rb"\.", rb"-", rb"_", rb"\*", rb"\|", rb"\\?/", rb"\xc2\xb7", rb"~", rb"\+")
DISGUISES: tuple[bytes, ...] = (
    rb"[A-Za-z]" + _UNSEEN,
    _UNSEEN + rb"[A-Za-z]",
    _FOREIGN
    + rb"(?:\xc2\xad|\xe2\x80[\x8b\x8d\x8e\x8f]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf)"
    + _FOREIGN,
    rb"[A-Za-z](?:\xcc[\x80-\xbf]|\xcd[\x80-\xaf]|\xe1\xaa[\xb0-\xbf]|\xe1\xb7|\xe2\x83[\x90-\xbf])",
    rb"[A-Za-z]" + _FOREIGN,
    _FOREIGN + rb"[A-Za-z]",
    rb"\xef\xbc[\xa1-\xba]|\xef\xbd[\x81-\x9a]",  # fullwidth letters
    rb"\xf0\x9d[\x90-\x9a]",  # mathematical letters
    rb"\xe2\x92[\x9c-\xbf]|\xe2\x93[\x80-\xa9]",  # letters in brackets and circles
    rb"\xf0\x9f(?:\x84[\x90-\xbf]|\x85[\x80-\xbf]|\x86[\x80-\x89])",
    rb"(?:\xf0\x9f\x87[\xa6-\xbf].?){5}",  # more flags in a row than people put
    rb"\xe1\xb4[\x80-\xab]",  # small capitals
    *(
        _LEFT
        + rb"[A-Za-z]"
        + spacer
        + rb"[A-Za-z]"
        + spacer
        + rb"[A-Za-z]"
        + spacer
        + rb"[A-Za-z][^a-z]"
        for spacer in _SPACERS
    ),
    *(_FOREIGN + spacer + _FOREIGN + spacer + _FOREIGN + spacer + _FOREIGN for spacer in _SPACERS),
)
"""Signs that letters are disguised; the detector undoes it."""
_LEET = {
    "a": b"a4@", "b": b"b8", "e": b"e3", "i": b"i1!", "l": b"l1|", "o": b"o0", "s": b"s5$", "t": b"t7",
}  # fmt: skip
_ALPHABETS = (
    (0x00C0, 0x024F), (0x0370, 0x03FF), (0x0400, 0x052F), (0x0531, 0x0587), (0x0620, 0x06D5), (0x1E00, 0x1EFF),
)  # fmt: skip


class Gate:
    """A compiled set of patterns; immutable, used by many threads."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        patterns = list(dict.fromkeys([*ALWAYS, *DISGUISES, *word_patterns(phrases)]))
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=patterns,
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[hyperscan.HS_FLAG_DOTALL] * len(patterns),
        )
        # A scratch serves one scan at a time; scans of one chunk share one.
        self._scratch = threading.local()

    def scan(self, values: Sequence[bytes]) -> list[int]:
        """Return the ascending indexes of the values to look at; linear in their bytes."""
        if not values:
            return []
        data = SEPARATOR + SEPARATOR.join(values) + SEPARATOR
        ends: list[int] = []

        def on_match(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
            ends.append(end)

        self._database.scan(data, match_event_handler=on_match, scratch=self._own_scratch())
        if not ends:
            return []
        # A value's region begins with the separator before it. A match may have
        # taken the separator after its value as its right edge, hence 2.
        begins = [0, *accumulate(len(value) + 1 for value in values)]
        return sorted({bisect_right(begins, end - 2) - 1 for end in ends})

    def _own_scratch(self) -> hyperscan.Scratch:
        scratch = getattr(self._scratch, "value", None)
        if scratch is None:
            scratch = self._scratch.value = hyperscan.Scratch(self._database)
        return scratch


def word_patterns(phrases: Iterable[Phrase]) -> list[bytes]:
    """Return the byte patterns of the phrases that open the gate."""
    patterns: dict[bytes, None] = {}
    for phrase in phrases:
        if phrase.concept in GATE_CONCEPTS:
            for pattern in _patterns_of(phrase):
                patterns[pattern] = None
    return list(patterns)


def _patterns_of(phrase: Phrase) -> list[bytes]:
    """Return one pattern for each way that the phrase may begin."""
    rest = b""
    for before, element in pairwise(phrase.elements):
        unspaced = is_unspaced(before[0]) and is_unspaced(element[0])
        words = b"|".join(_letters(word.strip("*"), phrase.language) for word in element)
        stem = rb"[^ \\\"]{0,20}" if any(word.endswith("*") for word in before) else b""
        rest += stem + (_BETWEEN_CHARACTERS if unspaced else _BETWEEN) + rb"(?:" + words + rb")"
    last = phrase.elements[-1]
    short = any(len(word) <= _SHORT and word.isascii() and "*" not in word for word in last)
    right = _RIGHT if short else b""
    return [_beginning(word, phrase.language) + rest + right for word in phrase.elements[0]]


def _beginning(word: str, language: str) -> bytes:
    core = word.strip("*")
    letters = _letters(core, language)
    if word.startswith("*") or not core[0].isascii() or not core[0].isalpha():
        return letters
    # Inside `#ElectionFraud` a capital begins a word.
    initial = _letter(core[0], language)
    remaining = _letters(core[1:], language)
    capital = core[0].upper().encode()
    return rb"(?:" + _LEFT + initial + rb"|[a-z]" + capital + rb")" + remaining


def _letters(word: str, language: str) -> bytes:
    return b"".join(_letter(char, language) for char in word)


def _letter(char: str, language: str) -> bytes:
    """Return the byte forms of one letter: its cases, with and without its accent."""
    if char.isascii():
        if char in "iI" and language in _DOTLESS:
            return rb"(?:[iI1]|\xc4[\xb0\xb1])"
        if char.lower() in _LEET:
            return b"[" + _LEET[char.lower()] + char.upper().encode() + b"]"
        if char.isalpha():
            return b"[" + (char.lower() + char.upper()).encode() + b"]"
        return re.escape(char.encode())
    folded = FOLDED[char]
    forms = {char, char.lower(), char.upper(), folded, folded.upper(), *_forms().get(folded, ())}
    encoded = sorted(_escape(form.encode()) for form in forms if form)
    return rb"(?:" + b"|".join(encoded) + rb")" + (b"?" if not folded else b"")


def _escape(raw: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in raw)


@cache
def _forms() -> dict[str, tuple[str, ...]]:
    """Return the letters of the world's alphabets by what they fold to."""
    forms: dict[str, list[str]] = {}
    for first, last in _ALPHABETS:
        for point in range(first, last + 1):
            char = chr(point)
            if char.isalpha():
                forms.setdefault(FOLDED[char], []).append(char)
    return {folded: tuple(chars) for folded, chars in forms.items()}
