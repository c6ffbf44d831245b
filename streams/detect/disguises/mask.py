"""Words with letters hidden behind signs: `v*te`, `el***ion`."""

# ruff: noqa: RUF001 - look-alikes are what this module undoes

from __future__ import annotations

import re

from streams.detect.disguises.case import cased
from streams.detect.draft import spread
from streams.detect.folding import FOLDED, MARKS
from streams.detect.vocabulary import FEWEST_LETTERS, load_vocabulary

_HEAD_OF_A_MASK = 2
_HOLE = "\0"
_SHOWN = re.compile(rf"[\w{MARKS}]")
_ALPHABET = "aeiouybcdfghjklmnpqrstvwxz"
_ALPHABET_CYRILLIC = "аеиоуыіїєюяйбвгґджзклмнпрстфхцчшщьъэ"
_CYRILLIC = re.compile("[\u0400-\u052f]")
MASK = re.compile("[*#%^~•●○◯◦∗＊×✕░█■▪\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?|_")


def read_mask(core: str) -> list[str] | None:
    """Return the word that `v*te` or `el***ion` stands for."""
    runs = [match.span() for match in MASK.finditer(core)]
    if not runs or runs[0][0] == 0 or runs[-1][1] == len(core):
        return None
    letters = "".join(FOLDED[char] if _SHOWN.match(char) else char for char in core)
    if len(letters) != len(core):
        return None
    for start, end in runs:
        letters = letters[:start] + _HOLE * (end - start) + letters[end:]
    hidden = letters.count(_HOLE)
    shown = len(letters) - hidden
    if shown < _HEAD_OF_A_MASK or any(char.isdigit() for char in letters):
        return None
    found = load_vocabulary().masked(letters, _HOLE) if shown >= hidden else None
    if found is None and hidden == 1:
        found = _with_one_letter(letters)
    if found is None and len(runs) == 1:
        # A text may hold the sign for a hole itself: then there is no mask to be read.
        head, hole, tail = letters.partition(_HOLE * hidden)
        found = _with_letters_between(head, tail) if hole and _HOLE not in tail else None
    if found is None:
        return None
    meant = cased(found, core)
    if len(meant) != len(core):
        return spread(meant, len(core))
    return [
        new if at == _HOLE else char for at, char, new in zip(letters, core, meant, strict=True)
    ]


def _with_one_letter(letters: str) -> str | None:
    """Return the word with an ending that opens the gate with some letter in the hole."""
    if len(letters) < FEWEST_LETTERS:
        return None
    for letter in _ALPHABET_CYRILLIC if _CYRILLIC.search(letters) else _ALPHABET:
        word = letters.replace(_HOLE, letter)
        if load_vocabulary().opens(word):
            return word
    return None


def _with_letters_between(head: str, tail: str) -> str | None:
    if len(head) < _HEAD_OF_A_MASK or len(head) + len(tail) < FEWEST_LETTERS:
        return None
    return load_vocabulary().stretched_mask(head, tail)
