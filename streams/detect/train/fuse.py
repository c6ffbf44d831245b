"""Both stages put together: logistic regression over their log-odds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streams.detect.judge import fused
from streams.detect.model.calibration import ENCODER_ALONE, Fusion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.model.second import Verdict

    First = Sequence[tuple[float, float]]
    """Stage one's log-odds of a text: about an election, and a claim."""

REGULARISATION = 3.0
"""Over features of unit spread, the bias apart."""
FEWEST = 20
"""Claims; with fewer the encoder speaks alone."""
_MOST_ROUNDS = 50
_SETTLED = 1e-8
_EVEN = 1e-9
"""Keeps the curve from vanishing where everything is sure."""


def fit_fusion(
    verdicts: Sequence[Verdict],
    first: First,
    claims: Sequence[bool],
    weights: Sequence[float],
) -> Fusion:
    """Return how much each figure counts, fitted on texts that no stage learned from.

    Args:
        verdicts: of the encoder.
        first: of stage one, of the same texts.
        claims: which of them make a claim.
        weights: how much each text counts.
    """
    truth = np.array(claims)
    if min(truth.sum(), (~truth).sum()) < FEWEST:
        return ENCODER_ALONE
    figures = np.array(
        [
            (one.claim, one.topic, one.checkworthy, *scores)
            for one, scores in zip(verdicts, first, strict=True)
        ]
    )
    middle, spread = figures.mean(0), figures.std(0)
    spread[spread == 0] = 1.0
    slopes, bias = _regression((figures - middle) / spread, truth, np.array(weights))
    slopes /= spread
    claim, topic, checkworthy, first_election, first_claim = (round(float(x), 4) for x in slopes)
    return Fusion(
        claim=claim,
        topic=topic,
        checkworthy=checkworthy,
        first_election=first_election,
        first_claim=first_claim,
        bias=round(float(bias - slopes @ middle), 4),
    )


def _regression(
    figures: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return slopes and bias of a logistic regression, by Newton's method.

    Six figures need no library that whoever tests this would have to install.
    """
    features = np.c_[figures, np.ones(len(figures))]
    penalty = np.append(np.full(figures.shape[1], REGULARISATION), 0.0)
    found = np.zeros(features.shape[1])
    for _ in range(_MOST_ROUNDS):
        shares = 1 / (1 + np.exp(-np.clip(features @ found, -30, 30)))
        slope = features.T @ (weights * (shares - truth)) + penalty * found
        curve = (features.T * (weights * shares * (1 - shares) + _EVEN)) @ features
        step = np.linalg.solve(curve + np.diag(penalty), slope)
        found -= step
        if np.abs(step).max() < _SETTLED:
            break
    return found[:-1], float(found[-1])


def fused_all(verdicts: Sequence[Verdict], first: First, fusion: Fusion) -> np.ndarray:
    """Return the log-odds of a claim of each text."""
    return np.array(
        [fused(one, scores, fusion) for one, scores in zip(verdicts, first, strict=True)]
    )
