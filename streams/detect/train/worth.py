"""The threshold of check-worthiness in each language."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.train.rows import Row

FEWEST = 40
"""Worthy posts of a language, for a threshold of its own."""
_STEPS = np.arange(-4.0, 4.01, 0.1)


def worth_thresholds(rows: Sequence[Row], logits: np.ndarray) -> dict[str, float]:
    """Return by language the threshold of the best F1, in the mean of the language's sets.

    Every set was judged by other people in another year, and they call different
    shares of the posts worth a check: none of them alone says what is to come.
    """
    truth = np.array([row.checkworthy == 1 for row in rows])
    groups: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, row in enumerate(rows):
        groups[row.language][row.set_].append(at)
    found = {}
    for language, sets in sorted(groups.items()):
        if truth[[at for places in sets.values() for at in places]].sum() < FEWEST:
            continue
        means = [
            np.mean([_f1(logits[places] > step, truth[places]) for places in sets.values()])
            for step in _STEPS
        ]
        found[language] = round(float(_STEPS[int(np.argmax(means))]), 2)
    return found


def _f1(said: np.ndarray, truth: np.ndarray) -> float:
    both = int((said & truth).sum())
    return 2 * both / max(1, int(said.sum()) + int(truth.sum()))
