"""Hours that a text names: `22:00`, `10 pm`, `17h30`, `8 Uhr`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streams.detect.almanac.words import EVENING, MORNING, hour_marks

if TYPE_CHECKING:
    from streams.detect.words import Words

_HOUR = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_HOURS = 24
_HALF_DAY = 12
_MINUTES = 60


def minutes_of(hour: str) -> int:
    """Return the minute of the day of `HH:MM`."""
    hours, _, minutes = hour.partition(":")
    return int(hours) * _MINUTES + int(minutes)


def told_hour(words: Words, place: int) -> tuple[int, frozenset[int]] | None:
    """Return the last word of the hour at a place and the minutes of the day that it may mean.

    An hour up to 12 without a mark may be one of the evening.
    """
    match = _HOUR.fullmatch(words.texts[place])
    if match is None or int(match[1]) > _HOURS or int(match[2] or 0) >= _MINUTES:
        return None
    hour, minute, last = int(match[1]), int(match[2] or 0), place
    mark = hour_marks().get(words.texts[place + 1], "") if place + 1 < len(words.texts) else ""
    if mark:
        last = place + 1
        behind = place + 2
        if (
            match[2] is None
            and behind < len(words.texts)
            and not words.between(last)
            and words.texts[behind].isdecimal()
            and len(words.texts[behind]) == len("30")
            and int(words.texts[behind]) < _MINUTES
        ):
            minute, last = int(words.texts[behind]), behind
    hours = {hour % _HOURS}
    if mark == EVENING:
        hours = {hour % _HALF_DAY + _HALF_DAY}
    elif mark == MORNING:
        hours = {hour % _HALF_DAY}
    elif hour <= _HALF_DAY:
        hours = {hour, (hour + _HALF_DAY) % _HOURS}
    return last, frozenset(one * _MINUTES + minute for one in hours)
