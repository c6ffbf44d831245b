"""Words of letters alone that are stretched or misspelled."""

from __future__ import annotations

import re
from itertools import product

from streams.detect.disguises.case import cased
from streams.detect.draft import spread
from streams.detect.folding import FOLDED
from streams.detect.vocabulary import FEWEST_LETTERS, load_vocabulary

_VARIED = 4
"""Runs of one letter that are read as one letter and as two; two to their power are readings."""
DOUBLED_LETTERS = 6
_STRETCHED = re.compile(r"(.)\1+")


def read_word(word: str) -> list[str] | None:
    """Return a word of letters as it is meant, when it is stretched or misspelled."""
    vocabulary = load_vocabulary()
    folded = "".join(FOLDED[char] for char in word)
    if len(folded) < FEWEST_LETTERS or vocabulary.knows(folded):
        return None
    if len(folded) == len(word):
        squeezed = letters_to_keep(folded)
        if squeezed is not None:
            return [char if keep else "" for char, keep in zip(word, squeezed, strict=True)]
    corrected = vocabulary.corrected(folded)
    return None if corrected is None else spread(cased(corrected, word), len(word))


def letters_to_keep(folded: str) -> list[bool] | None:
    """Return which letters of a stretched word to keep for a known one."""
    runs = [match.span() for match in _STRETCHED.finditer(folded)]
    if not runs:
        return None
    vocabulary = load_vocabulary()
    if folded in vocabulary.ordinary:
        return None
    stretched = any(end - start > 2 for start, end in runs)  # noqa: PLR2004 - doubles are ordinary
    options = [(1, 2) if stretched or end - start > 2 else (2, 1) for start, end in runs]  # noqa: PLR2004
    ends = [0, *(end for _, end in runs)]
    parts = [
        (folded[end:start] + folded[start], folded[end:start] + folded[start] * 2)
        for end, (start, _) in zip(ends, runs, strict=False)
    ]
    # The readings differ in the last letters alone.
    fixed = max(0, len(runs) - _VARIED)
    first = tuple(option[0] for option in options[:fixed])
    head = "".join(part[length - 1] for part, length in zip(parts, first, strict=False))
    rest = folded[ends[-1] :]
    for last in product(*options[fixed:]):
        word = head
        for part, length in zip(parts[fixed:], last, strict=True):
            word += part[length - 1]
        word += rest
        if len(word) < len(folded) and (
            vocabulary.knows(word)
            if stretched
            else len(word) >= DOUBLED_LETTERS and vocabulary.names(word)
        ):
            keep = [True] * len(folded)
            for (start, end), length in zip(runs, first + last, strict=True):
                keep[start + length : end] = [False] * (end - start - length)
            return keep
    return None
