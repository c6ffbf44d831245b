"""Dead letters: what could not be processed, with its bytes, its place and the reason."""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from streams.schema.wire import UtcDatetime, WireModel, stable_id

if TYPE_CHECKING:
    from datetime import datetime

KEPT_BYTES = 256 * 1024
"""How much of the original travels in the dead letter; the rest is found at its place."""


class Fault(StrEnum):
    """Why a record could not be processed: few values, for they label a metric."""

    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf8"
    NOT_JSON = "not-json"
    TOO_DEEP = "too-deep"
    UNKNOWN_FORMAT = "unknown-format"
    UNKNOWN_SCHEMA = "unknown-schema"
    INVALID = "invalid"
    EMPTY_TEXT = "empty-text"
    FUTURE_DATE = "future-date"
    NUL_CHARACTER = "nul-character"
    TRUNCATED = "truncated"
    NO_KEY = "no-key"
    INTERNAL = "internal"


class DeadLetter(WireModel):
    """A record that could not be processed."""

    schema_name: ClassVar[str] = "dead-letter"

    dead_letter_id: str = Field(description="Depends on origin and place alone; the Kafka key.")
    origin: str = Field(description="The connector's name, or `worker`.")
    place: str = Field(description="file:line, topic[partition]@offset, or the source's cursor.")
    fault: Fault
    detail: str = Field(max_length=2000, description="What was wrong, without the post's text.")
    original_base64: str = Field(description="The first 256 KiB of the original bytes.")
    original_bytes: int = Field(ge=0, description="Length of the original.")
    original_sha256: str
    happened_at: UtcDatetime

    @classmethod
    def of(
        cls,
        *,
        origin: str,
        place: str,
        fault: Fault,
        detail: str,
        original: bytes,
        happened_at: datetime,
    ) -> Self:
        """Return the dead letter for some bytes; the same place gives the same id."""
        return cls(
            dead_letter_id=stable_id(origin, place),
            origin=origin,
            place=place,
            fault=fault,
            detail=detail[:2000],
            original_base64=base64.b64encode(original[:KEPT_BYTES]).decode(),
            original_bytes=len(original),
            original_sha256=hashlib.sha256(original).hexdigest(),
            happened_at=happened_at,
        )
