"""The precision-recall curve: what other thresholds would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_POINTS = 400
"""Points that a report keeps: more than a screen can show."""


@dataclass(frozen=True, slots=True)
class Point:
    """What saying yes from this score on gives."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Curve:
    """All points, by falling threshold, and the area under them."""

    points: tuple[Point, ...]
    average_precision: float

    def best(self) -> Point:
        """Return the point of the highest F1; of equals the one with the highest threshold."""
        return max(self.points, key=lambda p: (_f1(p), p.threshold))


def precision_recall(truth: Sequence[bool], scores: Sequence[float]) -> Curve | None:
    """Return the curve, one point for each score that occurs; None without a positive."""
    positives = sum(truth)
    if not positives:
        return None
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    ranked = np.asarray(scores, np.float64)[order]
    hits = np.cumsum(np.asarray(truth, np.bool_)[order])
    # Posts of one score are said together: only the last of them makes a point.
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, [True]))
    precision = hits[ends] / (ends + 1)
    recall = hits[ends] / positives
    steps = np.diff(np.concatenate([[0.0], recall]))
    return Curve(
        tuple(
            Point(float(t), float(p), float(r))
            for t, p, r in zip(ranked[ends], precision, recall, strict=True)
        ),
        float(np.sum(steps * precision)),
    )


def thin(points: Sequence[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """Return at most that many of the points, evenly chosen, the first and the last among them."""
    if len(points) <= most:
        return tuple(points)
    chosen = np.linspace(0, len(points) - 1, most).round().astype(int)
    return tuple(points[at] for at in chosen)


def _f1(point: Point) -> float:
    whole = point.precision + point.recall
    return 2 * point.precision * point.recall / whole if whole else 0.0
