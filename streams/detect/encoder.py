"""What turns texts into vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt


class Encoder(Protocol):
    """Vectors of length 1; the same text gives the same vector."""

    version: str
    dimensions: int

    def encode(
        self, texts: Sequence[str], *, role: Literal["query", "passage"] = "query"
    ) -> npt.NDArray[np.float32]:
        """Return (texts, dimensions), in order."""
        ...
