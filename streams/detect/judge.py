"""From the figures of both stages to what a post is said to say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from streams.detect.model.tasks import STANCES, TYPES
from streams.detect.rules import sigmoid
from streams.schema import ClaimType, Stance

if TYPE_CHECKING:
    from streams.detect.model.calibration import Calibration, Fusion
    from streams.detect.model.second import Verdict
    from streams.detect.rules import Reading


def fused(verdict: Verdict, first: tuple[float, float], weights: Fusion) -> float:
    """Return the log-odds of a claim, of both stages.

    Args:
        verdict: of the encoder.
        first: of stage one: about an election, and a claim.
        weights: how much each counts.
    """
    return (
        weights.bias
        + weights.claim * verdict.claim
        + weights.topic * verdict.topic
        + weights.checkworthy * verdict.checkworthy
        + weights.first_election * first[0]
        + weights.first_claim * first[1]
    )


def claim_types(verdict: Verdict, calibration: Calibration) -> set[ClaimType]:
    """Return the types over their threshold, or the likeliest one."""
    over = {
        ClaimType(name)
        for name, logit in zip(TYPES, verdict.types, strict=True)
        if logit > calibration.types
    }
    return over or {ClaimType(max(zip(verdict.types, TYPES, strict=True))[1])}


def lift(verdict: Verdict, reading: Reading) -> float:
    """Return what the surest rule adds to the encoder's log-odds for a claim.

    A rule knows what is stated, the encoder whether it is about an election: the
    same words decide a song contest.
    """
    if verdict.topic <= 0:
        return 0.0
    return max((one.rule.lift for one in reading.fired), default=0.0)


def stance_of(
    verdict: Verdict, cued: Stance, calibration: Calibration, *, known: bool = False
) -> Stance:
    """Return the author's stance, of what the encoder and the cue words say.

    A label that disputes what somebody denies does more harm than a missing one: where
    a known claim could be labelled, a cue word against assertion stands. Elsewhere
    words decide when the encoder wavers: many a question mark is rhetoric.

    Args:
        verdict: of the encoder.
        cued: what cue words say; `asserts` when there are none.
        calibration: how sure is sure.
        known: the post holds the words of a known claim. Then words tell more of the
            stance than tone does, and the encoder has to be sure to overrule them.
    """
    shares = _softmax(verdict.stance)
    share, name = max(zip(shares, STANCES, strict=True))
    likeliest = Stance(name)
    if cued is Stance.ASSERTS:
        enough = calibration.sure_against_words if known else 0.0
        return likeliest if share >= enough else cued
    if cued is Stance.SATIRE or known:
        return cued
    return likeliest if share >= calibration.sure_of_stance else cued


def strength(logit: float, threshold: float) -> float:
    """Return a score, 0 to 1, that is one half at the threshold."""
    return sigmoid(logit - threshold)


def _softmax(logits: tuple[float, ...]) -> list[float]:
    top = max(logits)
    powers = [math.exp(logit - top) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]
