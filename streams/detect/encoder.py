"""What turns texts into vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np

from streams.detect.model.base import SHA256

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

ENCODER: Final = SHA256[:12]
"""Which encoder's vectors: training changes other layers and leaves them as they are."""
STEPS: Final = 127
"""Of a rounded vector: one signed byte."""


class Encoder(Protocol):
    """Vectors of length 1; the same text gives the same vector."""

    version: str
    dimensions: int

    def encode(
        self, texts: Sequence[str], *, role: Literal["query", "passage"] = "query"
    ) -> npt.NDArray[np.float32]:
        """Return (texts, dimensions), in order."""
        ...


def rounded(vector: npt.NDArray[np.generic]) -> npt.NDArray[np.int8]:
    """Return a vector with its largest part at 127: only its direction is kept."""
    full = np.asarray(vector, np.float64)
    largest = float(np.abs(full).max(initial=0.0))
    if largest <= 0.0:
        return np.zeros(full.shape, np.int8)
    return np.rint(full * (STEPS / largest)).astype(np.int8)
