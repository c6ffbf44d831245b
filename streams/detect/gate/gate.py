"""The scan itself: raw bytes first, then their bones."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from streams.detect.gate.bone import bone_literals
from streams.detect.gate.literal import literals_of
from streams.detect.gate.patterns import Patterns
from streams.detect.gate.signs import ALWAYS, DISGUISES, SPACED
from streams.detect.skeleton import bones_of_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.gate.bone import Bones
    from streams.detect.gate.literal import Literal
    from streams.detect.lexicon import Phrase

SEPARATOR = b"\0"
MOST_SCANNED = 16_384
"""Bytes of a value: longer ones pass unseen. A hit costs a call into Python, and thousands of
hits in one value cost more than the detector's look at its beginning."""


@lru_cache(maxsize=4)
def build_gate(phrases: tuple[Phrase, ...], openers: tuple[Phrase, ...] = ()) -> Gate:
    """Return the gate of these phrases.

    Args:
        phrases: of the word lists. Compiling them takes seconds, once a process.
        openers: words of known claims, which change while a worker runs.
    """
    signs = (*ALWAYS, *DISGUISES)
    return Gate(_compile(phrases, signs), _compile(openers, ()))


@dataclass(frozen=True, slots=True)
class _Words:
    """Phrases compiled for both scans."""

    signs: int
    literals: Sequence[Literal]
    raw: Patterns
    bones: Sequence[Bones]
    pressed: Patterns


@lru_cache(maxsize=4)
def _compile(phrases: tuple[Phrase, ...], signs: tuple[bytes, ...]) -> _Words:
    literals = literals_of(phrases)
    bones = bone_literals(phrases)
    return _Words(
        signs=len(signs),
        literals=literals,
        raw=Patterns([*signs, *(one.pattern() for one in literals)]),
        bones=bones,
        pressed=Patterns([one.pattern() for one in bones]),
    )


class Gate:
    """Compiled sets of patterns; immutable, used by many threads.

    Some are looked for in the bytes as they came, the others in their bones, where
    Latin words stand without their disguises.
    """

    def __init__(self, *words: _Words) -> None:
        self._words = words
        self._spaced = Patterns(SPACED)

    def scan(self, values: Sequence[bytes]) -> list[int]:
        """Return the ascending indexes of the values to look at; linear in their bytes."""
        passed = {index for index, value in enumerate(values) if len(value) > MOST_SCANNED}
        for scan in (self._scan_raw, self._scan_bones):
            rest = [index for index in range(len(values)) if index not in passed]
            if rest:
                passed.update(rest[at] for at in scan([values[index] for index in rest]))
        return sorted(passed)

    def _scan_raw(self, values: Sequence[bytes]) -> set[int]:
        data = SEPARATOR + SEPARATOR.join(values) + SEPARATOR
        signs = [end for _, end in self._spaced.find(data)]
        ends: list[int] = []
        for words in self._words:
            for number, end in words.raw.find(data):
                if number < words.signs:
                    signs.append(end)
                elif words.literals[number - words.signs].stands(data, end):
                    ends.append(end)
        if not signs and not ends:
            return set()
        begins = [0, *accumulate(len(value) + 1 for value in values)]
        # The match of a sign may have taken the separator after its value as its right edge.
        return {bisect_right(begins, end - 2) - 1 for end in signs} | {
            bisect_right(begins, end - 1) - 1 for end in ends
        }

    def _scan_bones(self, values: Sequence[bytes]) -> set[int]:
        data, begins = bones_of_values(values)
        ends = [
            end
            for words in self._words
            for number, end in words.pressed.find(data)
            if words.bones[number].stands(data, end)
        ]
        places = np.searchsorted(begins, np.array(ends, dtype=np.intp), side="left") - 1
        return set(places.tolist())
