"""Known claims with their sources, and election packs: what the `claims` topic carries."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from streams.schema.wire import UtcDatetime, WireModel

JURISDICTION_PATTERN = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z]{4})?$"
ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
HOUR_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"


def _is_web_address(value: str) -> str:
    if not value.startswith(("https://", "http://")) or any(c.isspace() for c in value):
        raise ValueError("not an http(s) address")
    return value


WebAddress = Annotated[str, Field(max_length=2048), AfterValidator(_is_web_address)]
LanguageTag = Annotated[str, Field(pattern=LANGUAGE_PATTERN)]
Jurisdiction = Annotated[str, Field(pattern=JURISDICTION_PATTERN)]
ShortText = Annotated[str, Field(min_length=1, max_length=500)]
Hour = Annotated[str, Field(pattern=HOUR_PATTERN)]

_CLOCKS = timedelta(days=1)


class ClaimType(StrEnum):
    """What an election claim is about."""

    DATES = "dates"
    PROCEDURE = "procedure"
    ELIGIBILITY = "eligibility"
    MAIL = "mail"
    COUNTING = "counting"
    FRAUD = "fraud"
    CANDIDATE = "candidate"
    INTIMIDATION = "intimidation"
    OFFICIALS = "officials"


class ClaimStatus(StrEnum):
    """Where a known claim is in its life."""

    ACTIVE = "active"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class SourceStance(StrEnum):
    """What a source says about the claim."""

    DISPUTES = "disputes"
    SUPPORTS = "supports"
    CONTEXT = "context"
    OFFICIAL = "official"


class Part(BaseModel):
    """A frozen part of a wire model; packs are written by hand, so typos are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ClaimSource(Part):
    """A publisher's page about a claim, with what it says in one line."""

    publisher: ShortText = Field(description="Who published it.")
    title: ShortText = Field(description="What it says, in our own words, in one line.")
    url: WebAddress = Field(description="The publisher's address.")
    stance: SourceStance = Field(description="disputes, supports, context or official.")
    language: LanguageTag = Field(description="Language of the title.")
    published: date | None = Field(default=None, description="Day of publication, if known.")


class Claim(WireModel):
    """A known, checkable statement with sources, in one or more languages."""

    schema_name: ClassVar[str] = "claim"
    model_config = ConfigDict(frozen=True, extra="forbid")

    claim_id: str = Field(pattern=ID_PATTERN, max_length=128, description="The Kafka key.")
    version: int = Field(default=1, ge=1, description="Raised with every change of the claim.")
    status: ClaimStatus = Field(default=ClaimStatus.ACTIVE, description="Only active ones match.")
    reason: ShortText | None = Field(
        default=None, description="Why this version came; part of the label events that it causes."
    )
    jurisdiction: Jurisdiction = Field(description="ISO 3166 code of the election pack.")
    types: tuple[ClaimType, ...] = Field(min_length=1, description="What the claim is about.")
    topic: dict[LanguageTag, ShortText] = Field(
        min_length=1,
        description="Short noun phrase by language, for 'Sources dispute this claim about …'.",
    )
    statements: dict[LanguageTag, tuple[ShortText, ...]] = Field(
        min_length=1, description="How people word the claim, by language; what posts match."
    )
    sources: tuple[ClaimSource, ...] = Field(min_length=2, description="Two or more.")
    valid_from: UtcDatetime | None = Field(
        default=None, description="Posts before this moment do not match; none: no beginning."
    )
    valid_until: UtcDatetime | None = Field(
        default=None, description="Posts from this moment on do not match; none: no end."
    )

    @model_validator(mode="after")
    def _window_has_length(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("valid_until is not after valid_from")
        return self


class Authority(Part):
    """Who runs or certifies elections in a jurisdiction."""

    name: dict[LanguageTag, ShortText] = Field(min_length=1, description="Name by language.")
    url: WebAddress = Field(description="Its address for voters.")


class CalendarSource(Part):
    """Where the days and hours of a calendar come from."""

    publisher: ShortText = Field(description="Who published it: the authority or the law.")
    url: WebAddress = Field(description="The publisher's address.")


class DayRange(Part):
    """The first and the last day of a time, both included."""

    first: date = Field(description="The first day.")
    last: date = Field(description="The last day.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("the first day comes after the last")
        return self


class Calendar(Part):
    """The days and hours of one election as clocks on its walls show them.

    What differs from place to place is left out, or all of it is named: a post
    that names one of these days or hours agrees with the calendar.
    """

    days: tuple[date, ...] = Field(
        min_length=1, description="Days on which polling places are open to all; of all rounds."
    )
    early: tuple[DayRange, ...] = Field(
        default=(),
        description="When anybody may vote at a polling place or an office before; none: never.",
    )
    registration_ends: tuple[date, ...] = Field(
        default=(), description="Last days to register, if by different ways several."
    )
    opens: tuple[Hour, ...] = Field(
        default=(), description="When polling places open; none where it cannot be said."
    )
    closes: tuple[Hour, ...] = Field(
        default=(), description="When polling places close; none where it cannot be said."
    )
    sources: tuple[CalendarSource, ...] = Field(min_length=1, description="One or more.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.days) != sorted(set(self.days)):
            raise ValueError("the days are not ascending")
        if any(early.last > self.days[-1] for early in self.early):
            raise ValueError("people vote early after the last day")
        if any(day >= self.days[-1] for day in self.registration_ends):
            raise ValueError("registration does not end before the last day")
        return self


class Election(Part):
    """One election with the moments that labels depend on."""

    election_id: str = Field(pattern=ID_PATTERN, description="For example us-2026-midterms.")
    name: dict[LanguageTag, ShortText] = Field(min_length=1, description="Name by language.")
    polls_open: UtcDatetime = Field(description="When the first regular polling place opens.")
    polls_close: UtcDatetime = Field(description="When the last regular polling place closes.")
    certified_by: UtcDatetime = Field(
        description="When the authority has certified the result; results are not final before."
    )
    calendar: Calendar | None = Field(
        default=None, description="Its days and hours; none: posts about them are not compared."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.polls_open < self.polls_close <= self.certified_by:
            raise ValueError("polls_open, polls_close and certified_by are not in this order")
        if self.calendar is not None:
            # No clock is more than a day away from that of UTC.
            if abs(self.calendar.days[0] - self.polls_open.date()) > _CLOCKS:
                raise ValueError("the calendar's first day is not that of polls_open")
            if abs(self.calendar.days[-1] - self.polls_close.date()) > _CLOCKS:
                raise ValueError("the calendar's last day is not that of polls_close")
        return self


class MirroredNames(Part):
    """Names of opposing sides that stand for each other in the neutrality audit."""

    kind: str = Field(pattern=ID_PATTERN, description="party or candidate.")
    sides: tuple[tuple[ShortText, ...], ...] = Field(
        min_length=2, description="One tuple of equivalent names a side, the same length each."
    )

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if len({len(side) for side in self.sides}) != 1:
            raise ValueError("each side needs the same number of names")
        return self


class ElectionPack(WireModel):
    """One jurisdiction's elections: authority, dates, words and mirrored names."""

    schema_name: ClassVar[str] = "election-pack"
    model_config = ConfigDict(frozen=True, extra="forbid")

    jurisdiction: Jurisdiction = Field(description="ISO 3166 code; the Kafka key is pack:CODE.")
    version: int = Field(default=1, ge=1, description="Raised with every change of the pack.")
    name: dict[LanguageTag, ShortText] = Field(min_length=1, description="Name by language.")
    languages: tuple[LanguageTag, ...] = Field(min_length=1, description="Languages of its posts.")
    authority: Authority
    elections: tuple[Election, ...] = Field(min_length=1)
    words: dict[LanguageTag, tuple[ShortText, ...]] = Field(
        min_length=1,
        description="Words that point to this jurisdiction's elections and to no other's.",
    )
    mirrored_names: tuple[MirroredNames, ...] = Field(min_length=1)

    @property
    def key(self) -> str:
        """The Kafka key in the `claims` topic."""
        return f"pack:{self.jurisdiction}"
