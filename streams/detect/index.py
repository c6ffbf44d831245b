"""The claim index: which known claims stand in a post.

BM25 finds candidates; the score that counts is how much of a statement, by
weight of its words, stands close together in the post: one can see why.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from streams.detect.detection import Match
from streams.detect.lexicon import STATEMENT, Phrase, parse_phrase
from streams.detect.postings import Postings
from streams.detect.statements import (
    DENIES,
    HEAD,
    HEARD,
    NEGATED,
    NEGATION,
    microseconds,
    rarest,
    term_of,
    terms_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    import numpy.typing as npt

    from streams.detect.lexicon import Hit
    from streams.detect.statements import Numbers, ReadClaim
    from streams.detect.words import Words

    Places = npt.NDArray[np.intp]

CANDIDATES = 30
MATCH_FLOOR = 0.4
MOST_OPENERS = 1_000
"""Words of statements that open the gate; with more of them most posts would pass."""
_FEWEST_COMMON = 2
_NEGATION_REACH = 3
_OPENERS = 2
_SHORT_WORTH = 0.4
_EVEN = 1e-9
_MOST_UNPACKED = 4_096
_HALF = 32
"""Bits."""
_TOP = 3
_HERE = 0.85
"""What is left of the missing share in a post that names the claim's jurisdiction."""
_STRICTNESS = 1.25
_LEAST_SHARE = 1 - (1 - MATCH_FLOOR ** (1 / _STRICTNESS)) / _HERE
"""No match has less of its statement, in whatever order."""
_ALIKE = 0.7
_DOUBTED = 0.7
_ELSEWHERE = 0.85
"""What a claim's share is worth in a post that names other jurisdictions than the claim's."""


@dataclass(frozen=True, slots=True)
class Found:
    """A match and whether the post turns the statement round."""

    match: Match
    first: int
    last: int
    """The words of the post that it covers."""
    negated: bool
    """One of post and statement holds a negation that the other does not."""
    denies: bool
    """The statement reads like a denial by itself."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A candidate, unpacked."""

    terms: tuple[int, ...]
    weights: Mapping[int, float]
    weight: float


class ClaimIndex:
    """Known claims, searched by text; immutable.

    What it answers depends on the claims alone, not on when they came.

    Args:
        claims: (claim_id, what was read of it), by ascending id.
        terms: numbers of the terms; may grow on.
        tags: numbers of the languages.
    """

    def __init__(
        self, claims: Iterable[tuple[str, ReadClaim]], *, terms: Numbers, tags: Numbers
    ) -> None:
        given = list(claims)
        self._terms, self._tags = terms, tags
        self._ids = [claim_id for claim_id, _ in given]
        # Column by column: a hundred thousand claims one at a time took half of a swap.
        columns = tuple(zip(*(read for _, read in given), strict=True))
        where, since, until, heads, codes, openers = columns or ((),) * 6
        self._jurisdictions = sorted(set(where))
        numbers = {place: number for number, place in enumerate(self._jurisdictions)}
        self._jurisdiction = np.array([numbers[place] for place in where], np.int16)
        self._since = np.array(since, np.int64)
        self._until = np.array(until, np.int64)
        owned = np.array([len(one) // HEAD.itemsize for one in heads], np.int64)
        self._owner = np.repeat(np.arange(len(given), dtype=np.int32), owned)
        head = np.frombuffer(b"".join(heads), HEAD)
        counts = head["count"].astype(np.int64)
        self._language = head["language"].copy()
        self._flags = head["flags"].copy()
        self._codes = np.frombuffer(b"".join(codes), "<u4")
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._size = len(terms)
        self._postings = Postings((self._codes >> 1).astype(np.int32), counts, self._size)
        self._openers = [words for one in openers if one for _, words in one]
        self._unpacked: dict[int, _Statement] = {}
        """Candidates that posts had of late: most posts have the same ones."""
        pairs = self._rare_pairs(counts)
        rare, firsts = np.unique(pairs >> _HALF, return_index=True)
        ends = np.append(firsts, len(pairs))[1:]
        self._rare = dict(
            zip(rare.tolist(), zip(firsts.tolist(), ends.tolist(), strict=True), strict=True)
        )
        self._beside = (pairs & ((1 << _HALF) - 1)).astype(np.int32)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def terms(self) -> int:
        """How many different terms its statements hold."""
        return int(np.count_nonzero(self._postings.frequencies))

    @property
    def nbytes(self) -> int:
        """How much memory its arrays take."""
        arrays = (self._since, self._until, self._language, self._flags, self._owner, self._codes)
        return self._postings.nbytes + self._starts.nbytes + sum(one.nbytes for one in arrays)

    def gate_phrases(self) -> list[Phrase]:
        """Return words that open the gate for statements that neither words nor stage one let in.

        The rarest long words of each: a post without any of them is not looked at.
        """
        phrases: dict[Phrase, None] = {}
        for words in self._openers:
            weights = {word: self._weight_of(term_of(word)) for word in words}
            for word in rarest(words, weights, _OPENERS):
                phrases[parse_phrase(STATEMENT, "und", word)] = None
            if len(phrases) >= MOST_OPENERS:
                break
        return list(phrases)[:MOST_OPENERS]

    def may_hold(self, words: Words) -> bool:
        """May one of the statements that stage one lets drop stand in the text?

        Their two rarest terms do: a look-up for each word.
        """
        if not self._rare:
            return False
        there = {self._terms.get(term) for term in terms_of(words)}
        return any(
            not there.isdisjoint(self._beside[slice(*self._rare[term])].tolist())
            for term in there
            if term in self._rare
        )

    def search(
        self,
        words: Words,
        hits: Sequence[Hit],
        *,
        languages: Collection[str] = (),
        jurisdictions: Collection[str] = (),
        created_at: datetime | None = None,
    ) -> tuple[Found, ...]:
        """Return the claims that stand in the post, best first, above the floor.

        Args:
            words: the post.
            hits: the phrases that stand in it; those of negation count.
            languages: of the post; statements in others are left out. None: all.
            jurisdictions: that the post names; claims of others need more words.
            created_at: claims that are not valid then are left out.
        """
        terms = [self._terms.get(term) for term in terms_of(words)]
        known = [term for term in dict.fromkeys(terms) if 0 <= term < self._size]
        if len(known) < _FEWEST_COMMON:
            return ()
        scores = self._postings.scores(known)
        fitting = self._fitting(np.flatnonzero(scores), languages, created_at)
        negations = [(hit.first, hit.language) for hit in hits if hit.concept == NEGATION]
        there = set(known)
        best: dict[int, Found] = {}
        for number in _best(scores, fitting):
            statement = self._statement(number)
            if not _may_stand(statement, there):
                continue
            share, first, last = _cover(statement, terms)
            owner = int(self._owner[number])
            jurisdiction = self._jurisdictions[self._jurisdiction[owner]]
            score = _score(share, jurisdiction, jurisdictions)
            held = best.get(owner)
            if score >= MATCH_FLOOR and (held is None or score > held.match.score):
                flags = int(self._flags[number])
                negated = any(
                    first - _NEGATION_REACH <= place <= last + _NEGATION_REACH
                    for place, language in negations
                    if self._tags.get(language) == self._language[number]
                )
                match = Match(self._ids[owner], score, (words.span(first, last),))
                best[owner] = Found(
                    match, first, last, negated != bool(flags & NEGATED), bool(flags & DENIES)
                )
        ranked = sorted(best.items(), key=lambda one: (-one[1].match.score, one[0]))
        found = [one for _, one in ranked]
        if not jurisdictions:
            found = self._doubted(found, [owner for owner, _ in ranked])
        return tuple(found[:_TOP])

    def _fitting(
        self, places: Places, languages: Collection[str], created_at: datetime | None
    ) -> Places:
        """Return those of the statements that may match: none out of its window crowds others."""
        if languages:
            spoken = [number for tag in languages if (number := self._tags.get(tag)) >= 0]
            places = places[np.isin(self._language[places], spoken)]
        if created_at is not None:
            now = microseconds(created_at)
            owners = self._owner[places]
            places = places[(self._since[owners] <= now) & (now < self._until[owners])]
        return places

    def _statement(self, number: int) -> _Statement:
        found = self._unpacked.get(number)
        if found is None:
            if len(self._unpacked) >= _MOST_UNPACKED:
                self._unpacked.clear()
            found = self._unpacked[number] = self._unpack(number)
        return found

    def _unpack(self, number: int) -> _Statement:
        codes = self._codes[self._starts[number] : self._starts[number + 1]].tolist()
        weights: dict[int, float] = {}
        for code in codes:
            term = code >> 1
            weight = float(self._postings.weights[term]) * (_SHORT_WORTH if code & 1 else 1.0)
            weights[term] = max(weight, weights.get(term, 0.0))
        return _Statement(tuple(code >> 1 for code in codes), weights, sum(weights.values()))

    def _doubted(self, ranked: list[Found], owners: Sequence[int]) -> list[Found]:
        """Return the matches with less score when claims of several jurisdictions fit alike."""
        fitting = {
            int(self._jurisdiction[owner])
            for one, owner in zip(ranked, owners, strict=True)
            if one.match.score >= ranked[0].match.score * _ALIKE
        }
        if len(fitting) <= 1:
            return ranked
        return [
            replace(one, match=replace(one.match, score=round(one.match.score * _DOUBTED, 4)))
            for one in ranked
        ]

    def _weight_of(self, term: str) -> float:
        number = self._terms.get(term)
        return float(self._postings.weights[number]) if 0 <= number < self._size else 0.0

    def _rare_pairs(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return each pair of two rarest terms of statements that stage one lets drop, ascending.

        The rarest stands in the upper half of the number.
        """
        unheard = (self._flags & HEARD) == 0
        counts = counts[unheard]
        if not len(counts):
            return np.zeros(0, np.int64)
        terms = (self._codes[np.repeat(unheard, np.diff(self._starts))] >> 1).astype(np.int64)
        weights = self._postings.weights[terms]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        rare = terms[_first_of_most(weights, starts, counts)]
        weights[terms == np.repeat(rare, counts)] = -1.0
        other = terms[_first_of_most(weights, starts, counts)]
        return np.unique(rare << _HALF | other)


def _first_of_most(
    weights: npt.NDArray[np.float64], starts: Places, counts: npt.NDArray[np.int64]
) -> Places:
    """Return the first place of the most weight in each part: numbers depend on what came first."""
    most = np.repeat(np.maximum.reduceat(weights, starts), counts)
    places = np.flatnonzero(weights == most)
    return places[np.searchsorted(places, starts)]


def _score(share: float, jurisdiction: str, named: Collection[str]) -> float:
    """Return the score of a share, lower than it: two thirds of a claim are not the claim."""
    if named:
        share = 1 - (1 - share) * _HERE if jurisdiction in named else share * _ELSEWHERE
    return round(math.pow(share, _STRICTNESS), 4)


def _best(scores: npt.NDArray[np.float32], places: Places) -> list[int]:
    """Return the places of the best scores, the same ones on every machine when some tie."""
    if len(places) <= CANDIDATES:
        return [int(place) for place in places]
    own = scores[places]
    least = np.partition(own, len(own) - CANDIDATES)[len(own) - CANDIDATES]
    above = places[own > least]
    even = places[own == least][: CANDIDATES - len(above)]
    return sorted([*above.tolist(), *even.tolist()])


def _may_stand(statement: _Statement, there: Collection[int]) -> bool:
    """Do enough of its words stand anywhere in the post? Most candidates end here."""
    held = sum(weight for term, weight in statement.weights.items() if term in there)
    return bool(held >= _LEAST_SHARE * statement.weight - _EVEN)


def _cover(statement: _Statement, terms: Sequence[int]) -> tuple[float, int, int]:
    """Return how much of the statement stands in the best window, and that window.

    The mean of two shares of its weight: of its words in any order, and of
    those in its own order.
    """
    covered, first, last = _densest(statement, terms)
    if covered < _LEAST_SHARE * statement.weight:
        return 0.0, 0, 0  # the order cannot lift it over the floor: most candidates end here
    ordered = _in_order(statement, terms[first : last + 1])
    return min(1.0, (covered + ordered) / (2 * statement.weight)), first, last


def _densest(statement: _Statement, terms: Sequence[int]) -> tuple[float, int, int]:
    """Return the window with the most weight; it is a third longer than the statement."""
    weights = statement.weights
    places = [place for place, term in enumerate(terms) if term in weights]
    width = len(statement.terms) + len(statement.terms) // 3 + 3
    counts: Counter[int] = Counter()
    covered = 0.0
    best = (0.0, 0, 0)
    left = 0
    for place in places:
        term = terms[place]
        counts[term] += 1
        if counts[term] == 1:
            covered += weights[term]
        while place - places[left] >= width:
            gone = terms[places[left]]
            counts[gone] -= 1
            if counts[gone] == 0:
                covered -= weights[gone]
            left += 1
        if covered > best[0] + _EVEN:
            best = (covered, places[left], place)
    return best


def _in_order(statement: _Statement, window: Sequence[int]) -> float:
    """Return the most weight of the statement's words that stand in its order."""
    row = [0.0] * (len(window) + 1)
    counted: set[int] = set()
    for term in statement.terms:
        weight = 0.0 if term in counted else statement.weights[term]
        counted.add(term)
        diagonal = 0.0
        for place, other in enumerate(window, start=1):
            above = row[place]
            row[place] = max(above, row[place - 1], diagonal + weight if term == other else 0.0)
            diagonal = above
    return row[-1]
