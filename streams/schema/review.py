"""Reviews: what people decide about labels, with who and why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from streams.schema.wire import UtcDatetime, WireModel, stable_id

if TYPE_CHECKING:
    from datetime import datetime


class Decision(StrEnum):
    """What a person decided about a label."""

    CONFIRM = "confirm"
    REJECT = "reject"
    APPEAL_UPHELD = "appeal-upheld"
    APPEAL_REFUSED = "appeal-refused"

    @property
    def keeps(self) -> bool:
        """Whether the label stands by it."""
        return self in {Decision.CONFIRM, Decision.APPEAL_REFUSED}


class Review(WireModel):
    """One decision of a person about one label of one version of a post.

    Of several about the same label and version the one with the greatest
    (`made_at`, `review_id`) counts, in whatever order they arrive.
    """

    schema_name: ClassVar[str] = "review"

    review_id: str = Field(min_length=1, description="Depends on the content alone.")
    post_id: str = Field(min_length=1, max_length=512, description="The Kafka key.")
    post_version: str = Field(
        min_length=1, max_length=64, description="The version that was looked at; edits void it."
    )
    label_id: str = Field(min_length=1, max_length=64)
    decision: Decision
    reviewer: str = Field(min_length=1, max_length=200, description="Who decided.")
    reason: str = Field(min_length=1, max_length=500, description="Why; part of the label event.")
    made_at: UtcDatetime

    @classmethod
    def of(
        cls,
        *,
        post_id: str,
        post_version: str,
        label_id: str,
        decision: Decision,
        reviewer: str,
        reason: str,
        made_at: datetime,
    ) -> Self:
        """Return the review with its id.

        Raises:
            pydantic.ValidationError: a part is missing or too long.
        """
        parts = (post_id, post_version, label_id, decision, reviewer, reason, made_at.isoformat())
        return cls(
            review_id=stable_id(*parts),
            post_id=post_id,
            post_version=post_version,
            label_id=label_id,
            decision=decision,
            reviewer=reviewer,
            reason=reason,
            made_at=made_at,
        )
