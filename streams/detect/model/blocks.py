"""Matrices in blocks of 32 weights that share a scale: what ships, what is computed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Bytes = npt.NDArray[np.uint8]

BLOCK = 32


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix of (outputs, inputs) whose rows are cut into blocks that share a scale."""

    bits: int
    packed: Bytes
    """(outputs, blocks, bytes of a block)."""
    scales: Floats
    """(outputs, blocks)."""

    @property
    def shape(self) -> tuple[int, int]:
        """Return (outputs, inputs)."""
        return self.packed.shape[0], self.packed.shape[1] * BLOCK

    def floats(self) -> Floats:
        """Return the matrix unpacked."""
        if self.bits == 8:  # noqa: PLR2004 - or 4
            whole = self.packed.astype(np.float32) - 128
        else:
            whole = np.stack([self.packed & 15, self.packed >> 4], axis=-1).astype(np.float32) - 8
            whole = whole.reshape(*self.packed.shape[:2], BLOCK)
        return (whole * self.scales[..., None]).reshape(self.shape)


def to_blocks(matrix: Floats) -> Blocks:
    """Return a float matrix (outputs, inputs) in 8-bit blocks, scales of half precision."""
    cut = matrix.reshape(matrix.shape[0], -1, BLOCK)
    scales = (np.abs(cut).max(axis=-1) / 127).astype(np.float16).astype(np.float32)
    safe = np.where(scales > 0, scales, 1)[..., None]
    whole = np.clip(np.rint(cut / safe), -127, 127) + 128
    return Blocks(8, whole.astype(np.uint8), scales)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer's weights. `mixing` holds queries, keys and values below each other."""

    matrices: dict[str, Blocks]
    """By `mixing`, `mix`, `up`, `down`."""
    vectors: dict[str, Floats]
    """Their biases, and the two norms' scales and shifts."""
