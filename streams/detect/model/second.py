"""Stage two: the fine-tuned encoder, and the published one for matching, on `onnxruntime`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import onnxruntime

from streams.detect.encoder import rounded
from streams.detect.model.tasks import HEADS
from streams.detect.model.tokens import PASSAGE, QUERY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from streams.detect.model.base import BaseModel
    from streams.detect.model.tokens import Tokens

    Floats = npt.NDArray[np.float32]
    _Lowered = tuple[list[int], Floats, npt.NDArray[np.int32]]
    """Places of the texts, their states, which tokens there are."""

BATCH_TOKENS = 1024
"""Of a batch, with its padding: bounds memory, and no long post waits for a short one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Logits of one text, by head."""

    claim: float
    topic: float
    checkworthy: float
    stance: tuple[float, ...]
    types: tuple[float, ...]
    vector: bytes = b""
    """Direction of the text, a signed byte a dimension; empty when it was not asked for."""


class SecondStage:
    """Reads texts in batches; thread-safe, and the same text gives the same figures.

    Args:
        base: vectors of words and places.
        tokens: the encoder's pieces.
        lower: the graph of the frozen half, as bytes or a path.
        heads: the graph of the tuned half.
        embedding: the graph of the published upper half.
        version: of all files together.
        threads: of one batch; workers have a core each.
    """

    def __init__(
        self,
        *,
        base: BaseModel,
        tokens: Tokens,
        lower: str,
        heads: str,
        embedding: str,
        version: str,
        threads: int = 1,
    ) -> None:
        self.version = version
        self.dimensions = base.shape.width
        self._base = base
        self._tokens = tokens
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads would take the core from the worker that waits for them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")

        def session(path: str) -> onnxruntime.InferenceSession:
            return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

        self._lower, self._heads = session(lower), session(heads)
        self._embedding = session(embedding)

    def read(
        self,
        texts: Sequence[str],
        *,
        wants_vector: Callable[[int, Verdict], bool] = lambda _at, _verdict: False,
    ) -> list[Verdict]:
        """Return what each text says, in order.

        Args:
            texts: to read.
            wants_vector: asked with a text's place and verdict. Then the verdict gets the
                vector that `encode` gives: half of the encoder has read the text already.
        """
        verdicts: dict[int, Verdict] = {}
        for batch, hidden, mask in self._lowered(texts, QUERY):
            (logits,) = self._heads.run(None, {"hidden": hidden, "mask": mask})
            read = {at: _verdict(row) for at, row in zip(batch, logits, strict=True)}
            rows = [row for row, at in enumerate(batch) if wants_vector(at, read[at])]
            if rows:
                (vectors,) = self._embedding.run(None, {"hidden": hidden[rows], "mask": mask[rows]})
                for row, vector in zip(rows, vectors, strict=True):
                    at = batch[row]
                    read[at] = replace(read[at], vector=rounded(vector).tobytes())
            verdicts.update(read)
        return [verdicts[at] for at in range(len(texts))]

    def encode(
        self, texts: Sequence[str], *, role: Literal["query", "passage"] = "query"
    ) -> Floats:
        """Return a vector of length 1 for each text (texts, dimensions), in order."""
        prefix = QUERY if role == "query" else PASSAGE
        out = np.zeros((len(texts), self.dimensions), np.float32)
        for batch, hidden, mask in self._lowered(texts, prefix):
            (out[batch],) = self._embedding.run(None, {"hidden": hidden, "mask": mask})
        return out

    def _lowered(self, texts: Sequence[str], prefix: str) -> Iterator[_Lowered]:
        """Yield batches as the lower half leaves them."""
        ids = self._tokens.encode(texts, prefix=prefix)
        for batch in _batches([len(one) for one in ids]):
            chosen = [ids[at] for at in batch]
            longest = max(map(len, chosen))
            states = np.zeros((len(batch), longest, self.dimensions), np.float32)
            mask = np.zeros((len(batch), longest), np.int32)
            for row, one in enumerate(chosen):
                states[row, : len(one)] = self._base.words(one) + self._base.positions[: len(one)]
                mask[row, : len(one)] = 1
            (hidden,) = self._lower.run(None, {"states": states, "mask": mask})
            yield batch, hidden, mask


def _verdict(logits: Floats) -> Verdict:
    ends = np.cumsum(list(HEADS.values()))[:-1]
    claim, topic, checkworthy, stance, types = np.split(logits, ends)
    return Verdict(
        claim=float(claim[0]),
        topic=float(topic[0]),
        checkworthy=float(checkworthy[0]),
        stance=tuple(map(float, stance)),
        types=tuple(map(float, types)),
    )


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield places of texts of like length, at most `BATCH_TOKENS` with their padding."""
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda at: lengths[at]):
        if batch and lengths[at] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
