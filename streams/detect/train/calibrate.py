"""Thresholds, and what they give, on posts that training never saw."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streams.detect.model.calibration import Calibration
from streams.detect.model.tasks import STANCES
from streams.detect.train.fuse import fit_fusion, fused_all
from streams.detect.train.rows import HARD_WEIGHT, is_hard
from streams.detect.train.worth import worth_thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.model.calibration import Fusion
    from streams.detect.model.linear import LinearModel
    from streams.detect.model.second import SecondStage, Verdict
    from streams.detect.train.rows import Row

LOOKED_AT = 0.045
"""Of an election-heavy background: what the gate lets through."""
READ = 0.04
"""Of the same: what the encoder reads."""
ALONE = 0.0006
FALSE_ALERTS = 34 / 100_000
"""Of background posts; the promise is 40."""
FALSE_ALERTS_IN_ONE = 70 / 100_000
ENOUGH = 3000
"""Background posts of a language, for a threshold of its own."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the thresholds give."""

    f1: dict[str, tuple[float, float, float, int]]
    """By language, of posts that people wrote on networks: F1, precision, recall, claims."""
    written_recall: float
    hard_false: float
    stance: dict[str, tuple[float, int]]
    """By language: share of right stances among claims, and their number."""
    alerts: float
    """Per 100,000 background posts."""
    looked_at: float
    claims_looked_at: float


def calibrate(
    *,
    first: LinearModel,
    second: SecondStage,
    tuning: Sequence[Row],
    labelled: Sequence[Row],
    background: Sequence[Row],
    checkworthy: Sequence[Row] = (),
) -> tuple[Calibration, Figures]:
    """Return thresholds for both stages, and figures.

    Args:
        first: stage one.
        second: stage two.
        tuning: on these the stages are put together; no stage learned from them.
        labelled: on these the figures are taken; they set no threshold.
        background: sets the thresholds, for it alone tells the rate of false alerts.
        checkworthy: sets the thresholds of check-worthiness.
    """
    theirs = _both(first, background)
    scores = [election for election, _ in theirs]
    gate = float(np.quantile(scores, 1 - LOOKED_AT))
    read = float(np.quantile(scores, 1 - READ))
    alone = float(np.quantile([claim for _, claim in theirs], 1 - ALONE))
    over = [at for at, score in enumerate(scores) if score > read]
    passed, passed_first = [background[at] for at in over], [theirs[at] for at in over]
    passed_verdicts = second.read([row.text for row in passed])
    fusion = _fusion(first, second, tuning, (passed_verdicts, passed_first))
    alerts = fused_all(passed_verdicts, passed_first, fusion)
    claim = _threshold(alerts, len(background), FALSE_ALERTS)
    worthy = worth_thresholds(
        checkworthy,
        np.array([one.checkworthy for one in second.read([row.text for row in checkworthy])]),
    )
    thresholds = Calibration(
        gate=round(gate, 3),
        second=round(read, 3),
        alone=round(alone, 3),
        claim=round(claim, 3),
        claim_by_language=_louder(background, passed, alerts, claim),
        fusion=fusion,
        checkworthy_by_language=worthy,
    )
    ours = _both(first, labelled)
    verdicts = second.read([row.text for row in labelled])
    logits = fused_all(verdicts, ours, fusion)
    found = [
        scores[0] > read and logit > thresholds.claim_in(row.language)
        for row, scores, logit in zip(labelled, ours, logits, strict=True)
    ]
    false = sum(
        logit > thresholds.claim_in(row.language) for row, logit in zip(passed, alerts, strict=True)
    )
    looked_at = np.array([election > gate for election, _ in ours])
    return thresholds, _figures(labelled, found, verdicts, looked_at, false / len(background))


def _fusion(
    first: LinearModel,
    second: SecondStage,
    tuning: Sequence[Row],
    background: tuple[Sequence[Verdict], Sequence[tuple[float, float]]],
) -> Fusion:
    """Return the fusion fitted on posts for tuning, and on background as what makes no claim."""
    verdicts, scores = background
    return fit_fusion(
        [*second.read([row.text for row in tuning]), *verdicts],
        [*_both(first, tuning), *scores],
        [*(row.claim == 1 for row in tuning), *([False] * len(verdicts))],
        [*(HARD_WEIGHT if is_hard(row) else 1.0 for row in tuning), *([1.0] * len(verdicts))],
    )


def _louder(
    background: Sequence[Row], passed: Sequence[Row], alerts: np.ndarray, claim: float
) -> dict[str, float]:
    """Return thresholds of the languages whose background gives more false alerts."""
    sizes: dict[str, int] = defaultdict(int)
    for row in background:
        sizes[row.language] += 1
    found = {}
    for language, size in sorted(sizes.items()):
        own = alerts[[row.language == language for row in passed]]
        limit = _threshold(own, size, FALSE_ALERTS_IN_ONE)
        if size >= ENOUGH and limit > claim:
            found[language] = round(limit, 3)
    return found


def _both(model: LinearModel, rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Return stage one's log-odds of each row: about an election, and a claim."""
    election, claim = _scores(model, rows, 0), _scores(model, rows, 1)
    return list(zip(election.tolist(), claim.tolist(), strict=True))


def _scores(model: LinearModel, rows: Sequence[Row], head: int) -> np.ndarray:
    parts = [
        model.score([row.text.encode("utf-8", "replace") for row in rows[at : at + 2000]], head)
        for at in range(0, len(rows), 2000)
    ]
    return np.concatenate([np.zeros(0), *parts])


def _threshold(logits: np.ndarray, size: int, share: float) -> float:
    """Return the least log-odds that at most this share of all posts is over."""
    allowed = int(share * size)
    ranked = np.sort(logits)[::-1]
    return float(ranked[allowed]) if allowed < len(ranked) else -np.inf


def _figures(
    rows: Sequence[Row],
    found: Sequence[bool],
    verdicts: Sequence[Verdict],
    looked_at: np.ndarray,
    alerts: float,
) -> Figures:
    hit = np.array(found)
    claim = np.array([row.claim == 1 for row in rows])
    written = np.array([row.set_ in {"written", "own"} for row in rows])
    hard = written & np.array([row.claim == 0 and row.topic == 0 for row in rows])
    languages = np.array([row.language for row in rows])
    f1 = {"all": _f1(hit, claim, ~written)}
    f1 |= {
        code: _f1(hit, claim, ~written & (languages == code))
        for code in sorted(set(languages[~written & claim]))
    }
    right = np.array(
        [
            row.claim == 1 and STANCES[int(np.argmax(verdict.stance))] == row.stance
            for row, verdict in zip(rows, verdicts, strict=True)
        ]
    )
    stance = {
        code: (
            float(right[claim & (languages == code)].mean()),
            int((claim & (languages == code)).sum()),
        )
        for code in sorted(set(languages[claim]))
    }
    stance["all"] = (float(right[claim].mean()), int(claim.sum()))
    return Figures(
        f1=f1,
        written_recall=float(hit[written & claim].mean()),
        hard_false=float(hit[hard].mean()),
        stance=stance,
        alerts=alerts * 100_000,
        looked_at=LOOKED_AT,
        claims_looked_at=float(looked_at[claim].mean()),
    )


def _f1(hit: np.ndarray, claim: np.ndarray, among: np.ndarray) -> tuple[float, float, float, int]:
    both = int((hit & claim & among).sum())
    said, true = int((hit & among).sum()), int((claim & among).sum())
    return 2 * both / max(1, said + true), both / max(1, said), both / max(1, true), true


def report(figures: Figures) -> str:
    """Return the figures in lines for a terminal."""
    f1, precision, recall, claims = figures.f1["all"]
    summary = (
        f"claim F1 {f1:.2f} (precision {precision:.2f}, recall {recall:.2f}, {claims} claims);"
        f" recall on written claims {figures.written_recall:.2f},"
        f" {figures.hard_false:.1%} false on hard negatives;"
        f" {figures.alerts:.0f} alerts per 100,000 background posts;"
        f" the gate keeps {figures.claims_looked_at:.1%} of claims;"
        f" stance {figures.stance['all'][0]:.2f}"
    )
    by_language = ", ".join(f"{code} {one[0]:.2f} ({one[3]})" for code, one in figures.f1.items())
    return f"{summary}\nF1 by language: {by_language}"
