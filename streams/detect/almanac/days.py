"""Days that a text names: `Wednesday`, `4 November`, `9/6/2024`, `tomorrow`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from streams.detect.almanac.words import MONTH, TODAY, TOMORROW, WEEKDAY
from streams.detect.words import is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from streams.detect.lexicon import Hit
    from streams.detect.words import Words

ANY_LANGUAGE = ""
_DAY = timedelta(days=1)
_WEST = timedelta(hours=-12)
_EAST = timedelta(hours=14)
_WEEK_AHEAD = 8
_LAST_DAY = 31
_JOINER = 3
"""Letters: `of`, `th`, `und` may stand between a day and its month or another day."""
_BEHIND = timedelta(days=60)
"""A date without a year is one to come, unless it has just gone by."""
_YEARS = range(2000, 2100)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2}))?")


@dataclass(frozen=True, slots=True)
class ToldDay:
    """Words `first` to `last` that name a day, with every day that they may mean."""

    first: int
    last: int
    language: str
    """Of its words; empty when it is of figures alone."""
    days: frozenset[date]
    relative: bool
    """Does it name a day of this week, seen from the day of the post?"""


def today(moment: datetime) -> tuple[date, date]:
    """Return the first and the last day that it is anywhere on earth."""
    return (moment + _WEST).date(), (moment + _EAST).date()


def told_days(words: Words, named: Sequence[Hit], moment: datetime) -> list[ToldDay]:
    """Return the days that the text names, by place.

    Args:
        words: the text.
        named: the names of days and months in it.
        moment: when it was written; what `Wednesday` means hangs on it.
    """
    dated = [*_with_month(words, named, moment), *_of_figures(words, moment)]
    taken = {place for told in dated for place in range(told.first, told.last + 1)}
    for hit in named:
        near = range(hit.first - 2, hit.last + 3)
        if hit.concept.startswith(WEEKDAY) and not taken.isdisjoint(near):
            continue  # `Wednesday, 4 November`: the date says which one
        days = _relative(hit, words, moment)
        if days and hit.first not in taken:
            dated.append(ToldDay(hit.first, hit.last, hit.language, frozenset(days), relative=True))
    return sorted(dated, key=lambda told: (told.first, told.last, told.language))


def _relative(hit: Hit, words: Words, moment: datetime) -> set[date]:
    earliest, latest = today(moment)
    if hit.concept == TODAY:
        return set(_between(earliest, latest))
    if hit.concept == TOMORROW:
        return set(_between(earliest + _DAY, latest + _DAY))
    if not hit.concept.startswith(WEEKDAY):
        return set()
    weekday = int(hit.concept.removeprefix(WEEKDAY))
    ahead = list(_between(earliest, latest + _WEEK_AHEAD * _DAY))
    days = {day for day in ahead if day.weekday() == weekday}
    number = _day_number(words, hit.last + 1)
    # `Sunday 8`: either of the two may be the slip.
    return days | {day for day in ahead if day.day == number}


def _between(first: date, last: date) -> Iterator[date]:
    for days in range((last - first).days + 1):
        yield first + days * _DAY


def _with_month(words: Words, named: Iterable[Hit], moment: datetime) -> list[ToldDay]:
    found = []
    for hit in named:
        if not hit.concept.startswith(MONTH):
            continue
        month = int(hit.concept.removeprefix(MONTH))
        numbers = _numbers_before(words, hit.first) or _number_after(words, hit.last)
        if not numbers:
            continue
        first, last = min(hit.first, *numbers), max(hit.last, *numbers)
        year = _year(words, last + 1)
        days = {day for number in numbers.values() for day in _days_of(number, month, year, moment)}
        if days:
            found.append(ToldDay(first, last, hit.language, frozenset(days), relative=False))
    return found


def _numbers_before(words: Words, month: int) -> dict[int, int]:
    """Return the day or days before a month by their places: `22 e 23 marzo`, `4th of July`."""
    numbers: dict[int, int] = {}
    place = month - 1
    missed = 0
    while place >= 0 and missed <= 2:  # noqa: PLR2004 - `th of`
        number = _day_number(words, place)
        if number is not None:
            numbers[place] = number
            missed = 0
        elif len(words.texts[place]) <= _JOINER:
            missed += 1
        else:
            break
        place -= 1
    return numbers


def _number_after(words: Words, month: int) -> dict[int, int]:
    number = _day_number(words, month + 1)
    return {} if number is None else {month + 1: number}


def _day_number(words: Words, place: int) -> int | None:
    if 0 <= place < len(words.texts) and is_number(words.texts[place]):
        text = words.texts[place]
        # Python refuses to read a number of thousands of digits, and posts hold some.
        if len(text) <= len("31") and text.isdecimal() and 1 <= int(text) <= _LAST_DAY:
            return int(text)
    return None


def _year(words: Words, place: int) -> int | None:
    """Return the year at a place or behind one short word."""
    for at in (place, place + 1):
        if (
            at < len(words.texts)
            and words.texts[at].isdecimal()
            and len(words.texts[at]) == len("2026")
        ):
            return int(words.texts[at]) if int(words.texts[at]) in _YEARS else None
    return None


def _days_of(number: int, month: int, year: int | None, moment: datetime) -> Iterator[date]:
    if year is not None:
        years = [year]
    else:
        here = moment.year
        years = [here - 1, here, here + 1]
    for one in years:
        try:
            day = date(one, month, number)
        except ValueError:
            continue
        if year is not None or timedelta(0) <= day - (moment.date() - _BEHIND) < timedelta(
            days=365
        ):
            yield day


def _of_figures(words: Words, moment: datetime) -> list[ToldDay]:
    """Return dates such as `04/11`, `4.11.` and `2026-11-04`, in either order of day and month."""
    found = []
    for place, text in enumerate(words.texts):
        if not is_number(text):
            continue
        parts, last = _parts(words, place)
        days: set[date] = set()
        for number, month, year in _orders(parts):
            if 1 <= number <= _LAST_DAY and month >= 1:
                days.update(_days_of(number, month, year, moment))
        if days:
            found.append(ToldDay(place, last, ANY_LANGUAGE, frozenset(days), relative=False))
    return found


def _parts(words: Words, place: int) -> tuple[tuple[int, ...], int]:
    text = words.texts[place]
    dotted = _DOTTED.fullmatch(text)
    if dotted is not None:
        # `4.11` alone may be an hour or a figure.
        closed = words.normalised.text[words.ends[place] : words.ends[place] + 1] == "."
        parts = tuple(int(part) for part in dotted.groups() if part is not None)
        return (parts if len(parts) == len("dmy") or closed else ()), place
    if place and words.between(place - 1) in {"/", "-"} and is_number(words.texts[place - 1]):
        return (), place  # the middle of a date that was read from its beginning
    numbers: list[int] = []
    last = place
    sign = ""
    for at in range(place, min(place + 3, len(words.texts))):
        if not words.texts[at].isdecimal() or len(words.texts[at]) > len("2026"):
            break
        if at > place:
            joint = words.between(at - 1)
            if joint not in {"/", "-"} or sign not in {"", joint}:
                break
            sign = joint
        numbers.append(int(words.texts[at]))
        last = at
    # `7-21` are hours, `2026-11-04` is a date.
    enough = 2 if sign == "/" else 3
    return (tuple(numbers) if len(numbers) >= enough else ()), last


def _orders(parts: tuple[int, ...]) -> Iterator[tuple[int, int, int | None]]:
    """Yield day, month and year in each order that people write."""
    if len(parts) == 2:  # noqa: PLR2004 - day and month
        yield parts[0], parts[1], None
        yield parts[1], parts[0], None
    elif len(parts) == 3:  # noqa: PLR2004 - with a year
        if parts[0] in _YEARS:
            yield parts[2], parts[1], parts[0]
        else:
            year = parts[2] if parts[2] in _YEARS else 2000 + parts[2]
            if year in _YEARS:
                yield parts[0], parts[1], year
                yield parts[1], parts[0], year
