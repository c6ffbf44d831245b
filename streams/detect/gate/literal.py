"""Words and phrases as the bytes that they are written in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

from streams.detect.folding import MARKS
from streams.detect.gate.edges import (
    BACKSLASH,
    EDGED,
    ESCAPED,
    LEFT,
    LOWER,
    SHORT,
    SLIP_REACH,
    UPPER,
    has_left_edge,
    has_right_edge,
)
from streams.detect.lexicon import GAP_ELEMENT, GATE_CONCEPTS, fold_word
from streams.detect.misspelling import swapped_or_short
from streams.detect.skeleton import bones
from streams.detect.spelling import escape, plain_spellings, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.detect.lexicon import Phrase

_JOINTS = (b" ", b"", b"_")
"""What stands between the words of a phrase; the bones of a Latin one have no `-` and `_`."""
_LATIN_END = "\u0250"
_JOINTS_OF_BONES = (b" ", b"", b"'", b"\xe2\x80\x99")
_FAR_LETTERS = 8
_FAR_LEAD = 0xCE
"""First byte, in UTF-8, of the alphabets that do not fold to Latin letters."""
_LATIN_LANGUAGES = frozenset(
    {"cy", "de", "en", "es", "fr", "id", "it", "nl", "pl", "pt", "tl", "tr"}
)
_LETTER = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Of an alphabet without spaces: two of them stand in every post of its language."""
_GRAPHEME = re.compile(rf"[^{MARKS}][{MARKS}]*")


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
        if not self.left or len(self.value) > EDGED or not head.isalpha():
            return plain
        inner = b"[a-z]" + head.upper() + (b"(?i:" + escape(rest) + b")" if rest else b"")
        return LEFT + plain + b"|" + inner

    def stands(self, data: bytes, end: int) -> bool:
        """Do the edges hold for a hit that ends at `end`?"""
        if self.right and data[end] in LOWER:
            return False
        if not self.left:
            return True
        start = end - len(self.value)
        before = data[start - 1]
        if before not in LOWER and before not in UPPER:
            return True
        if before in ESCAPED and data[start - 2] == BACKSLASH:
            return True
        # Inside `#ElectionFraud` a capital begins a word.
        return before in LOWER and data[start] in UPPER


def literals_of(phrases: Iterable[Phrase]) -> list[Literal]:
    """Return what to look for so that no phrase that opens the gate is missed.

    A phrase with a word that opens the gate by itself needs nothing of its own;
    phrases of Latin letters are looked for in the bones.
    """
    literals: dict[Literal, None] = {}
    for phrase in phrases:
        if phrase.concept in GATE_CONCEPTS and len(phrase.elements) == 1:
            for word in phrase.elements[0]:
                literals.update(dict.fromkeys(_word_literals(word, phrase)))
    literals.update(dict.fromkeys(pairs_of(phrases, latin=False)))
    return list(literals)


def single_words(phrases: Iterable[Phrase]) -> list[str]:
    """Return the words that open the gate by themselves."""
    return [
        word
        for phrase in phrases
        if phrase.concept in GATE_CONCEPTS and len(phrase.elements) == 1
        for word in phrase.elements[0]
    ]


def pairs_of(phrases: Iterable[Phrase], *, latin: bool) -> Iterator[Literal]:
    """Yield what to look for of phrases without such a word, of Latin letters or of others."""
    alone = _Alone(single_words(phrases))
    for phrase in phrases:
        if (
            phrase.concept in GATE_CONCEPTS
            and len(phrase.elements) > 1
            and not any(all(map(alone.holds, element)) for element in phrase.elements)
        ):
            for literal in _pair_literals(phrase, alone):
                if latin == _is_latin(literal.value):
                    yield literal


def _is_latin(value: bytes) -> bool:
    """Does it fold to Latin letters? Then its bones are letters and spaces alone."""
    if value.replace(b" ", b"").isalpha():
        return True  # most are: pressing each by itself is half the cost of a start's literals
    return value[0] < _FAR_LEAD and bones(value).replace(b" ", b"").isalpha()


class _Alone:
    """The words that open the gate by themselves."""

    def __init__(self, words: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._beginnings: set[str] = set()
        self._parts: set[str] = set()
        self._held: dict[str, bool] = {}
        for word in words:
            core = fold_word(word.strip("*"))
            if not has_left_edge(word):
                self._parts.add(core)
            elif has_right_edge(word):
                self._exact.add(core)
            else:
                self._beginnings.add(core)

    def holds(self, word: str) -> bool:
        """Does a pattern of these words find every text that `word` stands in?"""
        held = self._held.get(word)
        if held is None:
            held = self._held[word] = self._look(word)
        return held

    def _look(self, word: str) -> bool:
        core = fold_word(word.strip("*"))
        if any(part in core for part in self._parts):
            return True
        if word.startswith("*"):
            return False
        if "*" not in word and core in self._exact:
            return True
        return any(core[:end] in self._beginnings for end in range(1, len(core) + 1))


def _word_literals(word: str, phrase: Phrase) -> list[Literal]:
    left, right = has_left_edge(word), has_right_edge(word)
    core = word.strip("*")
    # Of longer Latin words the bones find all other spellings.
    in_bones = fold_word(core).isascii() and len(bones(core.encode())) > SHORT
    few = in_bones or phrase.plain
    written = plain_spellings(core) if few else spellings(core, phrase.language)
    if not few and not core.isascii() and phrase.language not in _LATIN_LANGUAGES:
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
        for slip in swapped_or_short(word[:SLIP_REACH].lower()):
            forms |= {slip, slip.capitalize(), slip.upper()}
    return [form.encode() for form in sorted(forms)]


def _pair_literals(phrase: Phrase, alone: _Alone) -> list[Literal]:
    """Return the two longest words of the phrase that stand side by side, however joined."""
    if phrase.plain or all(map(_LETTER.fullmatch, phrase.elements[0])):
        return _run_literals(phrase, alone)
    pairs = [
        (left, right)
        for left, right in pairwise(phrase.elements)
        if GAP_ELEMENT not in {left, right}
        and ("#",) not in {left, right}
        and not any(word.endswith("*") for word in left)
    ]
    if not pairs:
        longest = max(phrase.elements, key=_length)
        return [one for word in longest for one in _word_literals(word, phrase)]
    left, right = max(pairs, key=lambda pair: _length(pair[0]) + _length(pair[1]))
    joints = _JOINTS_OF_BONES if max(left[0]) < _LATIN_END else _JOINTS
    return [
        Literal(first + joint + second, has_left_edge(before), has_right_edge(after))
        for before in left
        for after in right
        if not alone.holds(before) and not alone.holds(after)
        for first in plain_spellings(before.strip("*"))
        for prefix in ("", *phrase.prefixes)
        for second in plain_spellings(prefix + after.strip("*"))
        for joint in joints
    ]


def _run_literals(phrase: Phrase, alone: _Alone) -> list[Literal]:
    """Return the longest run of words that stand side by side, whole: pairs say too little."""
    runs: list[list[tuple[str, ...]]] = [[]]
    for element in phrase.elements:
        if element in {GAP_ELEMENT, ("#",)}:
            runs.append([])
            continue
        runs[-1].append(element)
        if any(word.endswith("*") for word in element):
            runs.append([])
    run = max(runs, key=lambda words: sum(map(_length, words)))
    joints = _JOINTS_OF_BONES if max(run[0][0]) < _LATIN_END else _JOINTS[:2]
    literals: dict[Literal, None] = {}
    for words in product(run[0], *map(phrase.alternatives, run[1:])):
        if any(map(alone.holds, words)):
            continue
        edges = has_left_edge(words[0]), has_right_edge(words[-1])
        for joint in joints:
            whole = joint.decode().join(word.strip("*") for word in words)
            literals.update((Literal(one, *edges), None) for one in plain_spellings(whole))
    return list(literals)


def _length(element: tuple[str, ...]) -> int:
    return min(map(len, element))
