"""Stage one: a linear model on hashed byte n-grams, for every post, a chunk at a time.

Bytes of UTF-8 are the one alphabet of all languages: no words need to be told
apart, and a whole chunk is scored by a few vector operations. After folding,
each n-gram of a text is hashed to a weight; the sum over the text, divided by
the root of its n-grams, is the log-odds (the hashing trick: Weinberger et al.,
"Feature Hashing for Large Scale Multitask Learning", 2009).
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from streams.detect.model.errors import WrongModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

HEADS = ("election", "claim")
"""What a weight is for: public election at all; checkable claim about one."""
ORDERS = (4, 6, 8)
"""Bytes of an n-gram: 4 to 8 letters of Latin, 2 to 4 of Cyrillic, 1 to 3 of Devanagari."""
BITS = 18
LOOKED_AT = 600
"""Bytes of a text; what follows is not read."""
_PAD = b" " * max(ORDERS)
END = 0
"""Place of what would reach over a text's end."""
_FACTOR = 0x01000193
_SPREAD = 0x9E3779B1
_TEXT_FIELD = b'"text":"'
_TEXT_END = b'","'


def _folding() -> npt.NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for small, capital in zip(range(97, 123), range(65, 91), strict=True):
        table[capital] = small
    for sign in b"\0\n\t\r.,!?;:\"()[]{}-_/\\'":
        table[sign] = 32
    return table


_FOLDED = _folding()


def text_of(value: bytes, most: int = LOOKED_AT) -> bytes:
    """Return the bytes of the text inside a post's JSON, or the value without its brace.

    At most so many of them. Escapes stay as they are: a line break in the middle of a
    text costs a few n-grams.
    """
    start = value.find(_TEXT_FIELD)
    if start < 0:
        return value[1 : 1 + most]
    start += len(_TEXT_FIELD)
    end = value.find(_TEXT_END, start, start + most)
    return value[start : end if end >= 0 else start + most]


def places(texts: Sequence[bytes]) -> tuple[list[npt.NDArray[np.intp]], npt.NDArray[np.intp]]:
    """Return the weights' places of all n-grams, for each order, and where each text begins.

    All texts are laid out behind each other, each padded with spaces. An n-gram that
    begins in the last of them would run into the next text, so that a post's score
    would hang on its neighbour: all of these get the place of a text's end.
    """
    cut = [text[:LOOKED_AT] + _PAD for text in texts]
    lengths = np.fromiter(map(len, cut), np.intp, len(cut))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
    flat = _FOLDED[np.frombuffer(b"".join(cut) + _PAD, np.uint8)]
    total = int(lengths.sum())
    two = flat[:-1] * _power(1) + flat[1:]
    four = two[:-2] * _power(2) + two[2:]
    by_order = {
        4: four,
        6: four[:-2] * _power(2) + two[4 : 2 + len(four)],
        8: four[:-4] * _power(4) + four[4:],
    }
    shift = np.uint32(32 - BITS)
    hashed = [
        ((by_order[order][:total] * np.uint32(_SPREAD)) >> shift).astype(np.intp)
        for order in ORDERS
    ]
    ends = starts + lengths
    for back in range(1, len(_PAD)):
        for order in hashed:
            order[ends - back] = END
    return hashed, starts


def _power(exponent: int) -> np.uint32:
    return np.uint32(pow(_FACTOR, exponent, 1 << 32))


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """Weights of stage one; immutable."""

    weights: Floats
    """(heads, 2 ** BITS)."""
    bias: Floats
    version: str

    def score(self, texts: Sequence[bytes], head: int = 0) -> Floats:
        """Return the log-odds of one head for each text, in order."""
        if not texts:
            return np.zeros(0, np.float32)
        orders, starts = places(texts)
        weights = self.weights[head]
        gathered = weights[orders[0]]
        for order in orders[1:]:
            gathered += weights[order]
        sums = np.add.reduceat(gathered, starts)
        counts = np.diff(np.append(starts, len(gathered))) * len(ORDERS)
        scores: Floats = sums / np.sqrt(counts).astype(np.float32) + self.bias[head]
        return scores


def load_linear(data: bytes) -> LinearModel:
    """Return the model of a file's bytes.

    Raises:
        WrongModelError: it is no such file.
    """
    try:
        with np.load(io.BytesIO(data)) as arrays:
            weights = arrays["weights"].astype(np.float32)
            bias = arrays["bias"].astype(np.float32)
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise WrongModelError(f"stage one's file cannot be read: {error}") from None
    if weights.shape != (len(HEADS), 1 << BITS) or bias.shape != (len(HEADS),):
        raise WrongModelError(f"stage one's file holds {weights.shape} weights of another version")
    return LinearModel(weights, bias, hashlib.sha256(data).hexdigest()[:16])
