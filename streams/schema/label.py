"""Labels, label events and the current labels of a post."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from streams.schema.claim import ClaimSource, ClaimType, Part
from streams.schema.review import Decision
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
    """Whether a label is public: only `live` ones are."""

    LIVE = "live"
    SHADOW = "shadow"
    """Decided and recorded, shown to nobody."""
    REVIEW = "review"
    """Waits for a person's confirmation, shown to nobody until then."""


class Reason(StrEnum):
    """Why a label event happened."""

    POST_DECIDED = "post-decided"
    POST_EDITED = "post-edited"
    POST_DELETED = "post-deleted"
    RULES_CHANGED = "rules-changed"
    """The same version of the post, decided again by a newer detector."""
    CLAIM_REVISED = "claim-revised"
    CLAIM_CORRECTED = "claim-corrected"
    CLAIM_EXPIRED = "claim-expired"
    CLAIM_WITHDRAWN = "claim-withdrawn"
    PACK_CHANGED = "pack-changed"
    POLICY_CHANGED = "policy-changed"
    REVIEW_CONFIRMED = "review-confirmed"
    REVIEW_REJECTED = "review-rejected"
    APPEAL_UPHELD = "appeal-upheld"
    APPEAL_REFUSED = "appeal-refused"
    EXPIRED = "expired"
    """The label's time was over, or that of one reason of several."""


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
    carried_by: tuple[Actor, ...] = Field(
        default=(Actor.DETECTOR,),
        description="Who gives reasons for it: detector, reviewer or both. It goes with the last.",
    )
    review_id: str | None = Field(default=None, description="The review that confirmed it.")
    expires_at: UtcDatetime | None = Field(
        default=None, description="When it is retracted by itself; none: never."
    )
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
    rule_set: str = Field(description="Hash of the detector's rules, packs and claims.")
    policy: str | None = Field(default=None, description="Hash of the policy's content.")
    policy_version: int | None = None
    claim_version: int | None = Field(
        default=None, description="The version of the claim that caused it, for claim-… reasons."
    )
    review_id: str | None = Field(default=None, description="The review that caused it.")
    note: str | None = Field(
        default=None, description="The reason in the words of whoever changed claim or label."
    )


class Finding(Part):
    """What the detector read in a version of a post: a reason for a label, without its sources."""

    kind: LabelKind
    jurisdiction: str
    claim_id: str | None = Field(default=None, description="For disputed-claim.")
    election_id: str | None = Field(default=None, description="For result-not-final.")
    types: tuple[ClaimType, ...] = ()
    stance: Stance
    score: float = Field(ge=0, le=1)
    spans: tuple[Span, ...] = ()
    dropped: bool = Field(
        default=False, description="The detector no longer reads it; a reviewer confirmed it."
    )


class Ruling(Part):
    """A review as a post's state keeps it: the newest of a label and a version of the post."""

    review_id: str
    label_id: str
    post_version: str
    decision: Decision
    reason: str
    made_at: UtcDatetime


class PostLabels(WireModel):
    """The current labels of a post, which consumers fold, and what they follow from.

    Labels are what findings and rulings give under the claims and the policy of
    the moment; workers need the rest to see that anew without the post's text.
    """

    schema_name: ClassVar[str] = "post-labels"

    post_id: str
    post_version: str = Field(description="The newest version of the post that was decided.")
    post_source: str
    labels: tuple[Label, ...] = Field(default=(), description="Empty when none is left.")
    post_created_at: UtcDatetime | None = None
    post_received_at: UtcDatetime | None = Field(
        default=None, description="None in records of older workers."
    )
    deleted: bool = False
    author: str | None = Field(default=None, description="Hash of the author's id.")
    language: str = Field(default="und", description="As the detector read it.")
    findings: tuple[Finding, ...] = Field(
        default=(), description="Of this version; records of older workers have labels without."
    )
    rulings: tuple[Ruling, ...] = Field(default=(), description="Of this and later versions.")
    policy: str | None = Field(default=None, description="Hash of the policy when it was written.")
