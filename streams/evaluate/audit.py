"""The neutrality audit: does the same post about another side get the same answer?

A flip is blamed on a known claim when it goes away once the claims are written
about the other side too: a label about one side cannot hold for the other, so
such claims are better worded without sides. Every other flip is the detector's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.detect.catalogue import Catalogue
from streams.evaluate.judging import judge
from streams.evaluate.measures import Estimate, wilson
from streams.evaluate.mirror import is_one_sided, mirror_all, mirrored_catalogue, names_a_side
from streams.evaluate.pairs import Origin, post_pairs, statement_pairs, template_pairs
from streams.evaluate.parallel import judge_in_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from streams.detect.detector import Detector
    from streams.evaluate.judging import Advance, Asked, Verdict
    from streams.evaluate.mirror import Mirror, Side
    from streams.evaluate.pairs import Pair
    from streams.evaluate.samples import Sample
    from streams.schema import Claim

    Build = Callable[[Catalogue], Detector]
    Answered = Sequence[tuple[Pair, Verdict, Verdict]]

FIELDS = ("claim", "label", "types", "stance")


@dataclass(frozen=True, slots=True)
class Flip:
    """A pair that was not answered alike."""

    pair_id: str
    origin: Origin
    jurisdiction: str
    sides: tuple[tuple[str, ...], tuple[str, ...]]
    """The sides that the first and the second post name."""
    differences: dict[str, tuple[str, str]]
    """By field: what the first post got and what the second."""
    claim_ids: tuple[str, ...]
    """Known claims that name a side and so are to blame; none: the detector is."""
    texts: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A label that carries a claim about one side to a post about another."""

    pair_id: str
    claim_id: str
    texts: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OneSided:
    """A known claim that names a side and does not say the same of another."""

    claim_id: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class SideRate:
    """How often posts that name a side are taken for claims and get labels."""

    jurisdiction: str
    kind: str
    side: str
    posts: int
    claims: Estimate | None
    labels: Estimate | None


@dataclass(frozen=True, slots=True)
class PackAudit:
    """What one pack's pairs gave."""

    pairs: int
    flips: int
    mean_difference: float
    """Of the claim scores of a pair."""
    largest_difference: float


@dataclass(frozen=True, slots=True)
class Audit:
    """All that the audit found."""

    detector: str
    rule_set: str
    pairs: dict[str, int]
    """By origin."""
    flips: tuple[Flip, ...]
    misplaced: tuple[Misplaced, ...]
    one_sided: tuple[OneSided, ...]
    packs: dict[str, PackAudit]
    rates: tuple[SideRate, ...]

    @property
    def is_neutral(self) -> bool:
        """Was every pair answered alike, no claim carried to another side, and none about one?

        The detector leaves statements about one side to people, so that nothing flips:
        posts about that side would go without a label that others get.
        """
        return not self.flips and not self.misplaced and not self.one_sided

    def flips_by_field(self) -> dict[str, int]:
        """Return how many pairs flipped in each field."""
        counts = Counter(field for flip in self.flips for field in flip.differences)
        return {field: counts[field] for field in FIELDS}


def make_pairs(catalogue: Catalogue, samples: Iterable[Sample]) -> list[Pair]:
    """Return the pairs of all templates, statements and posts."""
    mirrors = mirror_all(catalogue.packs)
    return [
        *(pair for pack in catalogue.packs.values() for pair in template_pairs(pack)),
        *statement_pairs(catalogue, mirrors),
        *post_pairs(samples, mirrors),
    ]


def audit(
    detector: Detector,
    build: Build,
    pairs: Sequence[Pair],
    *,
    show_text: bool = False,
    explain: bool = True,
    advance: Advance | None = None,
    processes: int = 1,
) -> Audit:
    """Return what the detector says of the pairs.

    Args:
        detector: as it is shipped, with its catalogue.
        build: makes a detector of another catalogue; called only where a flip is to be explained.
        pairs: from `make_pairs`.
        show_text: keep the texts of what went wrong.
        explain: look for the claims to blame; without it no flip has any and none is misplaced.
        advance: told how many more texts are done.
        processes: more than one: the pairs are judged by the detector that ships, in so many.
    """
    verdicts = (
        judge(detector, _both(pairs), advance)
        if processes == 1
        else judge_in_processes(detector.catalogue, _both(pairs), processes, advance)
    )
    answered = [(pair, verdicts[2 * at], verdicts[2 * at + 1]) for at, pair in enumerate(pairs)]
    mirrors = mirror_all(detector.catalogue.packs)
    one_sided = {
        claim.claim_id: claim
        for claim in (detector.catalogue.claims.values() if explain else ())
        if claim.jurisdiction in mirrors and is_one_sided(claim, mirrors[claim.jurisdiction])
    }
    flipped = [one for one in answered if differences(one[1], one[2])]
    blamed = _blamed(flipped, detector.catalogue, one_sided, mirrors, build)

    def bare() -> Detector:
        return build(_without_sides(detector.catalogue, one_sided, mirrors))

    flips = tuple(
        Flip(
            pair.pair_id,
            pair.origin,
            pair.jurisdiction,
            (
                _names(mirrors[pair.jurisdiction], pair.first.text),
                _names(mirrors[pair.jurisdiction], pair.second.text),
            ),
            differences(first, second),
            claim_ids,
            (pair.first.text, pair.second.text) if show_text else None,
        )
        for (pair, first, second), claim_ids in zip(flipped, blamed, strict=True)
    )
    return Audit(
        detector=detector.version,
        rule_set=detector.rule_set,
        pairs={origin.value: sum(p.origin is origin for p in pairs) for origin in Origin},
        flips=flips,
        misplaced=_misplaced(answered, one_sided, bare, show_text=show_text),
        one_sided=tuple(OneSided(c.claim_id, c.jurisdiction) for c in one_sided.values()),
        packs=_by_pack(answered),
        rates=_rates(answered, mirrors),
    )


def differences(first: Verdict, second: Verdict) -> dict[str, tuple[str, str]]:
    """Return the fields in which two answers differ, with both values."""
    found = {}
    for field, one, other in zip(FIELDS, _answer(first), _answer(second), strict=True):
        if one != other:
            found[field] = (one, other)
    return found


def _answer(verdict: Verdict) -> tuple[str, str, str, str]:
    detection, label = verdict.detection, verdict.label
    named = "none"
    if label is not None:
        named = label.kind.value if label.claim is None else f"{label.kind}:{label.claim.claim_id}"
    return (
        "yes" if detection.claim.is_ else "no",
        named,
        " ".join(detection.types) or "none",
        detection.stance.value,
    )


def _both(pairs: Iterable[Pair]) -> Iterable[Asked]:
    for pair in pairs:
        yield pair.first
        yield pair.second


def _names(mirror: Mirror, text: str) -> tuple[str, ...]:
    return tuple(sorted(side.name for side in mirror.sides(text)))


def _blamed(
    flipped: Answered,
    catalogue: Catalogue,
    one_sided: Collection[str],
    mirrors: Mapping[str, Mirror],
    build: Build,
) -> list[tuple[str, ...]]:
    """Return for each flip the claims to blame: those without which it would be none."""
    blamed: list[tuple[str, ...]] = [()] * len(flipped)
    turns: dict[tuple[str, int], list[int]] = {}
    for at, (pair, first, second) in enumerate(flipped):
        # A detector of another catalogue takes seconds to build: only where it can tell.
        if _matched(first, second, one_sided):
            turns.setdefault((pair.jurisdiction, pair.turn), []).append(at)
    for (jurisdiction, turn), places in turns.items():
        other = build(mirrored_catalogue(catalogue, mirrors[jurisdiction], turn))
        verdicts = judge(other, [flipped[at][0].second for at in places])
        for at, mirrored in zip(places, verdicts, strict=True):
            _, first, second = flipped[at]
            if not differences(first, mirrored):
                blamed[at] = _matched(first, second, one_sided)
    return blamed


def _matched(first: Verdict, second: Verdict, claim_ids: Collection[str]) -> tuple[str, ...]:
    """Return those of the claims that either post matches."""
    known = {match.claim_id for one in (first, second) for match in one.detection.matches}
    return tuple(sorted(known.intersection(claim_ids)))


def _misplaced(
    answered: Answered,
    one_sided: Mapping[str, Claim],
    bare: Callable[[], Detector],
    *,
    show_text: bool,
) -> tuple[Misplaced, ...]:
    """Return the labels whose claim holds for both posts of a pair and yet names a side.

    A claim may say the same without sides in another statement: then its label is right.
    """
    suspects = [
        (pair, first.label.claim.claim_id)
        for pair, first, second in answered
        if first.label is not None
        and second.label is not None
        and first.label.claim is not None
        and first.label.claim == second.label.claim
        and first.label.claim.claim_id in one_sided
    ]
    if not suspects:
        return ()
    verdicts = judge(bare(), [pair.second for pair, _ in suspects])
    return tuple(
        Misplaced(
            pair.pair_id, claim_id, (pair.first.text, pair.second.text) if show_text else None
        )
        for (pair, claim_id), verdict in zip(suspects, verdicts, strict=True)
        if verdict.label is None
        or verdict.label.claim is None
        or verdict.label.claim.claim_id != claim_id
    )


def _without_sides(
    catalogue: Catalogue, one_sided: Mapping[str, Claim], mirrors: Mapping[str, Mirror]
) -> Catalogue:
    """Return the catalogue without the statements of these claims that name a side."""
    claims = []
    for claim in catalogue.claims.values():
        if claim.claim_id not in one_sided:
            claims.append(claim)
            continue
        mirror = mirrors[claim.jurisdiction]
        kept = {
            language: left
            for language, statements in claim.statements.items()
            if (left := tuple(one for one in statements if not names_a_side(one, mirror)))
        }
        if kept:
            claims.append(claim.model_copy(update={"statements": kept}))
    return Catalogue.of(catalogue.packs.values(), claims)


def _by_pack(answered: Answered) -> dict[str, PackAudit]:
    gaps: dict[str, list[float]] = {}
    flips: Counter[str] = Counter()
    for pair, first, second in answered:
        gap = abs(first.detection.claim.score - second.detection.claim.score)
        gaps.setdefault(pair.jurisdiction, []).append(gap)
        flips[pair.jurisdiction] += bool(differences(first, second))
    return {
        jurisdiction: PackAudit(len(some), flips[jurisdiction], sum(some) / len(some), max(some))
        for jurisdiction, some in sorted(gaps.items())
    }


def _rates(answered: Answered, mirrors: Mapping[str, Mirror]) -> tuple[SideRate, ...]:
    """Return the rates by side, each text of a pack counted once."""
    seen: dict[tuple[str, Asked], Verdict] = {}
    for pair, first, second in answered:
        seen[pair.jurisdiction, pair.first] = first
        seen[pair.jurisdiction, pair.second] = second
    posts: Counter[Side] = Counter()
    claims: Counter[Side] = Counter()
    labels: Counter[Side] = Counter()
    for (jurisdiction, asked), verdict in seen.items():
        for side in mirrors[jurisdiction].sides(asked.text):
            posts[side] += 1
            claims[side] += verdict.detection.claim.is_
            labels[side] += verdict.label is not None
    return tuple(
        SideRate(
            side.jurisdiction,
            side.kind,
            side.name,
            posts[side],
            wilson(claims[side], posts[side]),
            wilson(labels[side], posts[side]),
        )
        for side in sorted(posts)
    )
