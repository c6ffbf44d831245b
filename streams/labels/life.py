"""The life of a post's labels: from whatever happens to label events and the new state.

Pure: the same state and input give the same events with the same ids, so that
what is handled again after a crash repeats what was said instead of
contradicting it. What a state keeps is the newest of everything (the version of
the post, the ruling on each label), so inputs may come in any order and again;
its labels are a view of that under the rulebook (`streams/labels/standing.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.labels.events import event_of, why_applied, why_gone, why_updated
from streams.labels.findings import label_id, of_label
from streams.labels.rulebook import author_hash
from streams.labels.standing import Because, because_of, view
from streams.schema import Action, Op, PostLabels, Reason, Ruling

if TYPE_CHECKING:
    from datetime import datetime

    from streams.labels.rulebook import Rulebook
    from streams.schema import Finding, Label, LabelEvent, Post, Review


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision rests on besides the post; part of every event but for the moment."""

    detector: str
    """Version of the detector."""
    rule_set: str
    """Hash of its rules, packs and claims."""
    book: Rulebook
    at: datetime
    """The clock: decides what has expired."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one input changes."""

    events: tuple[LabelEvent, ...] = ()
    state: PostLabels | None = None
    """The new state to write; None when it stays as it is."""
    stale: bool = False
    """Something newer was known already; nothing was done."""


UNCHANGED = Step()
_STALE = Step(stale=True)
_OP_REASONS = {
    Op.CREATE: Reason.POST_DECIDED,
    Op.UPDATE: Reason.POST_EDITED,
    Op.DELETE: Reason.POST_DELETED,
}


def advance_post(
    current: PostLabels | None,
    post: Post,
    findings: tuple[Finding, ...],
    language: str,
    basis: Basis,
) -> Step:
    """Return what follows from a version of a post.

    Args:
        current: the post's state; None when it never had a finding or a review.
        post: the version that arrived.
        findings: what the detector read in it; none for deletes.
        language: as the detector read it.
        basis: what else the decision rests on.
    """
    if current is None and not findings:
        return UNCHANGED
    deleted = post.op is Op.DELETE
    again = current is not None and current.post_version == post.version
    if current is not None and (
        # A chunk that is handled again starts in the past: only the newest version speaks.
        post.version < current.post_version or (again and current.deleted and not deleted)
    ):
        return _STALE
    if current is not None and again and not deleted:
        findings = (*findings, *_confirmed(current, findings))
    rulings = current.rulings if current is not None else ()
    state = PostLabels(
        post_id=post.post_id,
        post_version=post.version,
        post_source=post.source,
        labels=current.labels if current is not None else (),
        post_created_at=post.created_at,
        post_received_at=post.received_at,
        deleted=deleted,
        author=author_hash(post.author_id),
        language=language,
        findings=() if deleted else findings,
        rulings=tuple(one for one in rulings if one.post_version >= post.version),
    )
    reason = _OP_REASONS[post.op] if deleted or not again else Reason.RULES_CHANGED
    return _settle(current, state, basis, Because(reason))


def advance_review(current: PostLabels | None, review: Review, basis: Basis) -> Step:
    """Return what follows from a review; one that comes before its post is kept for it."""
    before = current or PostLabels(post_id=review.post_id, post_version="", post_source="")
    if review.post_version < before.post_version:
        return _STALE
    ruling = Ruling(
        review_id=review.review_id,
        label_id=review.label_id,
        post_version=review.post_version,
        decision=review.decision,
        reason=review.reason,
        made_at=review.made_at,
    )
    newest = {(one.label_id, one.post_version): one for one in before.rulings}
    place = (ruling.label_id, ruling.post_version)
    known = newest.get(place)
    if known is not None and (known.made_at, known.review_id) >= (ruling.made_at, ruling.review_id):
        return _STALE
    newest[place] = ruling
    rulings = tuple(newest[key] for key in sorted(newest))
    state = before.model_copy(update={"rulings": rulings})
    return _settle(current, state, basis, because_of(ruling))


def advance_rules(current: PostLabels, basis: Basis) -> Step:
    """Return what follows from another rulebook or a later moment."""
    return _settle(current, current, basis, None)


def _confirmed(current: PostLabels, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return what people confirmed and the detector, deciding anew, no longer reads."""
    kept_ids = {
        one.label_id
        for one in current.rulings
        if one.decision.keeps and one.post_version == current.post_version
    }
    read_ids = {label_id(current.post_id, one) for one in findings}
    return tuple(
        one.model_copy(update={"dropped": True})
        for one in current.findings
        if label_id(current.post_id, one) in kept_ids - read_ids
    )


def _settle(
    current: PostLabels | None, state: PostLabels, basis: Basis, cause: Because | None
) -> Step:
    """Return the events that lead from the labels of a state to what it should carry."""
    if state.labels and not state.findings and not state.deleted and current is state:
        # Written by an older worker, whose labels are all that is known.
        found = tuple(of_label(label, basis.book.packs) for label in state.labels)
        state = state.model_copy(update={"findings": found})
    wanted = view(state, basis.book, basis.at)
    had = {label.label_id: label for label in state.labels}
    wanted_ids = {label.label_id for label in wanted.labels}
    events: list[LabelEvent] = []
    labels: list[Label] = []
    applied: Because | None = None
    gone: Because | None = None
    for about, label in had.items():
        if about not in wanted_ids:
            gone = why_gone(label, state, wanted, cause)
            events.append(event_of(Action.RETRACT, label, state, basis, gone))
    for label in wanted.labels:
        before = had.get(label.label_id)
        if before is not None and before == label.model_copy(update={"event_id": before.event_id}):
            labels.append(before)
            continue
        if before is None:
            applied = why_applied(label, state, basis.book, cause, gone)
            event = event_of(Action.APPLY, label, state, basis, applied)
        else:
            because = why_updated(before, label, state, basis, cause)
            event = event_of(Action.UPDATE, label, state, basis, because, before.event_id)
        events.append(event)
        labels.append(event.label)
    if not events and state is current:
        return UNCHANGED
    policy = basis.book.policy_digest
    state = state.model_copy(update={"labels": tuple(labels), "policy": policy})
    same = current is not None and state == current.model_copy(update={"policy": policy})
    return Step(events=tuple(events), state=None if same else state)


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
