"""From what a post says to the label that is proposed for it, or none.

Precision first: a public label needs a known claim with two sources or the
official authority of a jurisdiction that the post itself names. Everything
else is left alone or becomes a candidate for people to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.schema import (
    LEAST_CLAIM,
    LEAST_MATCH,
    AuthorityNote,
    ClaimType,
    LabelKind,
    Op,
    SourceStance,
    Stance,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Detection, Match
    from streams.schema import Claim, ClaimSource, Election, ElectionPack, Post, Span

VOTING_TYPES = frozenset(
    {ClaimType.DATES, ClaimType.PROCEDURE, ClaimType.ELIGIBILITY, ClaimType.MAIL}
)
"""Claims about how to vote: answered by pointing to the official authority."""

_DISPUTING = frozenset({SourceStance.DISPUTES, SourceStance.OFFICIAL})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How strong the evidence must be for a public label, 0 to 1."""

    match: float = LEAST_MATCH
    """Least score of a match for `disputed-claim`."""
    claim: float = LEAST_CLAIM
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
    election_id: str | None = None
    """The election that is being counted, for `result-not-final`."""


def decide(
    post: Post,
    detection: Detection,
    catalogue: Catalogue,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Proposal | None:
    """Return the label that the post should carry now, or None."""
    return next(proposals(post, detection, catalogue, thresholds), None)


def proposals(
    post: Post,
    detection: Detection,
    catalogue: Catalogue,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Iterator[Proposal]:
    """Yield the labels that the post gives reason for, the one that it should carry first.

    A disputed claim outranks the other kinds: its sources speak about this very
    claim. Denials, questions, reports and satire never get a disputing label.
    """
    if post.op is Op.DELETE or not detection.claim.is_:
        return
    yield from _disputed_claims(detection, catalogue, thresholds)
    yield from _results_not_final(post, detection, catalogue, thresholds)
    yield from _voting_information(detection, catalogue, thresholds)


def _disputed_claims(
    detection: Detection, catalogue: Catalogue, thresholds: Thresholds
) -> Iterator[Proposal]:
    if detection.stance is not Stance.ASSERTS:
        return
    for match in detection.matches:
        claim = catalogue.claims.get(match.claim_id)
        if claim is not None and match.score >= thresholds.match and is_disputed(claim):
            yield _for_claim(claim, match, detection)


def is_disputed(claim: Claim) -> bool:
    """Return whether a source disputes the claim or an authority speaks about it."""
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


def _results_not_final(
    post: Post, detection: Detection, catalogue: Catalogue, thresholds: Thresholds
) -> Iterator[Proposal]:
    if (
        ClaimType.COUNTING not in detection.types
        or detection.stance not in {Stance.ASSERTS, Stance.REPORTS}
        or detection.claim.score < thresholds.claim
    ):
        return
    moment = post.created_at or post.received_at
    for jurisdiction in detection.jurisdictions:
        pack = catalogue.packs.get(jurisdiction)
        if pack is not None:
            for election in _counted_at(pack, moment):
                yield _for_authority(LabelKind.RESULT_NOT_FINAL, pack, detection, election)


def _counted_at(pack: ElectionPack, moment: datetime) -> list[Election]:
    """Return the elections that are being counted at `moment`, the next to be certified first."""
    return sorted(
        (one for one in pack.elections if one.polls_open <= moment < one.certified_by),
        key=lambda one: (one.certified_by, one.election_id),
    )


def _voting_information(
    detection: Detection, catalogue: Catalogue, thresholds: Thresholds
) -> Iterator[Proposal]:
    if (
        not VOTING_TYPES.intersection(detection.types)
        or detection.stance not in {Stance.ASSERTS, Stance.ASKS}
        or detection.claim.score < thresholds.claim
    ):
        return
    for jurisdiction in detection.jurisdictions:
        pack = catalogue.packs.get(jurisdiction)
        if pack is not None:
            yield _for_authority(LabelKind.VOTING_INFORMATION, pack, detection)


def _for_authority(
    kind: LabelKind, pack: ElectionPack, detection: Detection, election: Election | None = None
) -> Proposal:
    return Proposal(
        kind=kind,
        jurisdiction=pack.jurisdiction,
        types=detection.types,
        stance=detection.stance,
        score=detection.claim.score,
        spans=detection.spans,
        authority=authority_note(pack, election),
        election_id=election.election_id if election else None,
    )


def authority_note(pack: ElectionPack, election: Election | None) -> AuthorityNote:
    """Return what a label says about the authority, and when it certifies the election."""
    return AuthorityNote(
        name=dict(pack.authority.name),
        url=pack.authority.url,
        certified_by=election.certified_by if election else None,
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
