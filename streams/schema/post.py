"""Posts: one version of what somebody published."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from streams.schema.wire import UtcDatetime, WireModel

MAX_TEXT_CHARACTERS = 100_000
"""The longest text that is looked at; no network that we know allows more."""
MAX_FUTURE = timedelta(days=1)
"""How far an author's clock may run ahead of ours before the date is not believed."""


class Op(StrEnum):
    """What happened to the post."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Post(WireModel):
    """One version of what somebody published, or the news that it was deleted."""

    schema_name: ClassVar[str] = "post"

    post_id: str = Field(
        min_length=1,
        max_length=512,
        description="Global id, the Kafka key; the same for all versions of a post.",
    )
    op: Op = Field(description="create, update or delete.")
    version: str = Field(
        min_length=1,
        max_length=64,
        description="Sorts as text within one post: a later version is greater. "
        "The source's own revision where it has one.",
    )
    source: str = Field(
        min_length=1, max_length=64, description="The connector's name, for example bluesky."
    )
    author_id: str | None = Field(
        default=None, max_length=512, description="The author's global id, if the source tells."
    )
    text: str = Field(
        default="",
        max_length=MAX_TEXT_CHARACTERS,
        description="The text as published; empty for deletes and for posts of images only.",
    )
    languages: tuple[str, ...] = Field(
        default=(), max_length=16, description="BCP 47 tags that the author or network gave."
    )
    reply_to: str | None = Field(
        default=None, max_length=512, description="post_id of the post that this one answers."
    )
    quote_of: str | None = Field(
        default=None, max_length=512, description="post_id of the post that this one quotes."
    )
    url: str | None = Field(
        default=None, max_length=2048, description="Where people can see the post."
    )
    created_at: UtcDatetime | None = Field(
        default=None, description="When the author published this version, by the author's clock."
    )
    received_at: UtcDatetime = Field(
        description="When the connector received it; time to label counts from here."
    )

    @field_validator("text")
    @classmethod
    def _no_nul(cls, text: str) -> str:
        if "\0" in text:
            raise ValueError("text holds a NUL character, which downstream stores cannot keep")
        return text

    @model_validator(mode="after")
    def _not_from_the_future(self) -> Self:
        if self.created_at is not None and self.created_at > self.received_at + MAX_FUTURE:
            raise ValueError("created_at lies more than a day after received_at")
        return self
