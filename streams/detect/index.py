"""The claim index: which known claims stand in a post.

BM25 finds candidates; the score that counts is how much of a statement, by
weight of its words, stands close together in the post: one can see why.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bm25s
import numpy as np

from streams.detect.detection import Match
from streams.detect.normalise import normalise
from streams.detect.words import is_number, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from streams.detect.words import Words
    from streams.schema import Claim

STEM = 5
"""Letters that two words must share to count as forms of one word."""
CANDIDATES = 30
MATCH_FLOOR = 0.45
MOST_WORDS = 600
"""Words of a post that are searched; a statement has a dozen."""


def terms_of(words: Words) -> list[str]:
    """Return what is compared: word stems by their beginning, pairs of unspaced characters."""
    terms: list[str] = []
    for text in words.texts[:MOST_WORDS]:
        terms.append(text if is_number(text) else text[:STEM])
    return terms


@dataclass(frozen=True, slots=True)
class _Statement:
    claim_id: str
    language: str
    terms: tuple[str, ...]
    weights: Mapping[str, float]
    weight: float


class ClaimIndex:
    """Known claims, searched by text; immutable."""

    def __init__(self, claims: Mapping[str, Claim]) -> None:
        raw = [
            (claim.claim_id, language, terms_of(split(normalise(statement))))
            for claim in claims.values()
            for language, statements in sorted(claim.statements.items())
            for statement in statements
        ]
        documents = Counter(term for _, _, terms in raw for term in set(terms))
        total = len(raw)
        self._claims = claims
        self._statements = [
            _Statement(claim_id, language, tuple(terms), weights, sum(weights.values()))
            for claim_id, language, terms in raw
            for weights in [
                {term: math.log(1 + total / documents[term]) for term in dict.fromkeys(terms)}
            ]
        ]
        self._vocabulary = {term: number for number, term in enumerate(sorted(documents))}
        self._ranker = bm25s.BM25() if raw else None
        if self._ranker is not None:
            self._ranker.index(
                (
                    [[self._vocabulary[t] for t in s.terms] for s in self._statements],
                    self._vocabulary,
                ),
                show_progress=False,
            )

    def search(
        self,
        words: Words,
        *,
        created_at: datetime | None = None,
        top: int = 3,
    ) -> tuple[Match, ...]:
        """Return the claims that stand in the post, best first, above the floor."""
        if self._ranker is None:
            return ()
        terms = terms_of(words)
        known = [
            self._vocabulary[term] for term in dict.fromkeys(terms) if term in self._vocabulary
        ]
        if len(known) < 2:  # noqa: PLR2004 - one word in common is no claim
            return ()
        scores = self._ranker.get_scores_from_ids(known)
        count = min(CANDIDATES, len(self._statements))
        order = np.argpartition(-scores, count - 1)[:count]
        best: dict[str, Match] = {}
        for number in sorted(order.tolist()):
            statement = self._statements[number]
            if not _is_valid(self._claims[statement.claim_id], created_at):
                continue
            score, first, last = _cover(statement, terms)
            held = best.get(statement.claim_id)
            if score >= MATCH_FLOOR and (held is None or score > held.score):
                best[statement.claim_id] = Match(
                    statement.claim_id, score, (words.span(first, last),)
                )
        ranked = sorted(best.values(), key=lambda match: (-match.score, match.claim_id))
        return tuple(ranked[:top])


def _is_valid(claim: Claim, created_at: datetime | None) -> bool:
    if created_at is None:
        return True
    return not (
        (claim.valid_from is not None and created_at < claim.valid_from)
        or (claim.valid_until is not None and created_at >= claim.valid_until)
    )


def _cover(statement: _Statement, terms: Sequence[str]) -> tuple[float, int, int]:
    """Return the share of the statement's weight in the best window, and that window.

    The window is half as long again as the statement, with some words to spare.
    """
    weights = statement.weights
    places = [place for place, term in enumerate(terms) if term in weights]
    width = len(statement.terms) + len(statement.terms) // 2 + 6
    counts: Counter[str] = Counter()
    covered = 0.0
    best = (0.0, 0, 0)
    left = 0
    for right, place in enumerate(places):
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
        if covered > best[0] + 1e-9:
            best = (covered, places[left], place)
    score = round(min(1.0, best[0] / statement.weight), 4) if statement.weight else 0.0
    return score, best[1], best[2]
