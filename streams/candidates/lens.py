"""From the encoder's vector of a post to a direction that says what is claimed.

The encoder's vectors of election claims all lie close together, by language
first and by country next. The lens takes away the mean of the post's language
and looks along the few directions in which different claims of the same pack
differ most, measured by how much wordings of one claim differ (Fisher's linear
discriminant within packs; the within-claim part is shrunk towards a sphere,
after Ledoit and Wolf, "A well-conditioned estimator for large-dimensional
covariance matrices", 2004). Fitted on the statements of the packs that ship.
"""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

import numpy as np

from streams.detect.encoder import rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FILE: Final = "lens.npz"
DIRECTIONS: Final = 32
SHRINK: Final = 0.3
FEW: Final = 20
"""Statements of a language that weigh as much as those of all languages together."""


class LensError(Exception):
    """The lens that ships is not there or cannot be read; install the package anew."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A wording of a claim with its vector, to fit a lens on."""

    claim_id: str
    jurisdiction: str
    language: str
    vector: Floats


@dataclass(frozen=True)
class Lens:
    """Turns vectors into directions; immutable."""

    means: Mapping[str, Floats]
    """By language; under the empty name that of all."""
    axes: Floats
    """(dimensions, DIRECTIONS)."""

    @property
    def digest(self) -> str:
        """Return what differs between lenses; directions of two lenses must not meet."""
        digest = hashlib.sha256(np.round(self.axes, 6).tobytes())
        for language in sorted(self.means):
            digest.update(language.encode() + np.round(self.means[language], 6).tobytes())
        return digest.hexdigest()[:8]

    @property
    def dimensions(self) -> int:
        """Return how long the vectors are that it takes."""
        return int(self.axes.shape[0])

    def see(self, vector: npt.NDArray[np.generic], language: str) -> npt.NDArray[np.int8]:
        """Return the direction of a vector of any length but 0, rounded to signed bytes."""
        full = np.asarray(vector, np.float64)
        full /= max(float(np.linalg.norm(full)), 1e-12)
        mean = self.means.get(language, self.means[""])
        return rounded((full - mean) @ self.axes)


def packed(vector: npt.NDArray[np.generic]) -> str:
    """Return a vector as an observation carries it; the counterpart of `unpacked`."""
    return base64.b64encode(rounded(vector).tobytes()).decode()


def unpacked(text: str) -> npt.NDArray[np.int8]:
    """Return the vector of an observation.

    Raises:
        ValueError: it is not base64.
    """
    return np.frombuffer(base64.b64decode(text, validate=True), np.int8)


def fit_lens(statements: Sequence[Statement]) -> Lens:
    """Return the lens of these statements; deterministic on one machine."""
    vectors = np.stack([one.vector for one in statements]).astype(np.float64)
    languages = np.array([one.language for one in statements])
    claims = np.array([one.claim_id for one in statements])
    overall = vectors.mean(0)
    means = {"": overall}
    for language in sorted(set(languages)):
        own = languages == language
        weight = own.sum() / (own.sum() + FEW)
        means[str(language)] = overall + (vectors[own].mean(0) - overall) * weight
    centred = vectors - np.stack([means[language] for language in languages])
    width = vectors.shape[1]
    spread = np.zeros((width, width))
    freedom = 0
    middles: dict[str, list[Floats]] = {}
    for claim in sorted(set(claims)):
        own = claims == claim
        middle = centred[own].mean(0)
        jurisdiction = statements[int(np.argmax(own))].jurisdiction
        middles.setdefault(jurisdiction, []).append(middle)
        apart = centred[own] - middle
        spread += apart.T @ apart
        freedom += int(own.sum()) - 1
    spread /= max(freedom, 1)
    spread = (1 - SHRINK) * spread + SHRINK * np.trace(spread) / width * np.eye(width)
    values, columns = np.linalg.eigh(spread)
    whiten = columns / np.sqrt(values)
    # What tells countries apart is no claim: only claims of one pack are held against each other.
    within = np.concatenate(
        [np.stack(ones) - np.stack(ones).mean(0) for _, ones in sorted(middles.items())]
    )
    _, _, best = np.linalg.svd(within @ whiten, full_matrices=False)
    return Lens(means, whiten @ best[:DIRECTIONS].T)


def write_lens(lens: Lens) -> bytes:
    """Return the file of a lens; the counterpart of `read_lens`."""
    names = sorted(lens.means)
    file = io.BytesIO()
    np.savez(
        file,
        axes=lens.axes.astype(np.float32),
        names=np.array(names),
        means=np.stack([lens.means[name] for name in names]).astype(np.float32),
    )
    return file.getvalue()


def read_lens(data: bytes) -> Lens:
    """Return the lens of a file.

    Raises:
        LensError: damaged.
    """
    try:
        with np.load(io.BytesIO(data)) as file:
            names, means = file["names"], file["means"].astype(np.float64)
            axes = file["axes"].astype(np.float64)
    except (ValueError, OSError, EOFError, KeyError, BadZipFile) as error:
        raise LensError(f"the lens cannot be read: {error}; install the package anew") from None
    return Lens({str(name): mean for name, mean in zip(names, means, strict=True)}, axes)


@cache
def load_lens() -> Lens:
    """Return the lens that ships; once a process.

    Raises:
        LensError: it is missing or damaged.
    """
    file = resources.files("streams.candidates").joinpath(FILE)
    if not file.is_file():
        raise LensError(f"{FILE} is missing in streams/candidates: install the package anew")
    return read_lens(file.read_bytes())
