"""From a trained model to the file that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.detect.model.assemble import packed
from streams.detect.model.blocks import Layer, to_blocks

if TYPE_CHECKING:
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
