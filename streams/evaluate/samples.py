"""Labelled posts: what a person said of a post, as far as they said it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streams.schema import ClaimType, Stance
from streams.schema.post import MAX_TEXT_CHARACTERS


class BadSampleError(ValueError):
    """A row that is no labelled post, with the reason in words."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One post; None where nobody said."""

    sample_id: str
    text: str
    language: str = ""
    """As the data name it; empty when they do not."""
    set_: str = ""
    country: str = ""
    claim: bool | None = None
    topic: bool | None = None
    stance: Stance | None = None
    types: tuple[ClaimType, ...] = ()
    checkworthy: bool | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The hint that the detector gets."""
        return (self.language,) if self.language else ()


def parse_sample(data: object) -> Sample:
    """Return the labelled post of a row.

    `id` and `text` must be there; `lang`, `set`, `country`, `claim`, `topic`,
    `stance`, `types` and `checkworthy` may be. Other fields are left alone.

    Raises:
        BadSampleError: it is none.
    """
    if not isinstance(data, dict):
        raise BadSampleError("not a JSON object")
    sample_id, text = data.get("id"), data.get("text")
    if isinstance(sample_id, int) and not isinstance(sample_id, bool):
        sample_id = str(sample_id)
    if not isinstance(sample_id, str) or not sample_id:
        raise BadSampleError('"id" is not a text')
    if not isinstance(text, str):
        raise BadSampleError('"text" is not a text')
    if len(text) > MAX_TEXT_CHARACTERS:
        raise BadSampleError(f'"text" is longer than {MAX_TEXT_CHARACTERS} characters')
    if "\0" in text:
        raise BadSampleError('"text" holds a NUL character')
    claim = _flag(data, "claim")
    return Sample(
        sample_id=sample_id,
        text=text,
        language=_word(data, "lang"),
        set_=_word(data, "set"),
        country=_word(data, "country"),
        claim=claim,
        topic=_flag(data, "topic"),
        stance=_stance(data) if claim else None,
        types=_types(data) if claim else (),
        checkworthy=_flag(data, "checkworthy"),
    )


def _flag(data: dict[str, Any], name: str) -> bool | None:
    value = data.get(name)
    if value is None or isinstance(value, bool):
        return value
    # NDJSON files say 1 and 0.
    if isinstance(value, int) and value in {0, 1}:
        return bool(value)
    raise BadSampleError(f'"{name}" is not 1, 0, true, false or null')


def _word(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadSampleError(f'"{name}" is not a text')
    return value


def _stance(data: dict[str, Any]) -> Stance | None:
    value = data.get("stance")
    # A list is no key of a set: compared one by one.
    if value is None or value in ("", Stance.NONE):
        return None
    try:
        return Stance(value)
    except ValueError:
        known = ", ".join(Stance)
        raise BadSampleError(f'"stance" is none of {known}') from None


def _types(data: dict[str, Any]) -> tuple[ClaimType, ...]:
    value = data.get("types")
    if value is None:
        return ()
    try:
        return tuple(sorted({ClaimType(one) for one in value}))
    except (TypeError, ValueError):
        known = ", ".join(ClaimType)
        raise BadSampleError(f'"types" is no list of {known}') from None
