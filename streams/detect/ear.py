"""Which statements of claims a post may hold and still be dropped before anything is searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from streams.detect.gate import build_gate
from streams.detect.lexicon import load_lexicon
from streams.detect.model.assemble import CALIBRATION_FILE, LINEAR_FILE, shipped
from streams.detect.model.calibration import read_calibration
from streams.detect.model.linear import load_linear
from streams.detect.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.gate import Gate
    from streams.detect.model.assemble import Model
    from streams.detect.model.linear import LinearModel

_SURELY: Final = 1.0
"""Log-odds of stage one over its gate: words around a statement move them."""


class Hearing(Protocol):
    """Tells what a post must pass besides the claim index."""

    def hears(self, texts: Sequence[str]) -> Sequence[bool]:
        """Return which texts stage one lets pass by itself, whatever stands around them."""
        ...

    def opens(self, texts: Sequence[str]) -> Sequence[bool]:
        """Return which texts hold words that open the gate, for whatever reason."""
        ...


@dataclass(frozen=True, slots=True)
class Ear:
    """Stage one and the word lists' gate; immutable."""

    first: LinearModel
    threshold: float
    """Log-odds that a post must pass."""
    gate: Gate

    def hears(self, texts: Sequence[str]) -> Sequence[bool]:
        """Return which texts stage one lets pass by itself, whatever stands around them."""
        scores = self.first.score([clean(text).encode("utf-8", "replace") for text in texts])
        return [bool(passes) for passes in scores > np.float32(self.threshold + _SURELY)]

    def opens(self, texts: Sequence[str]) -> Sequence[bool]:
        """Return which texts hold words that open the gate, for whatever reason."""
        passed = set(self.gate.scan([b"{" + text.encode("utf-8", "replace") for text in texts]))
        return [at in passed for at in range(len(texts))]


def ear_of(model: Model) -> Ear:
    """Return the ear of a model."""
    return Ear(model.first, model.calibration.gate, build_gate(load_lexicon().phrases))


def load_ear() -> Ear:
    """Return the ear of the model that ships, without the encoder: a tenth of the memory.

    Raises:
        ModelError: a file of stage one is missing, damaged or another one.
    """
    return Ear(
        load_linear(shipped(LINEAR_FILE)),
        read_calibration(shipped(CALIBRATION_FILE)).gate,
        build_gate(load_lexicon().phrases),
    )
