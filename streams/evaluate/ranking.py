"""How well known claims are found: MAP@k and success@k over ranked lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streams.evaluate.measures import RESAMPLES, Estimate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

DEPTH = 5
WIDE = 10


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Over all queries that have a right claim."""

    queries: int
    claims: int
    map_at_5: Estimate | None
    success_at_10: Estimate | None


def average_precision_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the mean of the precision at each right claim among the first k.

    Divided by how many right claims could stand there. A claim that is named twice
    counts where it stands first.
    """
    found = 0
    total = 0.0
    for place, claim_id in enumerate(list(dict.fromkeys(ranked))[:k], start=1):
        if claim_id in relevant:
            found += 1
            total += found / place
    most = min(len(relevant), k)
    return total / most if most else 0.0


def success_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> bool:
    """Is a right claim among the first k?"""
    return any(claim_id in relevant for claim_id in list(dict.fromkeys(ranked))[:k])


def retrieval(
    ranked: Mapping[str, Sequence[str]],
    relevant: Mapping[str, Collection[str]],
    *,
    claims: int,
    seed: int,
) -> Retrieval:
    """Return the measures with bootstrap intervals; a query without a list has found nothing."""
    queries = sorted(query for query, right in relevant.items() if right)
    precision = [average_precision_at(ranked.get(q, ()), relevant[q], DEPTH) for q in queries]
    success = [float(success_at(ranked.get(q, ()), relevant[q], WIDE)) for q in queries]
    return Retrieval(len(queries), claims, _mean(precision, seed), _mean(success, seed))


def _mean(values: Sequence[float], seed: int) -> Estimate | None:
    if not values:
        return None
    chance = np.random.default_rng(seed)
    array = np.asarray(values)
    draws = array[chance.integers(len(array), size=(RESAMPLES, len(array)))].mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    value = float(array.mean())
    return Estimate(value, min(value, float(low)), max(value, float(high)))
