"""From a trained model to the file that ships."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from streams.detect.model.assemble import packed
from streams.detect.model.blocks import Blocks, Layer, to_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from streams.detect.train.fit import Tuned


def export(model: Tuned) -> bytes:
    """Return the tuned half: matrices in 8-bit blocks, the rest as it is."""
    weight = model.heads.out.weight.detach().numpy()
    bias = model.heads.out.bias.detach().numpy()
    return packed([_layer(layer) for layer in model.upper], (weight, bias))


def _layer(layer: nn.Module) -> Layer:
    own = {name: value.detach().numpy() for name, value in layer.state_dict().items()}
    return Layer(
        {
            "mixing": to_blocks(own["self_attn.in_proj_weight"]),
            "mix": to_blocks(own["self_attn.out_proj.weight"]),
            "up": to_blocks(own["linear1.weight"]),
            "down": to_blocks(own["linear2.weight"]),
        },
        {
            "mixing.bias": own["self_attn.in_proj_bias"],
            "mix.bias": own["self_attn.out_proj.bias"],
            "up.bias": own["linear1.bias"],
            "down.bias": own["linear2.bias"],
            "attention.scale": own["norm1.weight"],
            "attention.shift": own["norm1.bias"],
            "output.scale": own["norm2.weight"],
            "output.shift": own["norm2.bias"],
        },
    )


def averaged(files: Sequence[bytes]) -> bytes:
    """Return the mean of the weights of models tuned from the same base.

    A "model soup" (Wortsman et al., 2022): runs on different data or seeds err in
    different places; their mean errs less, at the price of one.

    Raises:
        ValueError: they are not of the same base and shape.
    """
    read = [dict(np.load(io.BytesIO(file), allow_pickle=False)) for file in files]
    one = read[0]
    for other in read[1:]:
        if other.keys() != one.keys() or other["base"] != one["base"]:
            raise ValueError("models of different bases or shapes have no mean")
    mean = {}
    for name, value in one.items():
        if name.endswith(".packed"):
            scales = name.replace(".packed", ".scales")
            floats = [
                Blocks(8, file[name], file[scales].astype(np.float32)).floats() for file in read
            ]
            whole = to_blocks(np.mean(floats, axis=0, dtype=np.float32))
            mean[name], mean[scales] = whole.packed, whole.scales.astype(np.float16)
        elif name.endswith(".scales"):
            continue
        elif value.dtype.kind == "f":
            mean[name] = np.mean([file[name] for file in read], axis=0).astype(value.dtype)
        else:
            mean[name] = value
    file = io.BytesIO()
    np.savez_compressed(file, **mean)  # type: ignore[arg-type] # names are ours
    return file.getvalue()
