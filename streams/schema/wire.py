"""The base of all wire models and how they become Kafka records."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = list[tuple[str, bytes]]
"""Kafka record headers, as both kafka-python and aiokafka take them."""

DATASCHEMA_PREFIX = "urn:hustings:schema:"


def _to_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A moment with a zone, kept in UTC; on the wire RFC 3339 with `Z`."""


class WireModel(BaseModel):
    """A frozen value that travels as UTF-8 JSON in a Kafka record.

    Readers ignore fields that they do not know, so that a field may be added
    without a new schema version; anything else is a new `schema_version`,
    which older readers refuse (`ce_dataschema`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", use_enum_values=False)

    schema_name: ClassVar[str]
    """The model's name on the wire, for example `post`."""
    schema_version: ClassVar[int] = 1
    """Raised by changes that older readers must not misread."""

    @classmethod
    def dataschema(cls) -> str:
        """Return the value of the `ce_dataschema` header of this model."""
        return f"{DATASCHEMA_PREFIX}{cls.schema_name}:{cls.schema_version}"

    def to_json(self) -> bytes:
        """Return the record value: compact UTF-8 JSON without escaped letters.

        The raw-bytes gate reads words in these bytes; an escaped letter would
        hide a word from it.
        """
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_json(cls, value: bytes) -> Self:
        """Parse a record value.

        Raises:
            pydantic.ValidationError: the bytes are not this model's JSON.
        """
        return cls.model_validate_json(value)


def cloudevent_headers(
    model: type[WireModel], *, event_id: str, source: str, time: datetime
) -> Headers:
    """Return CloudEvents 1.0 headers (Kafka binding, binary mode).

    Args:
        model: what the record's value is; gives `ce_type` and `ce_dataschema`.
        event_id: unique within `source`; the same event sent again has the same id.
        source: URI reference of the producer, for example `/connectors/bluesky`.
        time: when the event happened.
    """
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", f"hustings.{model.schema_name}".encode()),
        ("ce_source", source.encode()),
        ("ce_time", time.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()),
        ("ce_dataschema", model.dataschema().encode()),
        ("content-type", b"application/json"),
    ]


def dataschema_of(headers: Iterable[tuple[str, bytes]]) -> bytes | None:
    """Return the raw `ce_dataschema` header, or None when there is none."""
    for name, value in headers:
        if name == "ce_dataschema":
            return value
    return None


def stable_id(*parts: str) -> str:
    """Return 32 hex digits that depend on the parts alone.

    Parts are joined with their lengths, so that ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()[:32]
