"""The names of days and months by language, found in a text."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib import resources

from streams.detect.lexicon import Lexicon, Phrase, fold_word, parse_phrase

WEEKDAY = "weekday:"
MONTH = "month:"
TODAY = "today"
TOMORROW = "tomorrow"
HOUR = "hour"
MORNING = "am"
EVENING = "pm"
_DAYS = 7
_MONTHS = 12


def read_date_words(text: str) -> list[Phrase]:
    """Return the phrases of one language's file.

    Raises:
        ValueError: a day or a month is missing, or a line is no phrase.
    """
    data = tomllib.loads(text)
    language = data["language"]
    if len(data["weekdays"]) != _DAYS or len(data["months"]) != _MONTHS:
        raise ValueError(f"{language}: a week has {_DAYS} days and a year {_MONTHS} months")
    lines = {
        **{f"{WEEKDAY}{at}": line for at, line in enumerate(data["weekdays"])},
        **{f"{MONTH}{at}": line for at, line in enumerate(data["months"], start=1)},
        **{concept: data.get(concept, "") for concept in (TODAY, TOMORROW, HOUR, MORNING, EVENING)},
    }
    return [
        parse_phrase(concept, language, written.strip())
        for concept, line in lines.items()
        for written in line.split(",")
        if written.strip()
    ]


@cache
def load_date_words() -> Lexicon:
    """Return the words that come with the package; read once a process."""
    phrases: list[Phrase] = []
    digest = hashlib.sha256()
    folder = resources.files("streams.detect.almanac").joinpath("words")
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            text = entry.read_text(encoding="utf-8")
            digest.update(entry.name.encode() + b"\0" + text.encode() + b"\0")
            phrases += read_date_words(text)
    return Lexicon(tuple(phrases), digest.hexdigest()[:32])


@cache
def hour_marks() -> dict[str, str]:
    """Return what stands behind an hour, folded: `uhr`, `h`, `pm`, with its concept."""
    return {
        fold_word(phrase.elements[0][0]): phrase.concept
        for phrase in load_date_words().phrases
        if phrase.concept in {HOUR, MORNING, EVENING} and len(phrase.elements) == 1
    }
