"""The words of the word lists as a speller knows them: exact, masked, misspelled, joined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from streams.detect.lexicon import GAP_ELEMENT, GATE_CONCEPTS, STATEMENT, fold_word, load_lexicon
from streams.detect.misspelling import is_misspelling, swapped_or_short, without_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.detect.lexicon import Phrase

K = TypeVar("K")
FEWEST_LETTERS = 4
"""Shorter words are too like others to be read into a disguise."""
MOST_LETTERS = 40
"""Longer words are read as they stand."""
_MASKED_LETTERS = 5
"""Masked words that open no gate have at least so many letters."""
_SEGMENT_LETTERS = 6
"""A word that opens the gate and is so long is found among unknown letters of a hashtag."""
_SHORTEST_BEGINNING = 5
_LONGEST_BEGINNING = 14
_REMEMBERED = 50_000


@dataclass(slots=True)
class Vocabulary:
    """What words there are; lookups are bounded by the length of one word."""

    phrases: Iterable[Phrase]
    ordinary: frozenset[str]
    """Words that are no misspelling although they look like one."""
    joining: frozenset[str]
    """Short words that stand between others."""
    rude: frozenset[str]
    """Words that are masked for another reason."""
    _written: dict[str, str] = field(default_factory=dict)
    _opening: set[str] = field(default_factory=set)
    _core: set[str] = field(default_factory=set)
    _beginnings: set[str] = field(default_factory=set)
    _opening_beginnings: set[str] = field(default_factory=set)
    _endings: set[str] = field(default_factory=set)
    _naming: dict[str, None] = field(default_factory=dict)
    """Words that say enough alone to be corrected."""
    _all: set[str] = field(default_factory=set)
    _inner: tuple[str, ...] = ()
    _begin: frozenset[str] = frozenset()
    """First letters of the beginnings, as many as each has: most words need no closer look."""
    _end: frozenset[str] = frozenset()
    """Last letters of the endings."""
    _opening_begin: frozenset[str] = frozenset()
    _slip_begin: frozenset[str] = frozenset()
    """First letters of beginnings with a slip."""
    _shapes: frozenset[tuple[str, int]] = frozenset()
    """First letter and length of what may be a slip."""
    _by_shape: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    _shortened: dict[str, list[str]] = field(default_factory=dict)
    _begun: dict[str, list[str]] = field(default_factory=dict)
    _corrected: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inner: dict[str, None] = {}
        # English first: where several words fit a disguise, the first one is read.
        for phrase in sorted(self.phrases, key=lambda one: (one.language != "en", one.language)):
            for word in _words_of(phrase):
                core = word.strip("*")
                folded = fold_word(core)
                self._all.add(folded)
                if len(folded) < FEWEST_LETTERS or not folded.isalpha():
                    continue
                self._written.setdefault(folded, core)
                self._file_meaning(folded, phrase)
                if word.startswith("*") and word.endswith("*"):
                    inner[folded] = None
                elif word.startswith("*"):
                    self._endings.add(folded)
                elif word.endswith("*"):
                    self._beginnings.add(folded)
                    if phrase.concept in GATE_CONCEPTS:
                        self._opening_beginnings.add(folded)
        self._inner = tuple(inner)
        self._begin = frozenset(core[:FEWEST_LETTERS] for core in self._beginnings)
        self._end = frozenset(core[-FEWEST_LETTERS:] for core in self._endings)
        self._opening_begin = frozenset(core[:FEWEST_LETTERS] for core in self._opening_beginnings)
        self._shapes = frozenset(
            (word[0], len(word) + more) for word in self._naming for more in (-1, 0, 1)
        )
        self._by_shape = _grouped(((word[0], len(word)), word) for word in self._written)
        self._shortened = _grouped(
            (shorter, word) for word in self._naming for shorter in without_one(word)
        )
        self._begun = _grouped(
            (slip, core)
            for core in sorted(self._opening_beginnings)
            if _SHORTEST_BEGINNING < len(core) < _LONGEST_BEGINNING
            for slip in swapped_or_short(core)
        )
        self._slip_begin = frozenset(slip[:_SHORTEST_BEGINNING] for slip in self._begun)

    def _file_meaning(self, folded: str, phrase: Phrase) -> None:
        if phrase.concept in GATE_CONCEPTS:
            self._opening.add(folded)
        if phrase.concept in _CORE and len(phrase.elements) == 1:
            self._core.add(folded)
        if phrase.concept in _CORRECTED:
            self._naming[folded] = None

    def knows(self, word: str) -> bool:
        """Is a folded word of the lists, or has it such a beginning or ending?"""
        if len(word) < FEWEST_LETTERS:
            return False
        length = len(word)
        if word in self._written:
            return True
        if word[:FEWEST_LETTERS] in self._begin:
            for end in range(FEWEST_LETTERS, length):
                if word[:end] in self._beginnings:
                    return True
        if word[-FEWEST_LETTERS:] in self._end:
            for start in range(1, length - FEWEST_LETTERS + 1):
                if word[start:] in self._endings:
                    return True
        return any(core in word for core in self._inner)

    def names(self, word: str) -> bool:
        """Is a folded word, whole, one that names an election or a fraud?"""
        return word in self._naming

    def has(self, word: str) -> bool:
        """Is a folded word written in the lists as it is, however short?"""
        return word in self._all

    def _begins(self, word: str) -> bool:
        """Is it an opening word with an ending?"""
        return word[:FEWEST_LETTERS] in self._opening_begin and any(
            word[:end] in self._opening_beginnings for end in range(FEWEST_LETTERS, len(word))
        )

    def opens(self, word: str) -> bool:
        """Is a folded word one that names an election?"""
        return word in self._opening or self._begins(word)

    def is_core(self, word: str) -> bool:
        """Is a folded word, whole, one for ballots, elections, votes or voters alone?"""
        return word in self._core

    def opening(self) -> Iterator[str]:
        """Yield the folded words that name an election."""
        yield from sorted(self._opening)

    def corrected(self, word: str) -> str | None:
        """Return the word, as written, that a folded word is a misspelling of."""
        if word in self._corrected:
            return self._corrected[word]
        found = None
        if len(word) >= FEWEST_LETTERS and word not in self.ordinary and not self.knows(word):
            found = self._nearest(word)
        if len(self._corrected) >= _REMEMBERED:
            self._corrected.clear()
        self._corrected[word] = found
        return found

    def _nearest(self, word: str) -> str | None:
        if word[:_SHORTEST_BEGINNING] in self._slip_begin:
            for cut in range(min(len(word), _LONGEST_BEGINNING), _SHORTEST_BEGINNING - 1, -1):
                for core in self._begun.get(word[:cut], ()):
                    if is_misspelling(word[:cut], of=core, opens=True):
                        return core + word[cut:]
        if (word[0], len(word)) not in self._shapes:
            return None
        near = dict.fromkeys(self._shortened.get(word, ()))
        for shorter in without_one(word):
            if shorter in self._naming:
                near[shorter] = None
            near.update(dict.fromkeys(self._shortened.get(shorter, ())))
        fitting = [one for one in near if is_misspelling(word, of=one, opens=one in self._core)]
        if not fitting:
            return None
        # The first of the best: words that open the gate before others.
        best = min(fitting, key=lambda one: one not in self._opening)
        return self._written[best]

    def masked(self, letters: str, mask: str) -> str | None:
        """Return the word that fits letters with `mask` in the place of some."""
        if letters[0] == mask:
            return None
        fitting = [
            word
            for word in self._by_shape.get((letters[0], len(letters)), ())
            if all(seen in {mask, char} for seen, char in zip(letters, word, strict=True))
        ]
        if not fitting or any(
            all(seen in {mask, char} for seen, char in zip(letters, word, strict=True))
            for word in self.rude
            if len(word) == len(letters)
        ):
            return None
        best = min(fitting, key=lambda one: one not in self._opening)
        if best not in self._opening and len(best) < _MASKED_LETTERS:
            return None
        return self._written[best]

    def stretched_mask(self, head: str, tail: str) -> str | None:
        """Return the word that begins and ends like this, with letters left out between."""
        least = len(head) + len(tail) + 1
        for length in range(least, least + 5):
            for word in self._by_shape.get((head[0], length), ()):
                if word in self._opening and word.startswith(head) and word.endswith(tail):
                    return self._written[word]
        return None

    def segmented(self, joined: str) -> list[str] | None:
        """Return the words of folded letters without spaces, none when they make no sense.

        Either all letters belong to words, one of them of the lists; or one long
        word that names an election stands among others.
        """
        length = len(joined)
        if length > MOST_LETTERS:
            return None
        best: list[tuple[float, int, bool]] = [(0.0, 0, False)]
        for end in range(1, length + 1):
            cost, start, known = best[end - 1][0] + 1.5, end - 1, False
            for begin in range(max(0, end - 20), end - 1):
                if best[begin][0] + 1 >= cost:
                    continue
                piece = joined[begin:end]
                # A word of the lists with an ending is worth a little less than without.
                worth = 1.0 if piece in self._written or piece in self.joining else 1.2
                if best[begin][0] + worth < cost and (worth == 1 or self._begins(piece)):
                    cost, start, known = best[begin][0] + worth, begin, True
            best.append((cost, start, known))
        pieces: list[tuple[str, bool]] = []
        end = length
        while end:
            _, start, known = best[end]
            piece = joined[start:end]
            if not known and pieces and not pieces[-1][1]:
                pieces[-1] = (piece + pieces[-1][0], False)
            else:
                pieces.append((piece, known))
            end = start
        pieces.reverse()
        return [piece for piece, _ in pieces] if self._makes_sense(pieces) else None

    def _makes_sense(self, pieces: list[tuple[str, bool]]) -> bool:
        if len(pieces) == 1:
            return False
        if all(known for _, known in pieces):
            return any(piece in self._written or self.opens(piece) for piece, _ in pieces)
        if any(piece + after in self.ordinary for (piece, _), (after, _) in _pairs(pieces)):
            return False
        return any(
            known
            and self.opens(piece)
            and len(piece) >= (_SEGMENT_LETTERS if piece.isascii() else FEWEST_LETTERS)
            for piece, known in pieces
        )


def _pairs(
    pieces: list[tuple[str, bool]],
) -> Iterator[tuple[tuple[str, bool], tuple[str, bool]]]:
    for (piece, known), after in pairwise(pieces):
        # `natural|s|election`: the word before may have taken its last letter.
        yield (piece[-1:] if not known else piece, known), after


_CORE = frozenset({"ballot", "election", "vote", "voter"})
_CORRECTED = GATE_CONCEPTS - {STATEMENT} | {"fraud"}


def _grouped(pairs: Iterable[tuple[K, str]]) -> dict[K, list[str]]:
    groups = defaultdict(list)
    for key, word in pairs:
        groups[key].append(word)
    return dict(groups)


def _words_of(phrase: Phrase) -> Iterator[str]:
    for element in phrase.elements:
        if element != GAP_ELEMENT:
            yield from phrase.alternatives(element)


@cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary of the lexicon that comes with the package; built once a process."""
    return Vocabulary(
        load_lexicon().phrases, ordinary_words(), _words_in("joining.txt"), _words_in("rude.txt")
    )


@cache
def ordinary_words() -> frozenset[str]:
    """Return the words that look like slips of election words and are none."""
    return _words_in("ordinary.txt")


def _words_in(name: str) -> frozenset[str]:
    text = resources.files("streams.detect.lexicon").joinpath(name).read_text("utf-8")
    return frozenset(
        word for line in text.splitlines() if not line.startswith("#") for word in line.split()
    )
