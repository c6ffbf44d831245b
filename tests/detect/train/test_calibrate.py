"""Thresholds from scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from streams.detect.model.calibration import ENCODER_ALONE
from streams.detect.train.calibrate import ENOUGH, LOOKED_AT, READ, calibrate, report
from streams.detect.train.fuse import FEWEST, fit_fusion
from streams.detect.train.rows import Row
from streams.detect.train.worth import worth_thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence


class Numbers:
    """Both stages in one: what a text says is its score."""

    def score(self, texts: Sequence[bytes], head: int = 0) -> np.ndarray:
        del head
        return np.array([float(text.split()[0]) for text in texts])

    def read(self, texts: Sequence[str]) -> list[Said]:
        return [Said(float(text.split()[1])) for text in texts]


@dataclass(frozen=True)
class Said:
    claim: float
    topic: float = 0.0
    checkworthy: float = 0.0
    stance: tuple[float, ...] = (0.9, 0.1, 0.0, 0.0, 0.0)


WRITTEN = [
    Row("9 9", "written", "en", "9 9", claim=1, topic=1, stance="asserts"),
    Row("-9 -9", "written", "en", "-9 -9", claim=0, topic=0),
]


def post(first: float, second: float, language: str = "en", claim: int = 0) -> Row:
    text = f"{first} {second}"
    return Row(text, "pool", language, text, claim=claim, topic=claim, stance="asserts")


def background(language: str, size: int, loud: int) -> list[Row]:
    """`loud` posts that both stages take for claims, the rest quiet."""
    noisy = [post(9 + at / size, 5 + at / 100, language) for at in range(loud)]
    return [*noisy, *(post(-at / size, -5, language) for at in range(size - loud))]


def test_the_threshold_lets_the_promised_share_of_the_background_through() -> None:
    posts = background("en", 50_000, 400)

    thresholds, figures = calibrate(
        first=Numbers(),  # type: ignore[arg-type] # answers like both stages
        second=Numbers(),  # type: ignore[arg-type] # the same
        tuning=(),
        labelled=[
            *(post(9, 9, claim=1), post(9, -9, claim=1), post(-9, 9, claim=1), post(9, 9)),
            *WRITTEN,
        ],
        background=posts,
    )

    over = sum(float(one.text.split()[1]) > thresholds.claim for one in posts)
    assert figures.alerts == pytest.approx(over / 50_000 * 100_000)
    assert 0 < figures.alerts <= 34
    looked_at = sum(float(one.text.split()[0]) > thresholds.gate for one in posts)
    assert looked_at / 50_000 == pytest.approx(LOOKED_AT, abs=0.001)
    assert thresholds.second > thresholds.gate
    assert READ < LOOKED_AT
    # One claim of three found, one post wrongly: F1 = 2 * 1 / (2 + 3).
    assert figures.f1["all"] == pytest.approx((0.4, 0.5, 1 / 3, 3))
    assert "F1 0.40" in report(figures)


def test_of_two_stages_the_one_that_knows_counts() -> None:
    # Stage one tells claims from other posts here; the encoder says the same of all.
    tuning = [post(2 if claim else -2, at % 3, claim=claim) for at in range(60) for claim in (0, 1)]
    thresholds, figures = calibrate(
        first=Numbers(),  # type: ignore[arg-type] # the same
        second=Numbers(),  # type: ignore[arg-type] # the same
        tuning=tuning,
        labelled=[post(9, 0, claim=1), post(8.9, 9), *WRITTEN],
        background=[post(-2 - at / 20_000, at % 3) for at in range(20_000)],
    )

    weights = thresholds.fusion
    assert weights.first_election + weights.first_claim > 5 * abs(weights.claim)
    assert figures.f1["all"][2] == 1


def test_with_few_claims_the_encoder_speaks_alone() -> None:
    verdicts = [Said(float(at)) for at in range(100)]
    fusion = fit_fusion(
        verdicts,  # type: ignore[arg-type] # figures like an encoder's
        [(0.0, 0.0)] * 100,
        [at >= 100 - FEWEST + 1 for at in range(100)],
        [1.0] * 100,
    )
    assert fusion == ENCODER_ALONE


def test_check_worthiness_weighs_the_sets_of_a_language_alike() -> None:
    rows = [
        Row(f"{set_}{at}", set_, "ar", "x", checkworthy=int(at % 4 < worthy))
        for set_, worthy in (("big", 1), ("small", 3))
        for at in range(400 if set_ == "big" else 80)
    ]
    logits = np.array([float(row.checkworthy) * 2 - 1 for row in rows])
    alone = worth_thresholds(rows, logits)
    # In the small set nothing tells worthy posts from others: taking all of them is best there.
    blurred = np.where([row.set_ == "small" for row in rows], -2.0, logits)
    assert -1 <= alone["ar"] < 1
    assert worth_thresholds(rows, blurred)["ar"] < -2
    assert worth_thresholds(rows[:100], logits[:100]) == {}


def test_a_language_with_more_false_alerts_gets_a_threshold_of_its_own() -> None:
    thresholds, _ = calibrate(
        first=Numbers(),  # type: ignore[arg-type] # the same
        second=Numbers(),  # type: ignore[arg-type] # the same
        tuning=(),
        labelled=[post(9, 9, claim=1), *WRITTEN],
        background=[
            *background("en", 80_000, 20),
            *background("xx", ENOUGH, 10),
            *background("yy", ENOUGH - 1, 10),
        ],
    )

    assert set(thresholds.claim_by_language) <= {"xx"}
    assert thresholds.claim_in("xx") >= thresholds.claim
    assert thresholds.claim_in("yy") == thresholds.claim
