"""From what a post says to the label that is proposed for it, or none.

Precision first: a public label needs a known claim with two sources or the
official authority of a jurisdiction that the post itself names. Everything
else is left alone or becomes a candidate for people to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.schema import (
    AuthorityNote,
    ClaimType,
    LabelKind,
    Op,
    SourceStance,
    Stance,
)

if TYPE_CHECKING:
    from datetime import datetime

    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Detection, Match
    from streams.schema import Claim, ClaimSource, ElectionPack, Post, Span

VOTING_TYPES = frozenset(
    {ClaimType.DATES, ClaimType.PROCEDURE, ClaimType.ELIGIBILITY, ClaimType.MAIL}
)
"""Claims about how to vote: answered by pointing to the official authority."""

_DISPUTING = frozenset({SourceStance.DISPUTES, SourceStance.OFFICIAL})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How strong the evidence must be for a public label, 0 to 1."""

    match: float = 0.6
    """Least score of a match for `disputed-claim`."""
    claim: float = 0.5
    """Least claim score for the two kinds that rest on the authority alone."""


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A label that a post should carry, before it gets its ids."""

    kind: LabelKind
    jurisdiction: str
    types: tuple[ClaimType, ...]
    stance: Stance
    score: float
    spans: tuple[Span, ...]
    claim: Claim | None = None
    authority: AuthorityNote | None = None


def decide(
    post: Post,
    detection: Detection,
    catalogue: Catalogue,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Proposal | None:
    """Return the label that the post should carry now, or None.

    A disputed claim outranks the other kinds: its sources speak about this very
    claim. Denials, questions, reports and satire never get a disputing label.
    """
    if post.op is Op.DELETE or not detection.claim.is_:
        return None
    return (
        _disputed_claim(detection, catalogue, thresholds)
        or _result_not_final(post, detection, catalogue, thresholds)
        or _voting_information(detection, catalogue, thresholds)
    )


def _disputed_claim(
    detection: Detection, catalogue: Catalogue, thresholds: Thresholds
) -> Proposal | None:
    if detection.stance is not Stance.ASSERTS:
        return None
    for match in detection.matches:
        claim = catalogue.claims.get(match.claim_id)
        if claim is None or match.score < thresholds.match or not _is_disputed(claim):
            continue
        return _for_claim(claim, match, detection)
    return None


def _is_disputed(claim: Claim) -> bool:
    return any(source.stance in _DISPUTING for source in claim.sources)


def _for_claim(claim: Claim, match: Match, detection: Detection) -> Proposal:
    return Proposal(
        kind=LabelKind.DISPUTED_CLAIM,
        jurisdiction=claim.jurisdiction,
        types=claim.types,
        stance=detection.stance,
        score=match.score,
        spans=match.spans or detection.spans,
        claim=claim,
    )


def _result_not_final(
    post: Post, detection: Detection, catalogue: Catalogue, thresholds: Thresholds
) -> Proposal | None:
    if (
        ClaimType.COUNTING not in detection.types
        or detection.stance not in {Stance.ASSERTS, Stance.REPORTS}
        or detection.claim.score < thresholds.claim
    ):
        return None
    moment = post.created_at or post.received_at
    for jurisdiction in detection.jurisdictions:
        pack = catalogue.packs.get(jurisdiction)
        certified_by = _counting_until(pack, moment) if pack else None
        if pack is not None and certified_by is not None:
            return _for_authority(
                LabelKind.RESULT_NOT_FINAL, pack, detection, certified_by=certified_by
            )
    return None


def _counting_until(pack: ElectionPack, moment: datetime) -> datetime | None:
    """Return when the election that is being counted at `moment` is certified."""
    open_counts = [
        election.certified_by
        for election in pack.elections
        if election.polls_open <= moment < election.certified_by
    ]
    return min(open_counts, default=None)


def _voting_information(
    detection: Detection, catalogue: Catalogue, thresholds: Thresholds
) -> Proposal | None:
    if (
        not VOTING_TYPES.intersection(detection.types)
        or detection.stance not in {Stance.ASSERTS, Stance.ASKS}
        or detection.claim.score < thresholds.claim
    ):
        return None
    for jurisdiction in detection.jurisdictions:
        pack = catalogue.packs.get(jurisdiction)
        if pack is not None:
            return _for_authority(LabelKind.VOTING_INFORMATION, pack, detection)
    return None


def _for_authority(
    kind: LabelKind,
    pack: ElectionPack,
    detection: Detection,
    *,
    certified_by: datetime | None = None,
) -> Proposal:
    return Proposal(
        kind=kind,
        jurisdiction=pack.jurisdiction,
        types=detection.types,
        stance=detection.stance,
        score=detection.claim.score,
        spans=detection.spans,
        authority=AuthorityNote(
            name=dict(pack.authority.name), url=pack.authority.url, certified_by=certified_by
        ),
    )


def sources_in_order(claim: Claim) -> tuple[ClaimSource, ...]:
    """Return the claim's sources as readers see them: official first, then the newest."""
    return tuple(
        sorted(
            claim.sources,
            key=lambda source: (
                source.stance is not SourceStance.OFFICIAL,
                -(source.published.toordinal() if source.published else 0),
                source.publisher,
                source.url,
            ),
        )
    )
