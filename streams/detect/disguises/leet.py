"""Digits and signs that stand for letters: `v0te`, `3lection`."""

# ruff: noqa: RUF001 - look-alikes are what this module undoes

from __future__ import annotations

import re
from itertools import islice, product

from streams.detect.disguises.case import capitals
from streams.detect.disguises.stretch import DOUBLED_LETTERS, letters_to_keep
from streams.detect.folding import FOLDED, MARKS
from streams.detect.vocabulary import FEWEST_LETTERS, MOST_LETTERS, load_vocabulary

_MOST_READINGS = 16
_MOST_DIGITS = 12
"""Among the letters of a word; tokens with more are made to cost, not to be read."""
_SPLINTER = 2
"""Letters of the shortest part of a word that was only broken: `mid-term` was not."""
_NEVER_LEET = re.compile(rf"['’{MARKS}]")
_ALIKE = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "bg", "7": "t", "8": "b",
    "9": "g", "@": "a", "$": "s", "!": "il", "|": "li", "+": "t", "€": "e", "£": "l", "¡": "i",
    "¢": "c", "§": "s",
}  # fmt: skip
_ALIKE_CYRILLIC = {
    "0": "о", "1": "іл", "3": "з", "4": "ч", "6": "б", "8": "в", "9": "д", "@": "а", "7": "т",
}  # fmt: skip
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LEETABLE = re.compile(r"[0-9@$!|+€£¡¢§]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LETTERS_AT_THE_END = frozenset("$@035")
_OFTEN_MORE = frozenset("35@")
_YEAR = re.compile(r"(?<=[^\W_])(?:19|20)\d\d$")


def read_leet(core: str) -> list[str] | None:
    """Return a word with its digits and signs read as letters, joined, when it is known then.

    A year behind it stays: `3lection2024`.
    """
    vocabulary = load_vocabulary()
    parts = _LETTERS.findall(core)
    if (
        not parts
        or len(core) > MOST_LETTERS
        or sum(map(str.isdigit, core)) > _MOST_DIGITS
        or _NEVER_LEET.search(core)
        or (not _LEETABLE.search(core) and min(map(len, parts)) > _SPLINTER)
    ):
        return None
    year = _YEAR.search(core)
    if year:
        word = read_leet(core[: year.start()])
        return None if word is None else [*word, *year[0]]
    hold = _stands(core, parts)
    if hold is None:
        return None
    alike = _ALIKE_CYRILLIC if _CYRILLIC.search(core) else _ALIKE
    options = [(char,) if char.isalpha() else tuple(alike.get(char, "")) or ("",) for char in core]
    readings = list(islice(product(*options), _MOST_READINGS))
    found = _likeliest(readings, whole=hold)
    if found is not None and core[-1] in _OFTEN_MORE and core[:-1].isalpha():
        # `day5` and `line@` are no words in disguise, `ballot5` surely is.
        found = found if vocabulary.is_core("".join(map(FOLDED.__getitem__, found))) else None
    if found is not None:
        return capitals(_with_hyphens(found, core), core)
    # All signs stand between letters rather than for them: `v|o|t|e`.
    if not hold and _LEETABLE.search(core) and not any(char.isdigit() for char in core):
        return _known([char if char.isalpha() else "" for char in core])
    return None


def _stands(core: str, parts: list[str]) -> bool | None:
    """Do parts of a token stand for themselves, so that it must be a word of the lists, whole?

    None: it is read as it stands. `vote2024now` and `mail-in` are; `covid19` is no word either way.
    """
    vocabulary = load_vocabulary()
    folded = ["".join(map(FOLDED.__getitem__, part)) for part in parts]
    if any(map(vocabulary.knows, folded)):
        # One sign at the end may be a letter: `vote$`, `mandat0`. Other digits count: `vote1`.
        may = core[-1].isalpha() or (core[:-1].isalpha() and core[-1] in _LETTERS_AT_THE_END)
        return True if may and _LEETABLE.search(core) else None
    if len(parts) > 1 and any(len(part) > _SPLINTER and vocabulary.has(part) for part in folded):
        return True if _LEETABLE.search(core) else None
    return False


def _likeliest(readings: list[tuple[str, ...]], *, whole: bool) -> list[str] | None:
    """Return the first reading that names an election, else one of the lists, else one like them.

    Args:
        readings: letters for each character, in order.
        whole: only words that the lists hold as they are count.
    """
    vocabulary = load_vocabulary()
    known: list[str] | None = None
    held: list[str] | None = None
    for letters in readings:
        folded = "".join(map(FOLDED.__getitem__, filter(None, letters)))
        if len(folded) < FEWEST_LETTERS or not folded.isalpha():
            continue
        ordinary = folded in vocabulary.ordinary
        if vocabulary.has(folded):
            if vocabulary.opens(folded) and not (ordinary and len(folded) < DOUBLED_LETTERS):
                return list(letters)
            if not ordinary:
                held = held or list(letters)
        elif not whole and not ordinary and vocabulary.knows(folded):
            known = known or list(letters)
    if held is not None or known is not None:
        return held or known
    for letters in readings:
        found = _known(letters)
        if found is not None and (
            not whole or vocabulary.has("".join(map(FOLDED.__getitem__, filter(None, found))))
        ):
            return found
    return None


def _known(letters: list[str] | tuple[str, ...]) -> list[str] | None:
    """Return the letters when they are a known word, stretched or not."""
    vocabulary = load_vocabulary()
    folded = "".join(map(FOLDED.__getitem__, filter(None, letters)))
    if len(folded) < FEWEST_LETTERS or not folded.isalpha() or folded in vocabulary.ordinary:
        return None
    if vocabulary.knows(folded):
        return list(letters)
    kept = [char for char in letters if char]
    if len(folded) == len(kept):
        squeezed = letters_to_keep(folded)
        if squeezed is not None:
            keep = iter(squeezed)
            return [char if char and next(keep) else "" for char in letters]
    return None


def _with_hyphens(letters: list[str], core: str) -> list[str]:
    """Return `m411-in` as `mail-in`: what stands on both sides of the hyphen are words."""
    if "-" not in core:
        return letters
    kept = ["-" if char == "-" else letter for char, letter in zip(core, letters, strict=True)]
    has = load_vocabulary().has
    pieces = "".join(kept).split("-")
    return kept if all(has("".join(map(FOLDED.__getitem__, one))) for one in pieces) else letters
