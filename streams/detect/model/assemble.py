"""The model put together: tuned weights from here, frozen ones from their package, once."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from streams.detect.model.base import SHA256, load_base
from streams.detect.model.blocks import Blocks, Layer
from streams.detect.model.calibration import read_calibration
from streams.detect.model.errors import MissingModelError, WrongModelError
from streams.detect.model.linear import load_linear
from streams.detect.model.second import SecondStage
from streams.detect.model.tasks import HEADS
from streams.detect.model.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streams.detect.model.base import BaseModel
    from streams.detect.model.calibration import Calibration
    from streams.detect.model.linear import LinearModel

LINEAR_FILE = "stage-one.npz"
TUNED_FILE = "stage-two.npz"
CALIBRATION_FILE = "calibration.json"
FORMAT = "1"
"""Raised when the graphs change: what older code has put together is not used then."""
_GRAPHS = ("lower.onnx", "heads.onnx", "embedding.onnx")
_MATRICES = ("mixing", "mix", "up", "down")


def packed(layers: list[Layer], heads: tuple[np.ndarray, np.ndarray]) -> bytes:
    """Return the file of tuned layers and heads; the counterpart of `unpacked`."""
    arrays: dict[str, np.ndarray] = {
        "base": np.array(SHA256),
        "tasks": np.array([f"{name}:{size}" for name, size in HEADS.items()]),
        "heads.weight": heads[0].astype(np.float32),
        "heads.bias": heads[1].astype(np.float32),
    }
    for index, layer in enumerate(layers):
        for name, blocks in layer.matrices.items():
            arrays[f"{index}.{name}.packed"] = blocks.packed
            arrays[f"{index}.{name}.scales"] = blocks.scales.astype(np.float16)
        for name, vector in layer.vectors.items():
            arrays[f"{index}.{name}"] = vector.astype(np.float32)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type] # names are ours
    return file.getvalue()


def unpacked(data: bytes) -> tuple[list[Layer], tuple[np.ndarray, np.ndarray]]:
    """Return the tuned layers and the heads' weight and bias.

    Raises:
        WrongModelError: damaged, or tuned on another encoder or for other tasks.
    """
    try:
        with np.load(io.BytesIO(data)) as file:
            arrays = dict(file)
    except (ValueError, OSError, EOFError, KeyError, BadZipFile) as error:
        raise WrongModelError(f"stage two's file cannot be read: {error}") from None
    tasks = [f"{name}:{size}" for name, size in HEADS.items()]
    if str(arrays.get("base")) != SHA256 or list(arrays.get("tasks", [])) != tasks:
        raise WrongModelError("stage two's file was trained for another encoder or other tasks")
    layers: list[Layer] = []
    while f"{len(layers)}.mix.packed" in arrays:
        start = f"{len(layers)}."
        own = {key.removeprefix(start): one for key, one in arrays.items() if key.startswith(start)}
        layers.append(
            Layer(
                {
                    name: Blocks(8, own[f"{name}.packed"], own[f"{name}.scales"].astype(np.float32))
                    for name in _MATRICES
                },
                {key: one for key, one in own.items() if not key.endswith((".packed", ".scales"))},
            )
        )
    return layers, (arrays["heads.weight"], arrays["heads.bias"])


def assemble(folder: Path, base: BaseModel, tuned: bytes) -> None:
    """Write the three graphs into a new folder; whole or not at all."""
    # Building graphs needs a library of 30 MB, once.
    from streams.detect.model.graph import (  # noqa: PLC0415
        embedding_graph,
        heads_graph,
        lower_graph,
    )

    layers, (weight, bias) = unpacked(tuned)
    frozen = base.shape.layers - len(layers)
    theirs = [base.layer(index) for index in range(base.shape.layers)]
    graphs = {
        "lower.onnx": lower_graph(base.shape, *base.norm, theirs[:frozen]),
        "heads.onnx": heads_graph(base.shape, layers, weight, bias),
        "embedding.onnx": embedding_graph(base.shape, theirs[frozen:]),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, graph in graphs.items():
            (draft / name).write_bytes(graph.SerializeToString(deterministic=True))
        try:
            draft.rename(folder)
        except OSError:
            # Another worker was first: its files are the same, bit for bit.
            if not all((folder / name).is_file() for name in _GRAPHS):
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return where models put together are kept, for all clones of this user."""
    named = (os.environ if environment is None else environment).get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "hustings" / "models"


def shipped(name: str) -> bytes:
    """Return a file of the package.

    Raises:
        MissingModelError: it is not there.
    """
    file = resources.files("streams.detect.model").joinpath(name)
    if not file.is_file():
        raise MissingModelError(
            f"{name} is missing in streams/detect/model: the installation is not whole, or the"
            " model was never trained (`python -m streams.detect.train FOLDER`)"
        )
    return file.read_bytes()


def build_second(
    tuned: bytes,
    *,
    folder: Path | None = None,
    threads: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> SecondStage:
    """Return stage two from a tuned file, put together in the cache when it is not there yet.

    Raises:
        ModelError: a file or the package of the frozen half is missing, damaged or another one.
    """
    base = load_base()
    digest = hashlib.sha256(f"{FORMAT} {SHA256} ".encode() + tuned).hexdigest()[:24]
    folder = (folder if folder is not None else cache_folder()) / digest
    if not all((folder / name).is_file() for name in _GRAPHS):
        say(f"putting the model together in {folder} (once)")
        assemble(folder, base, tuned)
    lower, heads, embedding = (str(folder / name) for name in _GRAPHS)
    return SecondStage(
        base=base,
        tokens=Tokens(base.vocabulary),
        lower=lower,
        heads=heads,
        embedding=embedding,
        version=digest,
        threads=threads,
    )


@dataclass(frozen=True, slots=True)
class Model:
    """Both stages with the thresholds that belong to them."""

    first: LinearModel
    second: SecondStage | None
    """None: nothing but stage one and rules, for measurements."""
    calibration: Calibration
    version: str


@cache
def load_second(threads: int = 1) -> SecondStage:
    """Return the stage two that ships; once a process."""
    return build_second(shipped(TUNED_FILE), threads=threads)


@cache
def load_model() -> Model:
    """Return the model that ships; once a process.

    Raises:
        ModelError: a file or the package of the frozen half is missing, damaged or another one.
    """
    first = load_linear(shipped(LINEAR_FILE))
    second = load_second()
    thresholds = shipped(CALIBRATION_FILE)
    digest = hashlib.sha256(thresholds).hexdigest()[:8]
    return Model(
        first,
        second,
        read_calibration(thresholds),
        f"{first.version[:8]}.{second.version[:8]}.{digest}",
    )
