"""The words of the word lists as a speller knows them: exact, masked, misspelled, joined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from streams.detect.lexicon import GAP_ELEMENT, GATE_CONCEPTS, STATEMENT, fold_word, load_lexicon
from streams.detect.misspelling import is_misspelling, swapped_or_short, without_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.detect.lexicon import Phrase

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
_SHORT_WORDS = frozenset(
    "a al am an and are as at be by can da das de del dem den der des det di die do du e ed een el "
    "en et for from has het i in is it ja la las le les los me my na nao no not o of ohne on or os "
    "our por se si so sur the them they this to un una und us va van von was we will with y you "
    "your zu в во за и из к на не о об от по с со та у що як з й για και με να ο η το των".split()
)
"""Words that stand between election words in joined hashtags."""


@dataclass(slots=True)
class Vocabulary:
    """What words there are; lookups are bounded by the length of one word."""

    phrases: Iterable[Phrase]
    ordinary: frozenset[str]
    """Words that are no misspelling although they look like one."""
    _written: dict[str, str] = field(default_factory=dict)
    _opening: set[str] = field(default_factory=set)
    _beginnings: set[str] = field(default_factory=set)
    _opening_beginnings: set[str] = field(default_factory=set)
    _endings: set[str] = field(default_factory=set)
    _naming: dict[str, None] = field(default_factory=dict)
    """Words that say enough alone to be corrected."""
    _all: set[str] = field(default_factory=set)
    _inner: tuple[str, ...] = ()
    _by_shape: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    _shortened: dict[str, list[str]] = field(default_factory=dict)
    _begun: dict[str, list[str]] = field(default_factory=dict)
    _corrected: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inner: dict[str, None] = {}
        # English first: where several words fit a disguise, the first one is read.
        ordered = sorted(self.phrases, key=lambda one: (one.language != "en", one.language))
        for phrase in ordered:
            opens = phrase.concept in GATE_CONCEPTS
            for word in _words_of(phrase):
                core = word.strip("*")
                folded = fold_word(core)
                self._all.add(folded)
                if len(folded) < FEWEST_LETTERS or not folded.isalpha():
                    continue
                if word.startswith("*"):
                    if word.endswith("*"):
                        inner[folded] = None
                    else:
                        self._endings.add(folded)
                elif word.endswith("*"):
                    self._beginnings.add(folded)
                    if opens:
                        self._opening_beginnings.add(folded)
                self._written.setdefault(folded, core)
                if opens:
                    self._opening.add(folded)
                if phrase.concept in _CORRECTED:
                    self._naming[folded] = None
        self._inner = tuple(inner)
        by_shape = defaultdict(list)
        shortened = defaultdict(list)
        for folded in self._written:
            by_shape[folded[0], len(folded)].append(folded)
        for folded in self._naming:
            for shorter in without_one(folded):
                shortened[shorter].append(folded)
        begun = defaultdict(list)
        for core in sorted(self._opening_beginnings):
            if _SHORTEST_BEGINNING < len(core) < _LONGEST_BEGINNING:
                for slip in swapped_or_short(core):
                    begun[slip].append(core)
        self._begun = dict(begun)
        self._by_shape = dict(by_shape)
        self._shortened = dict(shortened)

    def knows(self, word: str) -> bool:
        """Is a folded word of the lists, or has it such a beginning or ending?"""
        if len(word) < FEWEST_LETTERS:
            return False
        return (
            word in self._written
            or any(word[:end] in self._beginnings for end in range(FEWEST_LETTERS, len(word)))
            or any(word[start:] in self._endings for start in range(1, len(word) - 3))
            or any(core in word for core in self._inner)
        )

    def has(self, word: str) -> bool:
        """Is a folded word written in the lists as it is, however short?"""
        return word in self._all

    def _begins(self, word: str) -> bool:
        """Is it an opening word with an ending?"""
        return any(
            word[:end] in self._opening_beginnings for end in range(FEWEST_LETTERS, len(word))
        )

    def opens(self, word: str) -> bool:
        """Is a folded word one that names an election?"""
        return word in self._opening or self._begins(word)

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
        for cut in range(min(len(word), _LONGEST_BEGINNING), _SHORTEST_BEGINNING - 1, -1):
            for core in self._begun.get(word[:cut], ()):
                if is_misspelling(word[:cut], of=core, opens=True):
                    return core + word[cut:]
        near = dict.fromkeys(self._shortened.get(word, ()))
        for shorter in without_one(word):
            if shorter in self._naming:
                near[shorter] = None
            near.update(dict.fromkeys(self._shortened.get(shorter, ())))
        fitting = [one for one in near if is_misspelling(word, of=one, opens=one in self._opening)]
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
            for word in _RUDE
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
                piece = joined[begin:end]
                # A word of the lists with an ending is worth a little less than without.
                worth = 1.0 if piece in self._written or piece in _SHORT_WORDS else 1.2
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


_CORRECTED = GATE_CONCEPTS - {STATEMENT} | {"fraud"}
_RUDE = frozenset(
    "arse bastard bitch bitches cock crap cunt damn dick fuck fucked fucker fucking fucks hell piss "
    "pissed puta puto shit shits shitty slut tits whore wank wanker merde mierda putain scheisse "
    "caralho porra cazzo kurwa".split()
)
"""Words that people mask: no election word is read into their asterisks."""


def _words_of(phrase: Phrase) -> Iterator[str]:
    for element in phrase.elements:
        if element != GAP_ELEMENT:
            yield from phrase.alternatives(element)


@cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary of the lexicon that comes with the package; built once a process."""
    return Vocabulary(load_lexicon().phrases, ordinary_words())


@cache
def ordinary_words() -> frozenset[str]:
    """Return the words that look like slips of election words and are none."""
    text = resources.files("streams.detect.lexicon").joinpath("ordinary.txt").read_text("utf-8")
    return frozenset(
        word for line in text.splitlines() if not line.startswith("#") for word in line.split()
    )
