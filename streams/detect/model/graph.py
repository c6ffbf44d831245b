"""The encoder's layers as ONNX graphs, with weights in blocks of 32.

Built here, from arrays, rather than exported from a training framework: who
runs Hustings needs no such framework. The 4-bit blocks of the published
weights are kept bit for bit; what was tuned is kept in 8-bit blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from streams.detect.model.blocks import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt
    from onnx import ModelProto, NodeProto

    from streams.detect.model.base import Shape
    from streams.detect.model.blocks import Blocks, Layer

    Floats = npt.NDArray[np.float32]

OPSET = 21
IR_VERSION = 10
CONTRIB = "com.microsoft"
INT8_PRODUCTS = 4
"""`accuracy_level` of MatMulNBits: activations are rounded to 8 bits, block by block."""


class _Draft:
    """Nodes and weights under way."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.nodes: list[NodeProto] = []
        self.weights: list[TensorProto] = []

    def weight(self, name: str, value: npt.NDArray[np.generic]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(
        self, kind: str, inputs: Sequence[str], out: str, *, domain: str = "", **options: Any
    ) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [out], domain=domain, **options))
        return out

    def times(self, hidden: str, name: str, blocks: Blocks, bias: Floats) -> str:
        """Multiply by a matrix in blocks and add the bias."""
        outputs, inputs = blocks.shape
        return self.add(
            "MatMulNBits",
            [
                hidden,
                self.weight(f"{name}.packed", blocks.packed),
                self.weight(f"{name}.scales", blocks.scales),
                "",
                "",
                self.weight(f"{name}.bias", bias),
            ],
            f"{name}.out",
            domain=CONTRIB,
            K=inputs,
            N=outputs,
            bits=blocks.bits,
            block_size=BLOCK,
            accuracy_level=INT8_PRODUCTS,
        )

    def norm(self, first: str, second: str, name: str, scale: Floats, shift: Floats) -> str:
        total = self.add("Add", [first, second], f"{name}.sum")
        return self.normed(total, name, scale, shift)

    def normed(self, hidden: str, name: str, scale: Floats, shift: Floats) -> str:
        return self.add(
            "LayerNormalization",
            [hidden, self.weight(f"{name}.scale", scale), self.weight(f"{name}.shift", shift)],
            f"{name}.out",
            axis=-1,
            epsilon=self.shape.epsilon,
        )

    def layer(self, hidden: str, name: str, layer: Layer) -> str:
        """Add one layer: attention, then the two wide maps, each with its norm."""
        matrices, vectors = layer.matrices, layer.vectors
        mixing = self.times(hidden, f"{name}.mixing", matrices["mixing"], vectors["mixing.bias"])
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        self.nodes.append(helper.make_node("Split", [mixing], parts, axis=-1, num_outputs=3))
        seen = self.add(
            "MultiHeadAttention",
            [*parts, "", "mask"],
            f"{name}.seen",
            domain=CONTRIB,
            num_heads=self.shape.heads,
        )
        mixed = self.times(seen, f"{name}.mix", matrices["mix"], vectors["mix.bias"])
        hidden = self.norm(
            mixed,
            hidden,
            f"{name}.attention",
            vectors["attention.scale"],
            vectors["attention.shift"],
        )
        wide = self.times(hidden, f"{name}.up", matrices["up"], vectors["up.bias"])
        bent = self.add("Gelu", [wide], f"{name}.bent")
        narrow = self.times(bent, f"{name}.down", matrices["down"], vectors["down.bias"])
        return self.norm(
            narrow, hidden, f"{name}.output", vectors["output.scale"], vectors["output.shift"]
        )

    def mean(self, hidden: str) -> str:
        """Add the mean over the tokens that the mask keeps."""
        kept = self.add("Cast", ["mask"], "kept.flat", to=TensorProto.FLOAT)
        last = self.weight("last", np.array([-1], np.int64))
        second = self.weight("second", np.array([1], np.int64))
        wide = self.add("Unsqueeze", [kept, last], "kept")
        chosen = self.add("Mul", [hidden, wide], "chosen")
        total = self.add("ReduceSum", [chosen, second], "total", keepdims=0)
        count = self.add("ReduceSum", [kept, second], "count", keepdims=1)
        return self.add("Div", [total, count], "mean")

    def model(self, name: str, inputs: str, out: tuple[str, Sequence[str | int]]) -> ModelProto:
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes,
            name,
            [
                value(inputs, TensorProto.FLOAT, ["texts", "tokens", self.shape.width]),
                value("mask", TensorProto.INT32, ["texts", "tokens"]),
            ],
            [value(out[0], TensorProto.FLOAT, list(out[1]))],
            self.weights,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)],
            ir_version=IR_VERSION,
            producer_name="hustings",
        )
        checker.check_model(model)
        return model


def lower_graph(shape: Shape, scale: Floats, shift: Floats, layers: Iterable[Layer]) -> ModelProto:
    """Return the graph from summed word and position vectors `states` to `hidden` states."""
    draft = _Draft(shape)
    hidden = draft.normed("states", "embeddings", scale, shift)
    for index, layer in enumerate(layers):
        hidden = draft.layer(hidden, f"layer{index}", layer)
    draft.add("Identity", [hidden], "hidden")
    return draft.model("lower", "states", ("hidden", ["texts", "tokens", shape.width]))


def heads_graph(shape: Shape, layers: Iterable[Layer], weight: Floats, bias: Floats) -> ModelProto:
    """Return the graph from `hidden` states to the heads' `logits`; weight is (heads, width)."""
    draft = _Draft(shape)
    hidden = "hidden"
    for index, layer in enumerate(layers):
        hidden = draft.layer(hidden, f"layer{index}", layer)
    mean = draft.mean(hidden)
    heads = [draft.weight("heads.weight", weight), draft.weight("heads.bias", bias)]
    draft.add("Gemm", [mean, *heads], "logits", transB=1)
    return draft.model("heads", "hidden", ("logits", ["texts", weight.shape[0]]))


def embedding_graph(shape: Shape, layers: Iterable[Layer]) -> ModelProto:
    """Return the graph from `hidden` states to `embedding`: the mean, of length 1."""
    draft = _Draft(shape)
    hidden = "hidden"
    for index, layer in enumerate(layers):
        hidden = draft.layer(hidden, f"layer{index}", layer)
    draft.add("LpNormalization", [draft.mean(hidden)], "embedding", axis=-1, p=2)
    return draft.model("embedding", "hidden", ("embedding", ["texts", shape.width]))
