"""Precision, recall and F1 with intervals, from counts alone.

A measure that nothing was counted for is None, not 0: no post of a language
is no failure in that language.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

RESAMPLES = 1_000
_Z = 1.959963984540054
"""Standard deviations around the middle 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Counts:
    """What was said of posts against what they are."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    passes: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> Self:
        """Return the counts of pairs (what it is, what was said)."""
        cells = [0, 0, 0, 0]
        for is_, said in pairs:
            cells[(0 if said else 2) if is_ else (1 if said else 3)] += 1
        return cls(*cells)

    @property
    def posts(self) -> int:
        """How many posts were counted."""
        return self.hits + self.false_alarms + self.misses + self.passes

    @property
    def positives(self) -> int:
        """How many posts really are one."""
        return self.hits + self.misses

    @property
    def precision(self) -> float | None:
        """The share of what was said that is right."""
        return share(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """The share of what is there that was found."""
        return share(self.hits, self.positives)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        return share(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts and the three measures; a measure is None where nothing was counted for it."""

    posts: int
    positives: int
    counts: Counts
    precision: Estimate | None
    recall: Estimate | None
    f1: Estimate | None


def share(part: float, whole: float) -> float | None:
    """Return part of whole, None for a share of nothing."""
    return part / whole if whole else None


def score(counts: Counts, *, seed: int, resamples: int = RESAMPLES) -> Score:
    """Return the measures with bootstrap intervals; the same seed gives the same intervals.

    Posts are drawn anew with replacement. The measures depend on the four counts
    alone, so the draws are of counts: the same distribution, without the posts.
    """
    draws = _draw(counts, seed=seed, resamples=resamples)
    hits, false_alarms, misses = draws[:, 0], draws[:, 1], draws[:, 2]
    return Score(
        posts=counts.posts,
        positives=counts.positives,
        counts=counts,
        precision=_estimate(counts.precision, hits, hits + false_alarms),
        recall=_estimate(counts.recall, hits, hits + misses),
        f1=_estimate(counts.f1, 2 * hits, 2 * hits + false_alarms + misses),
    )


def wilson(part: int, whole: int) -> Estimate | None:
    """Return a share with its Wilson interval: right for few posts and for shares near 0 and 1."""
    if not whole:
        return None
    value = part / whole
    spread = _Z * _Z / whole
    middle = (value + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(value * (1 - value) / whole + spread / (4 * whole)) / (1 + spread)
    # At the ends rounding would put the bound a hair inside of the value.
    low = 0.0 if part == 0 else max(0.0, middle - half)
    high = 1.0 if part == whole else min(1.0, middle + half)
    return Estimate(value, low, high)


def _draw(counts: Counts, *, seed: int, resamples: int) -> NDArray[np.int64]:
    cells = np.array([counts.hits, counts.false_alarms, counts.misses, counts.passes])
    if not counts.posts:
        return np.zeros((resamples, 4), np.int64)
    chance = np.random.default_rng(seed)
    return chance.multinomial(counts.posts, cells / counts.posts, size=resamples)


def _estimate(
    value: float | None, parts: NDArray[np.int64], wholes: NDArray[np.int64]
) -> Estimate | None:
    """Return the value with the middle 95 % of the draws in which it is defined."""
    if value is None:
        return None
    defined = wholes > 0
    if not defined.any():
        return Estimate(value, value, value)
    low, high = np.percentile(parts[defined] / wholes[defined], [2.5, 97.5])
    # Of few posts the middle of the draws can miss the value itself.
    return Estimate(value, min(value, float(low)), max(value, float(high)))
