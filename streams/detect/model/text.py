"""What of a post the second stage reads: its words, without addresses, handles and sides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLACEHOLDER = "X"
"""Stands for every party and candidate that a pack mirrors."""
MAX_CHARACTERS = 2_000
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\bt\.co/\S+")
_HANDLE = re.compile(r"@user\b|(?<![\w.])@\w{2,}")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w")


def clean(text: str) -> str:
    """Return the text without web addresses and handles, in single spaces.

    A text of nothing else is returned as it stands.
    """
    short = text[:MAX_CHARACTERS]
    bare = _SPACE.sub(" ", _HANDLE.sub(" ", _ADDRESS.sub(" ", short))).strip()
    return bare if _WORD.search(bare) else short


def build_mask(names: Iterable[str]) -> Callable[[str], str]:
    """Return a function that puts `PLACEHOLDER` for each of the names.

    Two texts that differ in nothing but these names are the same text after it:
    what scores masked text cannot favour a side.
    """
    ordered = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
    if not ordered:
        return lambda text: text
    # A name in small letters is a word of the language for some (`reps`); so case counts, but
    # for texts that shout.
    spelled = sorted(
        {form for name in ordered for form in (name, name.upper())},
        key=lambda name: (-len(name), name),
    )
    joined = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in spelled)
    pattern = re.compile(rf"(?<!\w)(?:{joined})(?!\w)")
    run = re.compile(rf"(?<!\w){PLACEHOLDER}(?:\s+{PLACEHOLDER})+(?!\w)")
    return lambda text: run.sub(PLACEHOLDER, pattern.sub(PLACEHOLDER, text))
