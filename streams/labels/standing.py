"""Which labels a post carries, from what is known about it and the rulebook: a pure view.

No memory of what was said before: whatever order findings, rulings, claims and
policies arrived in, the labels are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from streams.labels.decide import authority_note, is_disputed, sources_in_order
from streams.labels.findings import label_id
from streams.schema import (
    Actor,
    ClaimStatus,
    Decision,
    Label,
    LabelKind,
    Mode,
    Reason,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from streams.labels.rulebook import Rulebook
    from streams.schema import Claim, Election, Finding, PostLabels, Ruling

_RANKS = {kind: rank for rank, kind in enumerate(LabelKind)}
"""Disputed claims first: their sources speak about this very claim."""
_STATUS_REASONS = {
    ClaimStatus.CORRECTED: Reason.CLAIM_CORRECTED,
    ClaimStatus.WITHDRAWN: Reason.CLAIM_WITHDRAWN,
    ClaimStatus.EXPIRED: Reason.CLAIM_EXPIRED,
}
DECISION_REASONS = {
    Decision.CONFIRM: Reason.REVIEW_CONFIRMED,
    Decision.REJECT: Reason.REVIEW_REJECTED,
    Decision.APPEAL_UPHELD: Reason.APPEAL_UPHELD,
    Decision.APPEAL_REFUSED: Reason.APPEAL_REFUSED,
}


@dataclass(frozen=True, slots=True)
class Because:
    """Why something changed: part of the label event."""

    reason: Reason
    note: str | None = None
    review_id: str | None = None
    claim_version: int | None = None


@dataclass(frozen=True, slots=True)
class View:
    """The labels that a post carries, without event ids, and why others do not stand."""

    labels: tuple[Label, ...] = ()
    fallen: dict[str, Because] = field(default_factory=dict)


def view(state: PostLabels, book: Rulebook, at: datetime) -> View:
    """Return the labels of a post at a moment.

    A post carries one public label; shadow and unreviewed ones of higher rank,
    one of each kind, are recorded beside it.
    """
    if state.deleted:
        return View()
    # As the detector ranks them: of claims that match alike the first, not any.
    by_label: dict[str, list[Finding]] = {}
    for finding in state.findings:
        by_label.setdefault(label_id(state.post_id, finding), []).append(finding)
    standing: list[tuple[bool, Label]] = []
    fallen: dict[str, Because] = {}
    for about, findings in by_label.items():
        ruling = ruling_on(state, about)
        label = _label(state, about, findings, ruling, book, at)
        if isinstance(label, Because):
            fallen[about] = label
        else:
            standing.append((Actor.REVIEWER in label.carried_by, label))
    # Stable: what is even stays in the findings' order.
    standing.sort(key=lambda one: (not one[0], _RANKS[one[1].kind], -one[1].score))
    return View(_shown(label for _confirmed, label in standing), fallen)


def _shown(ranked: Iterable[Label]) -> tuple[Label, ...]:
    shown: dict[LabelKind, Label] = {}
    for label in ranked:
        if label.kind not in shown:
            shown[label.kind] = label
        if label.mode is Mode.LIVE:
            break
    return tuple(shown.values())


def ruling_on(state: PostLabels, about: str) -> Ruling | None:
    """Return what people decided last about a label of the post's present version."""
    return next(
        (
            ruling
            for ruling in state.rulings
            if ruling.label_id == about and ruling.post_version == state.post_version
        ),
        None,
    )


def because_of(ruling: Ruling) -> Because:
    """Return a ruling as the reason for an event."""
    return Because(DECISION_REASONS[ruling.decision], ruling.reason, ruling.review_id)


def _label(  # noqa: PLR0917 - what a label rests on
    state: PostLabels,
    about: str,
    findings: list[Finding],
    ruling: Ruling | None,
    book: Rulebook,
    at: datetime,
) -> Label | Because:
    if ruling is not None and not ruling.decision.keeps:
        return because_of(ruling)
    if _is_kept_out(state, findings[0].jurisdiction, book):
        return Because(Reason.POLICY_CHANGED)
    reasons = [_reason(state, one, book, at) for one in findings]
    standing = [
        (expires_at, election, one)
        for one, found in zip(findings, reasons, strict=True)
        if not isinstance(found, Because)
        for expires_at, election in (found,)
    ]
    if not standing:
        return next(one for one in reasons if isinstance(one, Because))
    read = [one for one in standing if _is_read(state, one[2], book)]
    if not read and ruling is None:
        return Because(Reason.POLICY_CHANGED)
    # Of several elections that carry a label the one that is certified first is named.
    expires_at, election, finding = min(
        read or standing, key=lambda one: one[1].certified_by if one[1] else at
    )
    claim = book.claims[finding.claim_id] if finding.claim_id else None
    carried_by = ((Actor.DETECTOR,) if read else ()) + ((Actor.REVIEWER,) if ruling else ())
    return Label(
        label_id=about,
        kind=finding.kind,
        jurisdiction=finding.jurisdiction,
        types=claim.types if claim else finding.types,
        stance=finding.stance,
        score=finding.score,
        spans=finding.spans,
        claim_id=finding.claim_id,
        claim_version=claim.version if claim else None,
        topic=dict(claim.topic) if claim else {},
        sources=sources_in_order(claim) if claim else (),
        authority=None if claim else authority_note(book.packs[finding.jurisdiction], election),
        mode=_mode(state, finding, book, confirmed=ruling is not None),
        carried_by=carried_by,
        review_id=ruling.review_id if ruling else None,
        expires_at=expires_at,
        post_version=state.post_version,
        event_id="",
    )


def _is_kept_out(state: PostLabels, jurisdiction: str, book: Rulebook) -> bool:
    """Return whether the policy wants no label at all here, not even a confirmed one."""
    if state.author is not None and state.author in book.exempt:
        return True
    moment = state.post_created_at or state.post_received_at
    windows = book.policy.windows
    return bool(windows) and not any(
        window.jurisdiction == jurisdiction
        and moment is not None
        and window.opens <= moment < window.closes
        for window in windows
    )


def _is_read(state: PostLabels, finding: Finding, book: Rulebook) -> bool:
    least = book.policy.thresholds.of(state.language)
    return not finding.dropped and finding.score >= (
        least.match if finding.claim_id else least.claim
    )


def _reason(
    state: PostLabels, finding: Finding, book: Rulebook, at: datetime
) -> tuple[datetime | None, Election | None] | Because:
    """Return when the reason ends by itself and its election, or why it is none."""
    election = None
    if finding.claim_id is not None:
        claim = book.claims.get(finding.claim_id)
        gone = _gone(claim)
        if gone is not None:
            return gone
    else:
        pack = book.packs.get(finding.jurisdiction)
        if pack is None:
            return Because(Reason.PACK_CHANGED)
        if finding.election_id is not None:
            election = next(
                (one for one in pack.elections if one.election_id == finding.election_id), None
            )
            if election is None:
                return Because(Reason.PACK_CHANGED)
    expires_at = _expires_at(state, finding.kind, election, book)
    if expires_at is not None and at >= expires_at:
        return Because(Reason.EXPIRED)
    return expires_at, election


def _gone(claim: Claim | None) -> Because | None:
    if claim is None:
        return Because(Reason.CLAIM_WITHDRAWN)
    if claim.status is not ClaimStatus.ACTIVE:
        reason = _STATUS_REASONS[claim.status]
    elif not is_disputed(claim):
        reason = Reason.CLAIM_REVISED
    else:
        return None
    return Because(reason, claim.reason, claim_version=claim.version)


def _expires_at(
    state: PostLabels, kind: LabelKind, election: Election | None, book: Rulebook
) -> datetime | None:
    """Return when the reason ends by itself; posts of the past, replayed, keep their labels."""
    received = state.post_received_at
    days = book.policy.of(kind).expires_after_days
    ends = []
    if days is not None and received is not None:
        # On the full hour: else every second of every day labels would have to be looked for.
        hour = received.replace(minute=0, second=0, microsecond=0)
        ends.append(hour + timedelta(days=days, hours=1))
    if election is not None and received is not None and received < election.certified_by:
        ends.append(election.certified_by)
    return min(ends, default=None)


def _mode(state: PostLabels, finding: Finding, book: Rulebook, *, confirmed: bool) -> Mode:
    mode = book.policy.of(finding.kind).mode
    if mode is Mode.SHADOW:
        return mode
    asks = (
        mode is Mode.REVIEW
        or finding.jurisdiction in book.policy.review_first.jurisdictions
        or (state.author is not None and state.author in book.review_first)
    )
    return Mode.REVIEW if asks and not confirmed else Mode.LIVE
