"""One evaluation: every part whose data were given, in one report."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.evaluate.audit import audit, make_pairs
from streams.evaluate.judging import Asked, judge
from streams.evaluate.ranking import WIDE, retrieval
from streams.evaluate.report import Evasion, Mirrored, Report, Source
from streams.evaluate.scoring import (
    score_background,
    score_checkworthiness,
    score_claims,
    score_evasion,
    score_stances,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from streams.detect.detector import Detector
    from streams.evaluate.audit import Build
    from streams.evaluate.judging import Advance, Verdict
    from streams.evaluate.reading import RetrievalSet
    from streams.evaluate.samples import Sample

    Attack = Callable[[str, random.Random], str]
    """Disguises the election words of a text."""
    Ranker = Callable[[Mapping[str, str], Mapping[str, str], int], Mapping[str, list[str]]]
    """Returns for queries, claims and k the ids of the best k claims of each query."""
    Watch = Callable[[str, int], AbstractContextManager[Advance]]
    """Shows how far a part is."""

PARTS = ("claims", "evasion", "mirrored", "background", "checkworthiness", "retrieval")


@dataclass(frozen=True, slots=True)
class Given:
    """What is evaluated, and on what."""

    labelled: Sequence[Sample] = ()
    background: Sequence[Sample] = ()
    checkworthy: Sequence[Sample] = ()
    retrieval: RetrievalSet | None = None
    sources: tuple[Source, ...] = ()
    attacks: Mapping[str, Attack] = field(default_factory=dict)
    ranker: Ranker | None = None
    parts: frozenset[str] = frozenset(PARTS)
    seed: int = 0
    show_text: bool = False


def evaluate(detector: Detector, build: Build, given: Given, watch: Watch) -> Report:
    """Return the report; the same detector, data and seed give the same one."""
    seed = given.seed
    notes: list[str] = []
    known = [sample for sample in given.labelled if sample.claim is not None]
    judged = []
    if known and given.parts & {"claims", "evasion"}:
        verdicts = _judge(detector, known, watch, "Labelled posts")
        judged = list(zip(known, verdicts, strict=True))
    claims_part = "claims" in given.parts
    evasion = None
    if "evasion" in given.parts and judged:
        if given.attacks:
            evasion = _evasion(detector, judged, given, watch)
        else:
            notes.append("evasion: this installation has no attacks to try")
    mirrored = None
    if "mirrored" in given.parts:
        mirrored = _mirrored(detector, build, given.labelled, watch)
    background = None
    if "background" in given.parts and given.background:
        verdicts = _judge(detector, given.background, watch, "Background")
        background = score_background(
            list(zip(given.background, verdicts, strict=True)), show_text=given.show_text
        )
    checkworthiness = None
    if "checkworthiness" in given.parts and given.checkworthy:
        verdicts = _judge(detector, given.checkworthy, watch, "Check-worthiness", thorough=True)
        checkworthiness = score_checkworthiness(
            list(zip(given.checkworthy, verdicts, strict=True)), seed=seed
        )
        if checkworthiness is None:
            notes.append("check-worthiness: the detector gives no score of it")
    found = None
    if "retrieval" in given.parts and given.retrieval is not None:
        if given.ranker is not None:
            texts, all_claims = given.retrieval.queries, given.retrieval.claims
            ranked = given.ranker(texts, all_claims, WIDE)
            found = retrieval(ranked, given.retrieval.relevant, claims=len(all_claims), seed=seed)
        else:
            notes.append("retrieval: this installation has no ranker of claims")
    return Report(
        detector=detector.version,
        rule_set=detector.rule_set,
        seed=seed,
        sources=given.sources,
        claims=score_claims(judged, seed=seed) if claims_part else None,
        background=background,
        stances=score_stances(judged) if claims_part else None,
        evasion=evasion,
        mirrored=mirrored,
        checkworthiness=checkworthiness,
        retrieval=found,
        notes=tuple(notes),
    )


def _judge(
    detector: Detector,
    samples: Sequence[Sample],
    watch: Watch,
    name: str,
    *,
    thorough: bool = False,
) -> list[Verdict]:
    with watch(name, len(samples)) as advance:
        return judge(detector, _asked(samples), advance, thorough=thorough)


def _asked(samples: Iterable[Sample]) -> Iterable[Asked]:
    for sample in samples:
        yield Asked(sample.text, sample.languages)


def _evasion(
    detector: Detector, judged: Sequence[tuple[Sample, Verdict]], given: Given, watch: Watch
) -> dict[str, Evasion]:
    """Return for each attack the recall on disguised claims."""
    claims = [(sample, verdict) for sample, verdict in judged if sample.claim]
    found = {}
    with watch("Evasions", len(claims) * len(given.attacks)) as advance:
        for name, attack in sorted(given.attacks.items()):
            chance = random.Random(f"{given.seed}:{name}")  # noqa: S311 - a repeatable choice
            before: list[Verdict] = []
            asked: list[Asked] = []
            for sample, verdict in claims:
                text = attack(sample.text, chance)
                if text != sample.text:
                    before.append(verdict)
                    asked.append(Asked(text, sample.languages))
            after = judge(detector, asked, advance)
            advance(len(claims) - len(asked))
            found[name] = score_evasion(before, after, claims=len(claims))
    return found


def _mirrored(
    detector: Detector, build: Build, samples: Sequence[Sample], watch: Watch
) -> Mirrored:
    pairs = make_pairs(detector.catalogue, samples)
    with watch("Posts with their sides swapped", 2 * len(pairs)) as advance:
        result = audit(detector, build, pairs, explain=False, advance=advance)
    largest = max((pack.largest_difference for pack in result.packs.values()), default=0.0)
    return Mirrored(len(pairs), len(result.flips), result.flips_by_field(), largest)
