"""What may be reviewed of a post, and the review that follows from a person's decision: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from streams.labels.findings import label_id
from streams.labels.standing import ruling_on
from streams.reviews.errors import ReviewError
from streams.schema import Decision, Mode, Review

if TYPE_CHECKING:
    from datetime import datetime

    from streams.schema import Finding, Label, PostLabels, Ruling


@dataclass(frozen=True, slots=True)
class Reviewable:
    """One label that a post has, may have or had, with what people said about it."""

    label_id: str
    finding: Finding | None
    """None: the label was written by an older worker."""
    label: Label | None
    """None: it does not stand now."""
    ruling: Ruling | None

    @property
    def about(self) -> str:
        """What the label is about, in one word."""
        said = self.label or self.finding
        return (said.claim_id or said.jurisdiction) if said else ""

    @property
    def waits(self) -> bool:
        """Whether the label waits for a person."""
        return self.label is not None and self.label.mode is Mode.REVIEW


def reviewable(state: PostLabels) -> tuple[Reviewable, ...]:
    """Return what may be reviewed of a post's present version; nothing of a deleted one."""
    if state.deleted:
        return ()
    labels = {label.label_id: label for label in state.labels}
    findings = {label_id(state.post_id, one): one for one in state.findings}
    return tuple(
        Reviewable(one, findings.get(one), labels.get(one), ruling_on(state, one))
        for one in dict.fromkeys((*labels, *findings))
    )


def make_review(  # noqa: PLR0917 - what a review says
    state: PostLabels,
    decision: Decision,
    reviewer: str,
    reason: str,
    at: datetime,
    only: str | None = None,
) -> Review:
    """Return the review of one label of a post.

    Args:
        state: the post as it is now.
        decision: what was decided.
        reviewer: by whom.
        reason: why.
        at: now; a decision is never dated before the one that it replaces.
        only: id of the label, or the beginning of it; needed when there are several.

    Raises:
        ReviewError: there is no such label, or more than one.
    """
    found = [one for one in reviewable(state) if one.label_id.startswith(only or "")]
    if len(found) != 1:
        listed = ", ".join(f"{one.label_id} ({one.about})" for one in reviewable(state))
        raise ReviewError(
            f"{len(found)} labels of this post fit; name one with --label: {listed or 'none left'}"
        )
    ruling = found[0].ruling
    if ruling is not None:
        # A clock that runs behind another reviewer's must not make this one the older.
        at = max(at, ruling.made_at + timedelta(milliseconds=1))
    try:
        return Review.of(
            post_id=state.post_id,
            post_version=state.post_version,
            label_id=found[0].label_id,
            decision=decision,
            reviewer=reviewer,
            reason=reason,
            made_at=at,
        )
    except ValidationError as error:
        said = error.errors(include_url=False)[0]
        raise ReviewError(f"{'.'.join(map(str, said['loc']))}: {said['msg']}") from error
