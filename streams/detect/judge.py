"""From the figures of both stages to what a post is said to say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from streams.detect.model.tasks import STANCES, TYPES
from streams.detect.rules import sigmoid
from streams.schema import ClaimType, Stance

if TYPE_CHECKING:
    from streams.detect.model.calibration import Calibration
    from streams.detect.model.second import Verdict


def claim_types(verdict: Verdict, calibration: Calibration) -> set[ClaimType]:
    """Return the types over their threshold, or the likeliest one."""
    over = {
        ClaimType(name)
        for name, logit in zip(TYPES, verdict.types, strict=True)
        if logit > calibration.types
    }
    return over or {ClaimType(max(zip(verdict.types, TYPES, strict=True))[1])}


def stance_of(verdict: Verdict, cued: Stance, calibration: Calibration) -> Stance:
    """Return the encoder's stance; where it wavers, a cue word against assertion decides.

    A label that disputes what somebody denies does more harm than a missing one.
    """
    shares = _softmax(verdict.stance)
    share, name = max(zip(shares, STANCES, strict=True))
    likeliest = Stance(name)
    careful = {Stance.DENIES, Stance.ASKS, Stance.SATIRE}
    if likeliest is Stance.ASSERTS and cued in careful and share < calibration.sure_of_stance + 0.3:
        return cued
    if share < calibration.sure_of_stance and cued is not Stance.ASSERTS:
        return cued
    return likeliest


def strength(logit: float, threshold: float) -> float:
    """Return a score, 0 to 1, that is one half at the threshold."""
    return sigmoid(logit - threshold)


def _softmax(logits: tuple[float, ...]) -> list[float]:
    top = max(logits)
    powers = [math.exp(logit - top) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]
