"""The gate: one scan over the raw bytes of a chunk drops what cannot be about an election.

It sees JSON as it came, undecoded. Whatever it cannot read as it stands
(escapes, letters in disguise) it lets through: the detector reads it properly.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import hyperscan
import numpy as np

from streams.detect.folding import FOLDED, MARKS
from streams.detect.lexicon import GAP_ELEMENT, GATE_CONCEPTS, fold_word
from streams.detect.misspelling import misspellings, swapped_or_short
from streams.detect.skeleton import bones, bones_of_values
from streams.detect.spelling import escape, plain_spellings, spellings
from streams.detect.vocabulary import ordinary_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streams.detect.lexicon import Phrase

SEPARATOR = b"\0"
SIGN = 0
"""The number of a pattern that stands for itself, not for a word with edges."""
MOST_SCANNED = 16_384
"""Bytes of a value: longer ones pass unseen. A hit costs a call into Python, and thousands of
hits in one value cost more than the detector's look at its beginning."""
_SHORT = 5
"""Words of so few letters must end where the pattern ends: `vote`, not `voter`."""
_EDGED = 4
"""Literals of so few bytes are common inside other words."""
_JOINTS = (b" ", b"", b"_")
"""What stands between the words of a phrase; the bones of a Latin one have no `-` and `_`."""
_LATIN_END = "\u0250"
_JOINTS_OF_BONES = (b" ", b"", b"'", b"\xe2\x80\x99")
_FEWEST_BONES = 4
_SLIP_REACH = 9
"""Letters in which a slip is looked for: of a word with one behind them the beginning is found."""
_HASHTAG_REACH = 40
_LONGER = 6
"""A word with so many letters behind what was found is another word."""
_FAR_LETTERS = 8
_LATIN_LANGUAGES = frozenset(
    {"cy", "de", "en", "es", "fr", "id", "it", "nl", "pl", "pt", "tl", "tr"}
)
_GRAPHEME = re.compile(rf"[^{MARKS}][{MARKS}]*")
_I = ord("i")
_WORD = re.compile(rb"[a-z]+")

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
_ALPHABETIC = rb"(?:[a-zA-Z]|[\xc3-\xc5][\x80-\xbf])"
_FAR = rb"(?:[\xd6\xd7\xe0-\xed][\x80-\xbf]{1,2})"
_BREAKING = rb"(?:\xc2\xad|\xe2\x80\x8b|\xe2\x81\xa0|\xef\xbb\xbf)"
_FOREIGN = rb"(?:[\xce\xcf\xd0\xd1\xd4\xd5][\x80-\xbf])"
_ARABIC = rb"[\xd8-\xdb][\x80-\xbf]"
_SPACERS = (
    rb" {1,3}", rb" ?\. ?", rb" ?- ?", rb"_", rb" ?\* ?", rb" ?\| ?", rb" ?\\?/ ?", rb"~", rb"\+",
    rb"=", rb":", rb"\xc2[\xa0\xb7]", rb" ?\xe2[\x80-\xbf][\x80-\xbf] ?",
    rb" ?\xf0\x9f[\x80-\xbf][\x80-\xbf] ?",
)  # fmt: skip


# Letters of Greek and Cyrillic, one by one: a scan has no word for the same again.
_ALPHABET_PAIRS = [
    escape(chr(point).encode())
    for first, last in ((0x3B1, 0x3CA), (0x410, 0x460))
    for point in range(first, last)
]


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
    _FAR + _BREAKING + _FAR,
    rb"[A-Za-z\x80-\xbf]\*{1,5}[A-Za-z\xc3-\xed]",  # censored
    rb"[A-Za-z](?:\xe2\x80\xa2|\xe2\x97[\x80-\xbf]|\xe2\xad\x95|\xe2\x96[\x80-\xbf])[A-Za-z]",
    _LEFT + rb"[A-Za-z]{1,12}\xf0\x9f[\x80-\xbf][\x80-\xbf](?:\xef\xb8\x8f)?[a-z]",
    _FOREIGN + rb"[0-9@*]" + _FOREIGN,
    *(rb"(?:%s){3}" % pair for pair in _ALPHABET_PAIRS),
    rb"[A-Za-z](?:\xe1[\x8e\x8f]|\xea\xad[\xb0-\xbf]|\xea\xae)",  # Cherokee look-alikes
    # Letters that are met in disguises rather than in words.
    rb"\xd4[\x80\x81\x9a-\x9d]|\xd1[\xb4\xb5]|\xd2[\xba\xbb]|\xd3\x8f",
    *_spaced(_FOREIGN),
)
"""Signs that letters are disguised; the detector undoes it."""

SPACED: tuple[bytes, ...] = tuple(_LEFT + spaced + rb"[^a-z]" for spaced in _spaced(_ALPHABETIC))
"""The same for Latin letters with something between them: faster to find by themselves."""

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

    Compiling takes seconds, and most changes of the catalogue change no phrase.
    """
    return Gate(phrases)


class Gate:
    """Two compiled sets of patterns; immutable, used by many threads.

    One is looked for in the bytes as they came, the other in their bones, where
    Latin words stand without their disguises.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        signs = [*ALWAYS, *DISGUISES]
        self._literals = literals_of(phrases)
        self._first_literal = len(signs)
        self._raw = _Patterns([*signs, *(one.pattern() for one in self._literals)])
        self._spaced = _Patterns(SPACED)
        self._bones = bone_literals(phrases)
        self._pressed = _Patterns([one.pattern() for one in self._bones])

    def scan(self, values: Sequence[bytes]) -> list[int]:
        """Return the ascending indexes of the values to look at; linear in their bytes."""
        passed = {index for index, value in enumerate(values) if len(value) > MOST_SCANNED}
        for scan in (self._scan_raw, self._scan_bones):
            rest = [index for index in range(len(values)) if index not in passed]
            if rest:
                passed.update(rest[at] for at in scan([values[index] for index in rest]))
        return sorted(passed)

    def _scan_raw(self, values: Sequence[bytes]) -> set[int]:
        data = SEPARATOR + SEPARATOR.join(values) + SEPARATOR
        found = self._raw.find(data)
        found += [(SIGN, end) for _, end in self._spaced.find(data)]
        passed: set[int] = set()
        if not found:
            return passed
        begins = [0, *accumulate(len(value) + 1 for value in values)]
        for number, end in found:
            if number < self._first_literal:
                # The match may have taken the separator after its value as its right edge.
                passed.add(bisect_right(begins, end - 2) - 1)
            elif self._literals[number - self._first_literal].stands(data, end):
                passed.add(bisect_right(begins, end - 1) - 1)
        return passed

    def _scan_bones(self, values: Sequence[bytes]) -> set[int]:
        data, begins = bones_of_values(values)
        ends = [
            end for number, end in self._pressed.find(data) if self._bones[number].stands(data, end)
        ]
        places = np.searchsorted(begins, np.array(ends, dtype=np.intp), side="left") - 1
        return set(places.tolist())


class _Patterns:
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
        if self.left and len(self.value) <= _EDGED:
            return rb"(?:[^a-z]|\\[nrtbf])" + escape(self.value)
        return escape(self.value)

    def stands(self, data: bytes, end: int) -> bool:
        """Do the edges hold for a hit that ends at `end`?"""
        start = end - len(self.value)
        if self.left and not _begins_word(data, start):
            return False
        if (
            self.right
            and data[end] in _LOWER
            and not (
                # The bones of `!` are those of i.
                data[end] == _I and data[end + 1] not in _LOWER
            )
        ):
            return False
        return not self.doubtful or not _is_ordinary(data, start, end)


def _begins_word(data: bytes, start: int) -> bool:
    before = data[start - 1]
    if before not in _LOWER:
        return True
    if before in _ESCAPED and data[start - 2] == _BACKSLASH:
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
    for word in _single_words(phrases):
        folded = fold_word(word.strip("*")).encode()
        value = bones(folded)
        if len(value) >= _FEWEST_BONES and value.isalpha():
            short = len(value) <= _SHORT
            left = _has_left_edge(word)
            right = short and not word.endswith("*")
            held = found.get(value)
            found[value] = Bones(
                value,
                left=left and (held is None or held.left),
                right=right and (held is None or held.right),
                doubtful=value != folded and short and (held is None or held.doubtful),
            )
    for literal in _pairs_of(phrases, latin=True):
        value = bones(literal.value)
        found.setdefault(value, Bones(value, literal.left, literal.right, doubtful=False))
    for beginning in _beginnings(phrases):
        for slip in misspellings(beginning):
            value = bones(slip.encode())
            if value not in found and len(value) >= _FEWEST_BONES:
                found[value] = Bones(value, left=True, right=len(value) <= _SHORT, doubtful=True)
    return list(found.values())


def _beginnings(phrases: Iterable[Phrase]) -> list[str]:
    """Return beginnings of single words; of a word with a slip behind them they are found."""
    words = {
        fold_word(word)[:_SLIP_REACH]
        for word in (word.rstrip("*") for word in _single_words(phrases))
        if not word.startswith("*")
    }
    return sorted(word for word in words if word.isascii() and word.isalpha())


def literals_of(phrases: Iterable[Phrase]) -> list[Literal]:
    """Return what to look for so that no phrase that opens the gate is missed.

    A phrase with a word that opens the gate by itself needs nothing of its own;
    phrases of Latin letters are looked for in the bones.
    """
    literals: dict[Literal, None] = {}
    for phrase in phrases:
        if phrase.concept in GATE_CONCEPTS and len(phrase.elements) == 1:
            for word in phrase.elements[0]:
                literals.update(dict.fromkeys(_word_literals(word, phrase.language)))
    literals.update(dict.fromkeys(_pairs_of(phrases, latin=False)))
    return list(literals)


def _single_words(phrases: Iterable[Phrase]) -> list[str]:
    return [
        word
        for phrase in phrases
        if phrase.concept in GATE_CONCEPTS and len(phrase.elements) == 1
        for word in phrase.elements[0]
    ]


def _pairs_of(phrases: Iterable[Phrase], *, latin: bool) -> Iterator[Literal]:
    alone = _Alone(_single_words(phrases))
    for phrase in phrases:
        if (
            phrase.concept in GATE_CONCEPTS
            and len(phrase.elements) > 1
            and not any(all(map(alone.holds, element)) for element in phrase.elements)
        ):
            for literal in _pair_literals(phrase, alone):
                # What folds to Latin letters has bones of letters and spaces alone.
                if latin == bones(literal.value).replace(b" ", b"").isalpha():
                    yield literal


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
    return "a" <= FOLDED[word[0]][:1] <= "z"


def _has_right_edge(word: str) -> bool:
    return not word.endswith("*") and len(word) <= _SHORT and word.isascii()


def _word_literals(word: str, language: str) -> list[Literal]:
    left, right = _has_left_edge(word), _has_right_edge(word)
    core = word.strip("*")
    # Of longer Latin words the bones find all other spellings.
    in_bones = fold_word(core).isascii() and len(bones(core.encode())) > _SHORT
    written = plain_spellings(core) if in_bones else spellings(core, language)
    if not core.isascii() and language not in _LATIN_LANGUAGES:
        written = [*written, *_far_disguises(core)]
    return [Literal(one, left, right) for one in dict.fromkeys(written)]


def _far_disguises(word: str) -> list[bytes]:
    """Return a word of another script than ours parted, stretched or with a slip."""
    letters = (
        _GRAPHEME.findall(fold_word(word))
        if word.islower() or word.isupper()
        else _GRAPHEME.findall(word)
    )
    forms = {joint.join(letters) for joint in (" ", ".") if 1 < len(letters) <= _FAR_LETTERS}
    if len(letters) > 1:
        for at, letter in enumerate(letters):
            before, after = "".join(letters[:at]), "".join(letters[at + 1 :])
            forms.add(before + letter * 3 if len(before) >= len(after) else letter * 3 + after)
    if word.isalpha() and max(word) < "\u0700":
        for slip in swapped_or_short(word[:_SLIP_REACH].lower()):
            forms |= {slip, slip.capitalize(), slip.upper()}
    return [form.encode() for form in sorted(forms)]


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
    joints = _JOINTS_OF_BONES if max(left[0]) < _LATIN_END else _JOINTS
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
