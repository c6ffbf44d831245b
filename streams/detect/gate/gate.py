"""The scan itself: raw bytes first, then their bones."""

from __future__ import annotations

from bisect import bisect_right
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

    from streams.detect.lexicon import Phrase

SEPARATOR = b"\0"
SIGN = 0
"""The number of a pattern that stands for itself, not for a word with edges."""
MOST_SCANNED = 16_384
"""Bytes of a value: longer ones pass unseen. A hit costs a call into Python, and thousands of
hits in one value cost more than the detector's look at its beginning."""


@lru_cache(maxsize=4)
def build_gate(phrases: tuple[Phrase, ...]) -> Gate:
    """Return the gate of these phrases.

    Compiling takes seconds, and most changes of the catalogue change no phrase.
    """
    return Gate(phrases)


class Gate:
    """Two compiled sets of patterns; immutable, used by many threads.

    One is looked for in the bytes as they came, the other in their bones, where
    Latin words stand without their disguises.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        signs = [*ALWAYS, *DISGUISES]
        self._literals = literals_of(phrases)
        self._first_literal = len(signs)
        self._raw = Patterns([*signs, *(one.pattern() for one in self._literals)])
        self._spaced = Patterns(SPACED)
        self._bones = bone_literals(phrases)
        self._pressed = Patterns([one.pattern() for one in self._bones])

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
        found = self._raw.find(data)
        found += [(SIGN, end) for _, end in self._spaced.find(data)]
        passed: set[int] = set()
        if not found:
            return passed
        begins = [0, *accumulate(len(value) + 1 for value in values)]
        for number, end in found:
            if number < self._first_literal:
                # The match may have taken the separator after its value as its right edge.
                passed.add(bisect_right(begins, end - 2) - 1)
            elif self._literals[number - self._first_literal].stands(data, end):
                passed.add(bisect_right(begins, end - 1) - 1)
        return passed

    def _scan_bones(self, values: Sequence[bytes]) -> set[int]:
        data, begins = bones_of_values(values)
        ends = [
            end for number, end in self._pressed.find(data) if self._bones[number].stands(data, end)
        ]
        places = np.searchsorted(begins, np.array(ends, dtype=np.intp), side="left") - 1
        return set(places.tolist())
