"""The written texts of a language and how one line of them becomes several posts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGES = ("en", "es", "pt", "de", "fr", "hi", "it", "pl")

_T = TypeVar("_T")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NUMBER = re.compile(r"\{(\d+)-(\d+)\}")


class Dice:
    """Random choices that stay the same on every Python: only `random()` is promised to."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - texts, not secrets

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit` - 1."""
        return int(self._random.random() * limit)

    def chance(self, probability: float) -> bool:
        """Return True so often."""
        return self._random.random() < probability

    def pick(self, values: Sequence[_T]) -> _T:
        """Return one of the values."""
        return values[self.below(len(values))]

    def shuffled(self, values: Sequence[_T]) -> list[_T]:
        """Return the values in another order."""
        keyed = [(self._random.random(), number) for number in range(len(values))]
        return [values[number] for _, number in sorted(keyed)]


@dataclass(frozen=True, slots=True)
class Texts:
    """What was written in one language, a post a line."""

    language: str
    everyday: tuple[str, ...]
    """With `[this|that]` and `{1-9}` to choose from."""
    replies: tuple[str, ...]
    near: tuple[str, ...]
    """About elections without a claim, or nearly about elections; used as they stand."""


def load_texts(language: str) -> Texts:
    """Return the texts of a language."""
    data = read_yaml("texts", f"{language}.yaml")
    lines = {name: tuple(data[name].splitlines()) for name in ("everyday", "replies", "near")}
    return Texts(language, **lines)


def read_yaml(*names: str) -> Any:
    """Return what a data file beside this module holds."""
    path = resources.files("connectors.demo").joinpath(*names)
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def spoken(line: str, use: int, dice: Dice) -> str:
    """Return the `use`-th post of a line; two uses differ in every choice while there are any."""
    turn = 0

    def choose(match: re.Match[str]) -> str:
        nonlocal turn
        turn += 1
        options = match[1].split("|")
        # A line of its own offset per choice: the same two options do not always meet.
        return options[(use + turn * (len(line) % 5)) % len(options)]

    def count(match: re.Match[str]) -> str:
        low, high = int(match[1]), int(match[2])
        return str(low + dice.below(high - low + 1))

    return _NUMBER.sub(count, _CHOICE.sub(choose, line))


def in_a_voice(text: str, dice: Dice) -> str:
    """Return the text as one of many people would type it."""
    first = text.split(" ", 1)[0]
    if dice.chance(0.15) and not first.isupper():
        text = text[0].lower() + text[1:]
    if text.endswith(".") and dice.chance(0.5):
        text = text.removesuffix(".")
    if dice.chance(0.1) and text[-1].isalpha():
        text += dice.pick(("!", "!!", "…", " 😂", " 🙈", " ❤️", " 🤷", " ✨"))
    return text


def with_slip(text: str) -> str:
    """Return the text with two letters swapped, as before its edit; unchanged if none can be."""
    for match in re.finditer(r"\b[a-z]{6,}\b", text):
        place = match.start() + 2
        if text[place] != text[place + 1]:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text
