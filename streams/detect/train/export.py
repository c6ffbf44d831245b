"""From a trained model to the file that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streams.detect.model.assemble import packed, unpacked
from streams.detect.model.blocks import Layer, to_blocks
from streams.detect.model.errors import WrongModelError

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
    try:
        read = [unpacked(file) for file in files]
    except WrongModelError as error:
        raise ValueError(f"models of different bases or shapes have no mean: {error}") from error
    return packed(
        [_mean_layer(same) for same in zip(*(layers for layers, _ in read), strict=True)],
        (_mean([heads[0] for _, heads in read]), _mean([heads[1] for _, heads in read])),
    )


def _mean_layer(layers: Sequence[Layer]) -> Layer:
    one = layers[0]
    return Layer(
        {
            name: to_blocks(_mean([layer.matrices[name].floats() for layer in layers]))
            for name in one.matrices
        },
        {name: _mean([layer.vectors[name] for layer in layers]) for name in one.vectors},
    )


def _mean(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray(np.mean(arrays, axis=0, dtype=np.float32))
