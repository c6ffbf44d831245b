"""Cursors: where a connector is in its source."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from streams.schema.wire import UtcDatetime, WireModel


class Cursor(WireModel):
    """A connector's position, written in the same transaction as the posts before it."""

    schema_name: ClassVar[str] = "cursor"

    connector_id: str = Field(min_length=1, max_length=200, description="The Kafka key.")
    position: dict[str, Any] = Field(description="The source's own words for where it is.")
    posts: int = Field(ge=0, description="Posts written by this connector so far.")
    dead_letters: int = Field(ge=0, description="Dead letters written so far.")
    finished: bool = Field(default=False, description="The source has come to its end.")
    updated_at: UtcDatetime
