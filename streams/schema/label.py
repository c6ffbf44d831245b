"""Labels, label events and the current labels of a post."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from streams.schema.claim import ClaimSource, ClaimType, Part
from streams.schema.wire import UtcDatetime, WireModel


class LabelKind(StrEnum):
    """What is said about a post."""

    DISPUTED_CLAIM = "disputed-claim"
    RESULT_NOT_FINAL = "result-not-final"
    VOTING_INFORMATION = "voting-information"


class Stance(StrEnum):
    """How the author stands to the claim; `none` when the post makes none."""

    ASSERTS = "asserts"
    DENIES = "denies"
    ASKS = "asks"
    REPORTS = "reports"
    SATIRE = "satire"
    NONE = "none"


class Action(StrEnum):
    """One change of a label."""

    APPLY = "apply"
    UPDATE = "update"
    RETRACT = "retract"


class Actor(StrEnum):
    """Whose doing caused a label event."""

    DETECTOR = "detector"
    AUTHOR = "author"
    CLAIM = "claim"
    POLICY = "policy"
    REVIEWER = "reviewer"
    CLOCK = "clock"


class Mode(StrEnum):
    """Whether a label is public."""

    LIVE = "live"
    SHADOW = "shadow"


class Reason(StrEnum):
    """Why a label event happened."""

    POST_DECIDED = "post-decided"
    POST_EDITED = "post-edited"
    POST_DELETED = "post-deleted"


class Span(Part):
    """A half-open range of Unicode code points in the post's text as published."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class AuthorityNote(Part):
    """The official authority that a label points to."""

    name: dict[str, str] = Field(description="Name by language.")
    url: str
    certified_by: UtcDatetime | None = Field(
        default=None, description="When the result is certified; for result-not-final only."
    )


class Label(Part):
    """What is said about a post, with all that it rests on."""

    label_id: str = Field(description="Depends on post, kind and claim or jurisdiction alone.")
    kind: LabelKind
    jurisdiction: str
    types: tuple[ClaimType, ...] = Field(description="What the post's claim is about.")
    stance: Stance
    score: float = Field(ge=0, le=1, description="Strength of the match, 0 to 1.")
    spans: tuple[Span, ...] = Field(description="Where in the text the claim stands.")
    claim_id: str | None = Field(default=None, description="For disputed-claim: the known claim.")
    claim_version: int | None = None
    topic: dict[str, str] = Field(
        default_factory=dict, description="The claim's topic by language."
    )
    sources: tuple[ClaimSource, ...] = Field(
        default=(), description="Official first, then by date; never fewer than two with a claim."
    )
    authority: AuthorityNote | None = None
    mode: Mode = Mode.LIVE
    post_version: str = Field(description="The version of the post that the label speaks about.")
    event_id: str = Field(description="The label event that last changed this label.")


class LabelEvent(WireModel):
    """One change of a label: the append-only log.

    The same decision on the same inputs gives the same `event_id` and the same
    bytes, so that consumers drop repeats by id. The wall-clock time of the
    publication is the record's timestamp, not part of the value.
    """

    schema_name: ClassVar[str] = "label-event"

    event_id: str
    action: Action
    post_id: str
    post_version: str
    post_source: str = Field(description="The connector that brought the post.")
    post_created_at: UtcDatetime | None = None
    post_received_at: UtcDatetime
    label: Label = Field(description="As it is after the event; for a retraction, as it was.")
    reason: Reason
    actor: Actor
    supersedes: str | None = Field(
        default=None, description="event_id of the event that this one replaces."
    )
    detector: str = Field(description="Version of the detector.")
    rule_set: str = Field(description="Hash of rules, packs and claims that the decision used.")


class PostLabels(WireModel):
    """The current labels of a post: the state that consumers fold."""

    schema_name: ClassVar[str] = "post-labels"

    post_id: str
    post_version: str = Field(description="The newest version of the post that was decided.")
    post_source: str
    labels: tuple[Label, ...] = Field(default=(), description="Empty when none is left.")
