"""The claim index: which known claims stand in a post.

BM25 finds candidates; the score that counts is how much of a statement, by
weight of its words, stands close together in the post: one can see why.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import bm25s
import numpy as np

from streams.detect.detection import Match
from streams.detect.lexicon import GATE_CONCEPTS, STATEMENT, Phrase, parse_phrase
from streams.detect.normalise import normalise
from streams.detect.words import is_number, is_unspaced, split

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from streams.detect.lexicon import Hit, Lexicon
    from streams.detect.words import Words
    from streams.schema import Claim

STEM = 5
"""Letters that two words must share to count as forms of one word."""
CANDIDATES = 30
MATCH_FLOOR = 0.4
MOST_WORDS = 600
"""Words of a post that are searched; a statement has a dozen."""
NEGATION = "negation"
HEARD_EVERYWHERE = ("en", "und")
"""Languages whose words count in posts of every language."""
_FEWEST_COMMON = 2
_NEGATION_REACH = 3
_OPENERS = 2
_SHORT = 4
_SHORT_ELSEWHERE = 3
"""Letters of a word that tells much in a script other than ours: a syllable each in Korean."""
_SHORT_WORTH = 0.4
_MANNERS = frozenset({NEGATION, "ask", "deny", "exhort", "future", "personal", "report"})
_EVEN = 1e-9
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
    claim_id: str
    language: str
    terms: tuple[str, ...]
    weights: Mapping[str, float]
    weight: float
    negated: bool
    denies: bool
    """Does it read like a denial by itself?"""
    opens: bool
    """Does it hold a word that opens the gate?"""
    openers: tuple[str, ...]
    """Words that open the gate in its place."""


class ClaimIndex:
    """Known claims, searched by text; immutable."""

    def __init__(self, claims: Mapping[str, Claim], lexicon: Lexicon) -> None:
        self._claims = claims
        self._statements = _statements_of(claims, lexicon)
        terms = sorted({term for one in self._statements for term in one.terms})
        self._vocabulary = {term: number for number, term in enumerate(terms)}
        self._ranker: bm25s.BM25 | None = None
        if terms:
            self._ranker = bm25s.BM25()
            numbers = [[self._vocabulary[term] for term in one.terms] for one in self._statements]
            self._ranker.index((numbers, self._vocabulary), show_progress=False)

    def gate_phrases(self) -> list[Phrase]:
        """Return words that open the gate for statements that name no election.

        The rarest long words of each: a post without any of them is not looked at.
        """
        phrases: dict[Phrase, None] = {}
        for statement in self._statements:
            if not statement.opens:
                for word in statement.openers:
                    phrases[parse_phrase(STATEMENT, "und", word)] = None
        return list(phrases)

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
        if self._ranker is None:
            return ()
        terms = terms_of(words)
        known = [
            self._vocabulary[term] for term in dict.fromkeys(terms) if term in self._vocabulary
        ]
        if len(known) < _FEWEST_COMMON:
            return ()
        negations = [(hit.first, hit.language) for hit in hits if hit.concept == NEGATION]
        best: dict[str, Found] = {}
        for number in _best(self._ranker.get_scores_from_ids(known)):
            statement = self._statements[number]
            claim = self._claims[statement.claim_id]
            if not _is_valid(claim, created_at) or (
                languages and statement.language not in languages
            ):
                continue
            share, first, last = _cover(statement, terms)
            score = _score(share, claim.jurisdiction, jurisdictions)
            held = best.get(statement.claim_id)
            if score >= MATCH_FLOOR and (held is None or score > held.match.score):
                negated = any(
                    first - _NEGATION_REACH <= place <= last + _NEGATION_REACH
                    for place, language in negations
                    if language == statement.language
                )
                match = Match(statement.claim_id, score, (words.span(first, last),))
                best[statement.claim_id] = Found(
                    match, first, last, negated != statement.negated, statement.denies
                )
        ranked = sorted(best.values(), key=lambda one: (-one.match.score, one.match.claim_id))
        if not jurisdictions:
            ranked = self._doubted(ranked)
        return tuple(ranked[:_TOP])

    def _doubted(self, ranked: list[Found]) -> list[Found]:
        """Return the matches with less score when claims of several jurisdictions fit alike."""
        fitting = {
            self._claims[one.match.claim_id].jurisdiction
            for one in ranked
            if one.match.score >= ranked[0].match.score * _ALIKE
        }
        if len(fitting) <= 1:
            return ranked
        return [
            replace(one, match=replace(one.match, score=round(one.match.score * _DOUBTED, 4)))
            for one in ranked
        ]


def _score(share: float, jurisdiction: str, named: Collection[str]) -> float:
    """Return the score of a share, lower than it: two thirds of a claim are not the claim."""
    if named:
        share = 1 - (1 - share) * _HERE if jurisdiction in named else share * _ELSEWHERE
    return round(math.pow(share, _STRICTNESS), 4)


def terms_of(words: Words) -> list[str]:
    """Return what is compared, one term a word: beginnings, and pairs of unspaced characters."""
    texts = words.texts[:MOST_WORDS]
    following = (*texts[1:], "")
    return [
        text if is_number(text) else text + after[:1] if is_unspaced(text) else text[:STEM]
        for text, after in zip(texts, following, strict=True)
    ]


def _statements_of(claims: Mapping[str, Claim], lexicon: Lexicon) -> list[_Statement]:
    read = [
        (claim.claim_id, language, split(normalise(statement)))
        for claim in claims.values()
        for language, statements in sorted(claim.statements.items())
        for statement in statements
    ]
    documents = Counter(term for _, _, words in read for term in set(terms_of(words)))
    found = []
    for claim_id, language, words in read:
        terms = terms_of(words)
        if not terms:
            continue
        hits = lexicon.find(words)
        # A post is heard in its own language: `mandat` opens nothing in French because it is an
        # election word in another.
        heard = {language, *HEARD_EVERYWHERE}
        weights = _weights(words, terms, hits, documents, total=len(read))
        found.append(
            _Statement(
                claim_id=claim_id,
                language=language,
                terms=tuple(terms),
                weights=weights,
                weight=sum(weights.values()),
                negated=any(hit.concept == NEGATION and hit.language == language for hit in hits),
                denies=any(hit.concept == "deny" and hit.language == language for hit in hits),
                opens=any(hit.concept in GATE_CONCEPTS and hit.language in heard for hit in hits),
                openers=_openers(words, terms, weights),
            )
        )
    return found


def _weights(
    words: Words,
    terms: Sequence[str],
    hits: Sequence[Hit],
    documents: Mapping[str, int],
    *,
    total: int,
) -> dict[str, float]:
    """Return how much each term tells: rare ones more, short words of no concept less."""
    meant = {
        place
        for hit in hits
        if hit.concept not in _MANNERS
        for place in range(hit.first, hit.last + 1)
    }
    weights: dict[str, float] = {}
    for place, (text, term) in enumerate(zip(words.texts, terms, strict=False)):
        weight = math.log(1 + total / documents[term])
        if len(text) <= _SHORT and place not in meant and text.isalpha() and not is_unspaced(text):
            weight *= _SHORT_WORTH
        weights[term] = max(weight, weights.get(term, 0.0))
    return weights


def _openers(words: Words, terms: Sequence[str], weights: Mapping[str, float]) -> tuple[str, ...]:
    """Return the rarest words, the longer first among even ones."""
    pairs = {
        # A single character of a script without spaces stands in every text.
        term if is_unspaced(text) else text: weights[term]
        for text, term in zip(words.texts, terms, strict=False)
        if text != term or (len(text) >= _SHORT_ELSEWHERE and not text.isascii())
    }
    ranked = sorted(pairs, key=lambda text: (-pairs[text], -len(text), text))
    return tuple(ranked[:_OPENERS])


def _best(scores: NDArray[np.float32]) -> list[int]:
    """Return the numbers of the best scores, the same ones on every machine when some tie."""
    count = min(CANDIDATES, len(scores))
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    above = np.flatnonzero(scores > least)
    even = np.flatnonzero(scores == least)[: count - len(above)] if least > 0 else above[:0]
    return sorted([*above.tolist(), *even.tolist()])


def _is_valid(claim: Claim, created_at: datetime | None) -> bool:
    if created_at is None:
        return True
    return not (
        (claim.valid_from is not None and created_at < claim.valid_from)
        or (claim.valid_until is not None and created_at >= claim.valid_until)
    )


def _cover(statement: _Statement, terms: Sequence[str]) -> tuple[float, int, int]:
    """Return how much of the statement stands in the best window, and that window.

    The mean of two shares of its weight: of its words in any order, and of
    those in its own order.
    """
    covered, first, last = _densest(statement, terms)
    if covered < _LEAST_SHARE * statement.weight:
        return 0.0, 0, 0  # the order cannot lift it over the floor: most candidates end here
    ordered = _in_order(statement, terms[first : last + 1])
    return min(1.0, (covered + ordered) / (2 * statement.weight)), first, last


def _densest(statement: _Statement, terms: Sequence[str]) -> tuple[float, int, int]:
    """Return the window with the most weight; it is a third longer than the statement."""
    weights = statement.weights
    places = [place for place, term in enumerate(terms) if term in weights]
    width = len(statement.terms) + len(statement.terms) // 3 + 3
    counts: Counter[str] = Counter()
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


def _in_order(statement: _Statement, window: Sequence[str]) -> float:
    """Return the most weight of the statement's words that stand in its order."""
    row = [0.0] * (len(window) + 1)
    counted: set[str] = set()
    for term in statement.terms:
        weight = 0.0 if term in counted else statement.weights[term]
        counted.add(term)
        diagonal = 0.0
        for place, other in enumerate(window, start=1):
            above = row[place]
            row[place] = max(above, row[place - 1], diagonal + weight if term == other else 0.0)
            diagonal = above
    return row[-1]
