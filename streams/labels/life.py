"""The life of a post's labels: from its next version to label events and the new state.

Pure: the same state, post and proposal give the same events with the same ids,
so that a chunk that is handled again after a crash repeats what was said
instead of contradicting it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.labels.decide import sources_in_order
from streams.schema import (
    Action,
    Actor,
    Label,
    LabelEvent,
    Op,
    PostLabels,
    Reason,
    stable_id,
)

if TYPE_CHECKING:
    from streams.labels.decide import Proposal
    from streams.schema import Post


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a decision rests on besides the post; part of every event."""

    detector: str
    rule_set: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one version of a post changes."""

    events: tuple[LabelEvent, ...] = ()
    state: PostLabels | None = None
    """The new state to write; None when it stays as it is."""
    stale: bool = False
    """The version is older than one that was decided already; nothing was done."""


UNCHANGED = Step()
_STALE = Step(stale=True)


def advance(
    current: PostLabels | None,
    post: Post,
    proposal: Proposal | None,
    provenance: Provenance,
) -> Step:
    """Return the events and the state that follow from a version of a post.

    Args:
        current: the post's state; None when it never had a label.
        post: the version that arrived.
        proposal: what it should carry; None for nothing, and for deletes.
        provenance: detector and rule set.
    """
    if current is None and proposal is None:
        return UNCHANGED
    if current is not None and post.version < current.post_version:
        # A chunk that is handled again starts in the past: only the newest version speaks.
        return _STALE
    wanted = (_label(post, proposal),) if proposal is not None else ()
    had = {label.label_id: label for label in (current.labels if current else ())}
    events: list[LabelEvent] = []
    kept: list[Label] = []
    wanted_ids = {label.label_id for label in wanted}
    for label_id, label in had.items():
        if label_id not in wanted_ids:
            events.append(_event(post, Action.RETRACT, label, label.event_id, provenance))
    for label in wanted:
        before = had.get(label.label_id)
        if before is not None and before == label.model_copy(update={"event_id": before.event_id}):
            kept.append(before)
            continue
        action = Action.APPLY if before is None else Action.UPDATE
        event = _event(post, action, label, before.event_id if before else None, provenance)
        events.append(event)
        kept.append(event.label)
    state = PostLabels(
        post_id=post.post_id,
        post_version=post.version,
        post_source=post.source,
        labels=tuple(kept),
    )
    return Step(events=tuple(events), state=None if state == current else state)


def _label(post: Post, proposal: Proposal) -> Label:
    claim = proposal.claim
    about = claim.claim_id if claim else proposal.jurisdiction
    return Label(
        label_id=stable_id(post.post_id, proposal.kind, about),
        kind=proposal.kind,
        jurisdiction=proposal.jurisdiction,
        types=proposal.types,
        stance=proposal.stance,
        # Six digits: enough to compare, and the same on every processor.
        score=round(proposal.score, 6),
        spans=proposal.spans,
        claim_id=claim.claim_id if claim else None,
        claim_version=claim.version if claim else None,
        topic=dict(claim.topic) if claim else {},
        sources=sources_in_order(claim) if claim else (),
        authority=proposal.authority,
        post_version=post.version,
        event_id="",
    )


def _event(
    post: Post, action: Action, label: Label, supersedes: str | None, provenance: Provenance
) -> LabelEvent:
    if post.op is Op.CREATE:
        reason, actor = Reason.POST_DECIDED, Actor.DETECTOR
    elif post.op is Op.UPDATE:
        reason, actor = Reason.POST_EDITED, Actor.AUTHOR
    else:
        reason, actor = Reason.POST_DELETED, Actor.AUTHOR
    event = LabelEvent(
        event_id="",
        action=action,
        post_id=post.post_id,
        post_version=post.version,
        post_source=post.source,
        post_created_at=post.created_at,
        post_received_at=post.received_at,
        label=label.model_copy(update={"event_id": ""}),
        reason=reason,
        actor=actor,
        supersedes=supersedes,
        detector=provenance.detector,
        rule_set=provenance.rule_set,
    )
    # The id is a hash of the content: one id can never stand for two contents.
    event_id = stable_id(event.to_json().decode("utf-8", "surrogatepass"))
    return event.model_copy(
        update={
            "event_id": event_id,
            "label": event.label.model_copy(update={"event_id": event_id}),
        }
    )


def fold(state: dict[str, dict[str, Label]], event: LabelEvent) -> None:
    """Apply one event to a consumer's state: post_id → label_id → label.

    Events of one post arrive in order (one partition); repeats change nothing.
    """
    labels = state.setdefault(event.post_id, {})
    if event.action is Action.RETRACT:
        labels.pop(event.label.label_id, None)
    else:
        labels[event.label.label_id] = event.label
    if not labels:
        del state[event.post_id]
