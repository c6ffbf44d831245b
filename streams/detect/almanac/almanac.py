"""The calendars of all packs, asked whether a post's days and hours agree with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from streams.detect.almanac.days import ANY_LANGUAGE, today, told_days
from streams.detect.almanac.hours import minutes_of, told_hour
from streams.detect.almanac.words import load_date_words
from streams.detect.lexicon import Hit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from streams.detect.almanac.days import ToldDay
    from streams.detect.words import Words
    from streams.schema import Calendar, Election, ElectionPack

VOTING_DAY: Final = "voting_day"
REGISTER_BY: Final = "register_by"
OPENS_AT: Final = "opens_at"
CLOSES_AT: Final = "closes_at"
DECLARED: Final = "declared"
STATED: Final = frozenset({VOTING_DAY, REGISTER_BY, OPENS_AT, CLOSES_AT, DECLARED})
"""Concepts of the word lists that a calendar can speak to."""

TOLD_DAY: Final = "told_day"
TOLD_HOUR: Final = "told_hour"
OTHER_DAY: Final = "other_day"
OTHER_DEADLINE: Final = "other_deadline"
OTHER_HOUR: Final = "other_hour"
OPEN_COUNT: Final = "open_count"
MADE_CONCEPTS: Final = frozenset(
    {TOLD_DAY, TOLD_HOUR, OTHER_DAY, OTHER_DEADLINE, OTHER_HOUR, OPEN_COUNT}
)
"""Concepts of the hits that come from here; the `other` ones do not agree with a calendar."""

_AHEAD = timedelta(days=120)
"""An election further away is not what people mean."""
_SOON = timedelta(days=10)
"""`On Wednesday` speaks of an election so near."""
_NEAR = timedelta(days=21)
"""A date so near to an election is meant for it; another is that of something else."""
_NEAR_DEADLINE = timedelta(days=45)
_HOURS_MATTER = timedelta(days=14)
_COUNT_NIGHTS = timedelta(days=3)
"""A winner told without a place is one of these nights' if any."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Days of a post without a date are told all the same; no calendar is near to compare them with."""
_REACH = 4
"""Words between a statement and its day."""
_REACH_HOUR = 2


class Almanac:
    """Calendars and counts by jurisdiction; immutable."""

    def __init__(self, packs: Mapping[str, ElectionPack]) -> None:
        self.digest = load_date_words().digest
        self._packs = packs
        self._by_language: dict[str, list[str]] = {}
        for code, pack in packs.items():
            for language in pack.languages:
                self._by_language.setdefault(language.partition("-")[0], []).append(code)

    def compare(
        self,
        words: Words,
        hits: Sequence[Hit],
        *,
        language: str,
        jurisdictions: Sequence[str],
        created_at: datetime | None,
    ) -> list[Hit]:
        """Return a hit for each day and hour that is told, and for each that is another one.

        A post that agrees with one calendar that it may mean agrees. Without a
        moment, or without a calendar near it, nothing is compared.

        Args:
            words: the post.
            hits: the phrases that stand in it.
            language: its language, which tells of the packs that it may mean.
            jurisdictions: packs that it names; these and no others are meant then.
            created_at: when it was published.
        """
        stated = [hit for hit in hits if hit.concept in STATED]
        if not stated:
            return []
        codes = list(jurisdictions) or self._by_language.get(language, [])
        elections = [one for code in codes for one in self._packs[code].elections]
        calendars = [one.calendar for one in elections if one.calendar is not None]
        moment = created_at or _LONG_AGO
        return [
            *_open_counts(stated, elections, moment, named=bool(jurisdictions)),
            *_days(words, stated, calendars, moment),
            *_hours(words, stated, calendars, moment),
        ]


def _open_counts(
    stated: Iterable[Hit], elections: Iterable[Election], moment: datetime, *, named: bool
) -> list[Hit]:
    """Return the winners that are told while the votes are counted."""
    counting = any(
        one.polls_open <= moment < one.certified_by
        and (named or moment < one.polls_close + _COUNT_NIGHTS)
        for one in elections
    )
    if not counting:
        return []
    return [
        Hit(OPEN_COUNT, hit.language, hit.first, hit.last)
        for hit in stated
        if hit.concept == DECLARED
    ]


def _days(
    words: Words, stated: Sequence[Hit], calendars: Sequence[Calendar], moment: datetime
) -> list[Hit]:
    about = [hit for hit in stated if hit.concept in {VOTING_DAY, REGISTER_BY}]
    if not about:
        return []
    told = told_days(words, load_date_words().find(words), moment)
    found: dict[Hit, None] = {}
    for hit in about:
        is_other = _is_other_day if hit.concept == VOTING_DAY else _is_other_deadline
        other = OTHER_DAY if hit.concept == VOTING_DAY else OTHER_DEADLINE
        for day in told:
            if _belongs(words, hit, day):
                found[Hit(TOLD_DAY, hit.language, day.first, day.last)] = None
                if is_other(day, calendars, moment):
                    found[Hit(other, hit.language, day.first, day.last)] = None
    return list(found)


def _belongs(words: Words, hit: Hit, day: ToldDay) -> bool:
    """Does the day stand near the statement, in its sentence and language?"""
    return (
        day.language in {ANY_LANGUAGE, hit.language}
        and words.sentences[day.first] == words.sentences[hit.first]
        and max(day.first - hit.last, hit.first - day.last) <= _REACH
    )


def _is_other_day(told: ToldDay, calendars: Sequence[Calendar], moment: datetime) -> bool:
    earliest, latest = today(moment)
    coming = [
        one for one in calendars if one.days[-1] >= earliest and one.days[0] <= latest + _AHEAD
    ]
    if any(_is_voting(day, one) for one in coming for day in told.days):
        return False
    ahead = [day for one in coming for day in one.days if day >= earliest]
    if told.relative:
        return any(day - latest <= _SOON for day in ahead)
    return any(
        abs(day - other) <= _NEAR for day in ahead for other in told.days if other >= earliest
    )


def _is_voting(day: date, calendar: Calendar) -> bool:
    return day in calendar.days or any(early.first <= day <= early.last for early in calendar.early)


def _is_other_deadline(told: ToldDay, calendars: Sequence[Calendar], moment: datetime) -> bool:
    earliest, latest = today(moment)
    ends = [day for one in calendars for day in one.registration_ends if one.days[-1] >= earliest]
    if not ends or not told.days.isdisjoint(ends):
        return False
    reach = _SOON if told.relative else _NEAR_DEADLINE
    return any(
        abs(end - other) <= reach and end - latest <= _AHEAD for end in ends for other in told.days
    )


def _hours(
    words: Words, stated: Sequence[Hit], calendars: Sequence[Calendar], moment: datetime
) -> list[Hit]:
    earliest, latest = today(moment)
    near = [
        one
        for one in calendars
        if one.days[-1] >= earliest and one.days[0] <= latest + _HOURS_MATTER
    ]
    right = {
        OPENS_AT: {minutes_of(hour) for one in near for hour in one.opens},
        CLOSES_AT: {minutes_of(hour) for one in near for hour in one.closes},
    }
    found = []
    for hit in stated:
        told = next(_hours_behind(words, hit), None) if hit.concept in right else None
        if told is None:
            continue
        first, readings, last = told
        found.append(Hit(TOLD_HOUR, hit.language, first, last))
        if right[hit.concept] and right[hit.concept].isdisjoint(readings):
            found.append(Hit(OTHER_HOUR, hit.language, first, last))
    return found


def _hours_behind(words: Words, hit: Hit) -> Iterator[tuple[int, Collection[int], int]]:
    """Yield the place, the readings and the last word of hours right behind a statement."""
    for place in range(hit.last + 1, min(hit.last + 1 + _REACH_HOUR, len(words.texts))):
        if words.sentences[place] != words.sentences[hit.first]:
            return
        told = told_hour(words, place)
        if told is not None:
            yield place, told[1], told[0]
