"""What becomes of one line of a file, and the checks that all file formats share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from streams.schema import Fault, Op, Post
from streams.schema.post import MAX_FUTURE, MAX_TEXT_CHARACTERS

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What a parser knows about a line besides its bytes."""

    received_at: datetime
    version: str
    """For posts that bring none; later lines have greater ones."""
    source: str = "replay"


class Bad(NamedTuple):
    """A post that cannot be one; becomes a dead letter."""

    fault: Fault
    detail: str


class Skipped(NamedTuple):
    """Neither post nor fault, by the format's own rules; counted."""

    kind: str


Outcome = Post | Bad | Skipped


class BadLine(Exception):  # noqa: N818 - a way out of the parsers, not an error of ours
    """Raised inside parsers; `outcomes_of` turns it into a `Bad`."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.bad = Bad(fault, detail)


def make_post(
    context: Context,
    *,
    post_id: str,
    op: Op = Op.CREATE,
    version: str | None = None,
    text: str = "",
    created_at: datetime | None = None,
    may_be_empty: bool = False,
    **fields: Any,
) -> Post:
    """Return a post of a file, held to the rules for files.

    A file is made by people: what is odd in it is said, not mended.

    Raises:
        BadLine: the text is empty, something holds NUL, or the date is to come.
    """
    if "\0" in text or "\0" in post_id:
        raise BadLine(Fault.NUL_CHARACTER, "the text or the id holds a NUL character")
    if op is not Op.DELETE and not may_be_empty and not text.strip():
        raise BadLine(Fault.EMPTY_TEXT, "the text is empty")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise BadLine(
            Fault.TOO_LARGE,
            f"the text has {len(text):,} characters; {MAX_TEXT_CHARACTERS:,} are looked at",
        )
    if created_at is not None and created_at > context.received_at + MAX_FUTURE:
        raise BadLine(Fault.FUTURE_DATE, "the date lies more than a day after now")
    try:
        return Post(
            post_id=post_id,
            op=op,
            version=version or context.version,
            source=context.source,
            text=text,
            created_at=created_at,
            received_at=context.received_at,
            **fields,
        )
    except ValidationError as error:
        raise BadLine(Fault.INVALID, faults_of(error)) from None


def faults_of(error: ValidationError) -> str:
    """Return what pydantic found, without the values: they may be a post's text."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)


def text_of(value: Json, *names: str) -> str:
    """Return the first of these fields that is there; a missing one is an empty text.

    Raises:
        BadLine: it is no string.
    """
    for name in names:
        found = value.get(name)
        if isinstance(found, str):
            return found
        if found is not None:
            raise BadLine(Fault.INVALID, f"{name} is no string")
    return ""


def id_of(value: Json, *names: str) -> str:
    """Return the first of these fields that is there, a number as its digits.

    Raises:
        BadLine: none is there, or it is neither string nor whole number.
    """
    for name in names:
        found = value.get(name)
        if isinstance(found, str) and found:
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if found is not None:
            raise BadLine(Fault.INVALID, f"{name} is neither a text nor a whole number")
    raise BadLine(Fault.INVALID, f"{names[0]} is missing")


def optional_id(value: Json, *names: str) -> str | None:
    """Return as `id_of`, None where it raises."""
    try:
        return id_of(value, *names)
    except BadLine:
        return None


def moment_of(value: Json, name: str) -> datetime | None:
    """Return an RFC 3339 date; without a zone it is taken as UTC.

    Raises:
        BadLine: there is something else in the field.
    """
    found = value.get(name)
    if found is None:
        return None
    if isinstance(found, str):
        try:
            moment = datetime.fromisoformat(found)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadLine(Fault.INVALID, f"{name} is no date such as 2024-11-05T20:15:00Z")


_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "art"})
_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}
_MAX_LANGUAGES = 16


def languages_of(*values: Any) -> tuple[str, ...]:
    """Return the BCP 47 tags among the values; a network's words for "unknown" are none."""
    tags = []
    for value in values:
        for tag in value if isinstance(value, list) else (value,):
            # qme, qht and the like: private codes for "only media", "only hashtags".
            private = isinstance(tag, str) and len(tag) == 3 and tag.startswith("q")  # noqa: PLR2004
            if isinstance(tag, str) and _LANGUAGE.fullmatch(tag) and not private:
                tags.append(_OLD_CODES.get(tag, tag))
    return tuple(dict.fromkeys(tag for tag in tags if tag not in _NO_LANGUAGE))[:_MAX_LANGUAGES]
