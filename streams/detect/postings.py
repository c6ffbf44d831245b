"""Which statements hold which terms, and how much each tells (BM25), in flat arrays.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
2009; the weights are worked out once, so that a search only adds them up.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Whole = npt.NDArray[np.int64]

SATURATION: Final = 1.5
LENGTH: Final = 0.75
MOST_POSTINGS: Final = 1_000_000
"""Of one search: a post of 600 common words would look at every statement 600 times."""


class Postings:
    """Statements by term; immutable, built by a few operations over whole arrays.

    Args:
        terms: of all statements in turn.
        counts: terms of each statement.
        vocabulary: how many different terms there may be.
    """

    def __init__(self, terms: npt.NDArray[np.int32], counts: Whole, vocabulary: int) -> None:
        self.statements = len(counts)
        pairs = terms.astype(np.int64)
        pairs *= max(self.statements, 1)
        pairs += np.repeat(np.arange(self.statements, dtype=np.int32), counts)
        pairs.sort()
        first = np.ones(len(pairs), bool)
        np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
        places = np.flatnonzero(first)
        often = np.diff(places, append=len(pairs)).astype(np.float32)
        pairs = pairs[places]
        del first, places
        held = (pairs // max(self.statements, 1)).astype(np.int32)
        self._statements = (pairs % max(self.statements, 1)).astype(np.int32)
        del pairs
        self.frequencies = np.bincount(held, minlength=vocabulary).astype(np.int32)
        """In how many statements each term stands."""
        self._starts = np.concatenate([[0], np.cumsum(self.frequencies)]).astype(np.int64)
        mean = float(counts.mean()) if self.statements else 1.0
        norms = (SATURATION * (1 - LENGTH + LENGTH * counts / mean)).astype(np.float32)
        rarity = _by_frequency(
            self.frequencies,
            lambda df: math.log(1 + (self.statements - df + 0.5) / (df + 0.5)),
        ).astype(np.float32)
        often /= often + norms[self._statements]
        often *= rarity[held]
        self._worth = often
        self.weights = _by_frequency(
            self.frequencies, lambda df: math.log(1 + self.statements / df)
        )
        """How much a term tells of a statement: rare ones more."""

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        arrays = (self.frequencies, self._statements, self._starts, self._worth, self.weights)
        return sum(one.nbytes for one in arrays)

    def scores(self, terms: Sequence[int]) -> Floats:
        """Return a score for each statement; of many common terms the rarest count."""
        scores = np.zeros(self.statements, np.float32)
        spent = 0
        for term in sorted(terms, key=lambda term: int(self.frequencies[term])):
            start, end = int(self._starts[term]), int(self._starts[term + 1])
            spent += end - start
            if spent > MOST_POSTINGS:
                break
            scores[self._statements[start:end]] += self._worth[start:end]
        return scores


def _by_frequency(
    frequencies: npt.NDArray[np.int32], of: Callable[[int], float]
) -> npt.NDArray[np.float64]:
    """Return a figure for each frequency; `math`, not vectors, gives the same on all machines."""
    different, places = np.unique(frequencies, return_inverse=True)
    figures = [of(int(df)) if df else 0.0 for df in different]
    return np.array(figures, np.float64)[places]
