"""Label events: their ids, their reasons and whose doing they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from streams.labels.standing import Because, because_of, ruling_on
from streams.schema import Action, Actor, LabelEvent, Reason, stable_id

if TYPE_CHECKING:
    from streams.labels.life import Basis
    from streams.labels.rulebook import Rulebook
    from streams.labels.standing import View
    from streams.schema import Label, PostLabels

ACTORS = {
    Reason.POST_DECIDED: Actor.DETECTOR,
    Reason.RULES_CHANGED: Actor.DETECTOR,
    Reason.POST_EDITED: Actor.AUTHOR,
    Reason.POST_DELETED: Actor.AUTHOR,
    Reason.CLAIM_REVISED: Actor.CLAIM,
    Reason.CLAIM_CORRECTED: Actor.CLAIM,
    Reason.CLAIM_EXPIRED: Actor.CLAIM,
    Reason.CLAIM_WITHDRAWN: Actor.CLAIM,
    Reason.PACK_CHANGED: Actor.CLAIM,
    Reason.POLICY_CHANGED: Actor.POLICY,
    Reason.REVIEW_CONFIRMED: Actor.REVIEWER,
    Reason.REVIEW_REJECTED: Actor.REVIEWER,
    Reason.APPEAL_UPHELD: Actor.REVIEWER,
    Reason.APPEAL_REFUSED: Actor.REVIEWER,
    Reason.EXPIRED: Actor.CLOCK,
}
"""Whose doing an event is, by its reason."""

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""Receipt of a post whose state came without it; readers of `labels` fill it in."""


def why_gone(label: Label, state: PostLabels, wanted: View, cause: Because | None) -> Because:
    """Return why a label goes: the post, what it rested on, or a label of higher rank."""
    if state.deleted:
        return Because(Reason.POST_DELETED)
    fallen = wanted.fallen.get(label.label_id)
    if fallen is not None:
        return fallen
    return cause or Because(Reason.POLICY_CHANGED)


def why_applied(
    label: Label,
    state: PostLabels,
    book: Rulebook,
    cause: Because | None,
    gone: Because | None,
) -> Because:
    """Return why a label comes: the input, the label whose place it takes, or the rulebook."""
    ruling = ruling_on(state, label.label_id)
    if cause is None and ruling is not None:
        return because_of(ruling)
    if cause is not None or gone is not None:
        return cause or gone or Because(Reason.POLICY_CHANGED)
    if state.policy != book.policy_digest:
        return Because(Reason.POLICY_CHANGED)
    return _of_rulebook(label, book)


def why_updated(
    before: Label, after: Label, state: PostLabels, basis: Basis, cause: Because | None
) -> Because:
    """Return why a label changes."""
    ruling = ruling_on(state, after.label_id)
    if ruling is not None and before.review_id != after.review_id:
        return because_of(ruling)
    if cause is not None:
        return cause
    if before.expires_at is not None and basis.at >= before.expires_at:
        return Because(Reason.EXPIRED)
    if (before.claim_version, before.authority) != (after.claim_version, after.authority):
        return _of_rulebook(after, basis.book)
    return Because(Reason.POLICY_CHANGED)


def _of_rulebook(label: Label, book: Rulebook) -> Because:
    if label.claim_id is None:
        return Because(Reason.PACK_CHANGED)
    claim = book.claims[label.claim_id]
    return Because(Reason.CLAIM_REVISED, claim.reason, claim_version=claim.version)


def event_of(  # noqa: PLR0917 - what an event says
    action: Action,
    label: Label,
    state: PostLabels,
    basis: Basis,
    because: Because,
    supersedes: str | None = None,
) -> LabelEvent:
    """Return the event of one change of a label.

    Args:
        action: what happens.
        label: as it is afterwards; for a retraction, as it was.
        state: the post as it is known now.
        basis: what the decision rests on.
        because: the reason.
        supersedes: the event before; retractions know it from the label.
    """
    event = LabelEvent(
        event_id="",
        action=action,
        post_id=state.post_id,
        post_version=state.post_version,
        post_source=state.post_source,
        post_created_at=state.post_created_at,
        post_received_at=state.post_received_at or _UNKNOWN,
        label=label.model_copy(update={"event_id": ""}),
        reason=because.reason,
        actor=ACTORS[because.reason],
        supersedes=label.event_id if action is Action.RETRACT else supersedes,
        detector=basis.detector,
        rule_set=basis.rule_set,
        policy=basis.book.policy_digest,
        policy_version=basis.book.policy.version,
        claim_version=because.claim_version,
        review_id=because.review_id,
        note=because.note,
    )
    # The id is a hash of the content: one id can never stand for two contents.
    event_id = stable_id(event.to_json().decode("utf-8", "surrogatepass"))
    return event.model_copy(
        update={
            "event_id": event_id,
            "label": event.label.model_copy(update={"event_id": event_id}),
        }
    )
