"""From labelled posts and what was said of them to the parts of a report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from streams.evaluate.curve import precision_recall, thin
from streams.evaluate.judging import checkworthy_of
from streams.evaluate.measures import Counts, Estimate, score, wilson
from streams.evaluate.report import (
    Alert,
    Background,
    Checkworthiness,
    Claims,
    Evasion,
    StanceOf,
    Stances,
)
from streams.schema import ClaimType, LabelKind, Stance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.evaluate.judging import Verdict
    from streams.evaluate.measures import Score
    from streams.evaluate.samples import Sample

    Judged = Sequence[tuple[Sample, Verdict]]

SPARED = (Stance.DENIES, Stance.ASKS, Stance.SATIRE)
"""Stances that must never get a disputing label."""
WORTH = 0.5
UNKNOWN_LANGUAGE = "und"
ALL = "all"
_PER = 100_000


def score_claims(judged: Judged, *, seed: int) -> Claims | None:
    """Return precision, recall and F1 over the posts of which it is known; None without any."""
    known = [(sample, verdict) for sample, verdict in judged if sample.claim is not None]
    if not known:
        return None
    truth = [bool(sample.claim) for sample, _ in known]
    curve = precision_recall(truth, [verdict.detection.claim.score for _, verdict in known])
    topical = Counts.of(
        (sample.topic, verdict.detection.election.is_)
        for sample, verdict in known
        if sample.topic is not None
    )
    return Claims(
        overall=_claim_score(known, seed),
        about_election=score(topical, seed=seed) if topical.posts else None,
        by_language=_by(known, _language, seed),
        by_type={
            kind.value: score(_typed(known, kind), seed=seed)
            for kind in ClaimType
            if any(kind in sample.types for sample, _ in known)
        },
        by_set=_by(known, lambda sample: sample.set_ or "unnamed", seed),
        curve=thin(curve.points) if curve else (),
        average_precision=curve.average_precision if curve else None,
        best=curve.best() if curve else None,
    )


def score_background(judged: Judged, *, show_text: bool) -> Background:
    """Return the false alerts, strongest first, and their rate."""
    alerts = [
        Alert(
            post_id=sample.sample_id,
            set=sample.set_,
            language=sample.language or verdict.detection.language,
            score=verdict.detection.claim.score,
            types=tuple(kind.value for kind in verdict.detection.types),
            stance=verdict.detection.stance.value,
            label=verdict.label.kind.value if verdict.label else None,
            text=sample.text if show_text else None,
        )
        for sample, verdict in judged
        if verdict.detection.claim.is_
    ]
    alerts.sort(key=lambda alert: (alert.label is None, -alert.score, alert.post_id))
    public = sum(alert.label is not None for alert in alerts)
    return Background(
        posts=len(judged),
        false_alerts=len(alerts),
        per_100_000=_per(len(alerts), len(judged)),
        public_labels=public,
        public_per_100_000=_per(public, len(judged)),
        alerts=tuple(alerts),
    )


def score_stances(judged: Judged) -> Stances | None:
    """Return how often the stance of claims is right; None without a labelled stance."""
    known = [(s, v) for s, v in judged if s.claim and s.stance is not None]
    if not known:
        return None
    counts = Counter(_language(sample) for sample, _ in known)
    languages = sorted(counts, key=lambda language: (-counts[language], language))
    confusion: dict[str, Counter[str]] = {}
    for sample, verdict in known:
        confusion.setdefault(str(sample.stance), Counter())[_found_stance(verdict)] += 1
    disputed = [
        (sample, verdict) for sample, verdict in known if sample.stance in SPARED if _dis(verdict)
    ]
    faults = Counter(sample.stance for sample, _ in disputed)
    totals = Counter(sample.stance for sample, _ in known)
    spared = {stance.value: _rest(faults[stance], totals[stance]) for stance in SPARED}
    spared[ALL] = _rest(len(disputed), sum(totals[stance] for stance in SPARED))
    return Stances(
        overall=_stance_of(known),
        by_language={
            language: _stance_of([pair for pair in known if _language(pair[0]) == language])
            for language in languages
        },
        confusion={
            stance.value: dict(sorted(confusion[stance.value].items()))
            for stance in Stance
            if stance.value in confusion
        },
        spared=spared,
        disputed=tuple(sorted(sample.sample_id for sample, _ in disputed)),
    )


def score_evasion(plain: Sequence[Verdict], attacked: Sequence[Verdict], *, claims: int) -> Evasion:
    """Return the recall on claims before and after an attack.

    Args:
        plain: what was said of the claims that the attack could change, as they were.
        attacked: what was said of them after it, in the same order.
        claims: how many there were to attack. Those that it could not change would
            only hide what it does to the others.
    """
    found = sum(verdict.detection.claim.is_ for verdict in plain)
    kept = sum(verdict.detection.claim.is_ for verdict in attacked)
    return Evasion(
        claims=claims,
        changed=len(plain),
        plain_recall=found / len(plain) if plain else None,
        recall=wilson(kept, len(attacked)),
        kept=kept / found if found else None,
    )


def score_checkworthiness(judged: Judged, *, seed: int) -> dict[str, Checkworthiness] | None:
    """Return the measures by language and for all; None from a detector without the score."""
    known = [
        (sample, bool(sample.checkworthy), value)
        for sample, verdict in judged
        if sample.checkworthy is not None
        and (value := checkworthy_of(verdict.detection)) is not None
    ]
    if not known:
        return None
    by_language: dict[str, list[tuple[bool, float]]] = {ALL: [(is_, v) for _, is_, v in known]}
    for sample, is_, value in known:
        by_language.setdefault(_language(sample), []).append((is_, value))
    found = {}
    for language, pairs in sorted(by_language.items(), key=lambda item: -len(item[1])):
        curve = precision_recall([is_ for is_, _ in pairs], [value for _, value in pairs])
        found[language] = Checkworthiness(
            score(Counts.of((is_, value >= WORTH) for is_, value in pairs), seed=seed),
            curve.average_precision if curve else None,
            curve.best() if curve else None,
        )
    return found


def _claim_score(judged: Judged, seed: int) -> Score:
    pairs = ((bool(sample.claim), verdict.detection.claim.is_) for sample, verdict in judged)
    return score(Counts.of(pairs), seed=seed)


def _by(judged: Judged, key: Callable[[Sample], str], seed: int) -> dict[str, Score]:
    """Return the scores of the groups, those with the most claims first."""
    groups: dict[str, list[tuple[Sample, Verdict]]] = {}
    for sample, verdict in judged:
        groups.setdefault(key(sample), []).append((sample, verdict))
    scores = {name: _claim_score(group, seed) for name, group in groups.items()}
    return dict(sorted(scores.items(), key=lambda item: (-item[1].positives, item[0])))


def _typed(judged: Judged, kind: ClaimType) -> Counts:
    return Counts.of((kind in sample.types, kind in v.detection.types) for sample, v in judged)


def _language(sample: Sample) -> str:
    return sample.language or UNKNOWN_LANGUAGE


def _found_stance(verdict: Verdict) -> str:
    detection = verdict.detection
    return detection.stance.value if detection.claim.is_ else Stance.NONE.value


def _stance_of(judged: Judged) -> StanceOf:
    found = sum(verdict.detection.claim.is_ for _, verdict in judged)
    right = sum(_found_stance(verdict) == sample.stance for sample, verdict in judged)
    return StanceOf(len(judged), found, wilson(right, found), wilson(right, len(judged)))


def _dis(verdict: Verdict) -> bool:
    return verdict.label is not None and verdict.label.kind is LabelKind.DISPUTED_CLAIM


def _rest(part: int, whole: int) -> Estimate | None:
    return wilson(whole - part, whole)


def _per(part: int, whole: int) -> Estimate | None:
    found = wilson(part, whole)
    return found and Estimate(found.value * _PER, found.low * _PER, found.high * _PER)
