"""Fine-tuning: the encoder's upper layers and the heads, on the frozen lower half."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from streams.detect.model.tasks import HEADS, STANCES, TYPES
from streams.detect.model.tokens import Tokens
from streams.detect.train.rows import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.detect.model.base import BaseModel
    from streams.detect.train.rows import Row

_FAR = -1e9
_LOOK_AHEAD = 50
"""Batches whose rows are sorted by length together: little padding, still random."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train; the figures that gave the model that ships."""

    frozen: int = 6
    epochs: float = 3.0
    batch: int = 32
    layers_rate: float = 5e-5
    heads_rate: float = 1e-3
    warm_up: float = 0.06
    seed: int = 0
    threads: int = 2


class Heads(nn.Module):
    """One linear map from the mean of the tokens to all logits."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.1)
        self.out = nn.Linear(width, sum(HEADS.values()))

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return logits for states (batch, tokens, width) and a mask of true tokens."""
        kept = mask[..., None].to(hidden.dtype)
        mean = (hidden * kept).sum(1) / kept.sum(1)
        return self.out(self.dropout(mean.float()))


class Tuned:
    """The model under training: what is frozen, what is not."""

    def __init__(self, base: BaseModel, plan: Plan) -> None:
        self.plan = plan
        self.tokens = Tokens(base.vocabulary)
        self.base = base
        width = base.shape.width
        self.positions = torch.tensor(base.positions)
        self.norm = nn.LayerNorm(width, eps=base.shape.epsilon)
        self.norm.load_state_dict(
            dict(zip(("weight", "bias"), map(torch.tensor, base.norm), strict=True))
        )
        layers = [encoder_layer(base, index) for index in range(base.shape.layers)]
        self.lower = nn.ModuleList(layers[: plan.frozen]).eval()
        self.upper = nn.ModuleList(layers[plan.frozen :])
        self.heads = Heads(width)

    def lower_states(self, ids: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        """Return the frozen half's states of each text (tokens, width)."""
        out: list[torch.Tensor] = [torch.empty(0)] * len(ids)
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        done = 0
        started = time.monotonic()
        for batch in _parts(order, 64):
            longest = max(len(ids[at]) for at in batch)
            states = torch.zeros(len(batch), longest, self.base.shape.width)
            mask = torch.zeros(len(batch), longest, dtype=torch.bool)
            for row, at in enumerate(batch):
                count = len(ids[at])
                vectors = torch.from_numpy(self.base.words(ids[at]))
                states[row, :count] = vectors + self.positions[:count]
                mask[row, :count] = True
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                states = self.norm(states)
                for layer in self.lower:
                    states = layer(states, src_key_padding_mask=~mask)
            for row, at in enumerate(batch):
                out[at] = states[row, : len(ids[at])].to(torch.bfloat16).clone()
            done += len(batch)
            if done % 6400 < len(batch):
                _say(f"frozen half: {done} of {len(ids)} texts, {time.monotonic() - started:.0f} s")
        return out

    def logits(self, states: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the logits of texts whose lower states are known."""
        longest = max(len(one) for one in states)
        padded = torch.zeros(len(states), longest, states[0].shape[1])
        mask = torch.zeros(len(states), longest, dtype=torch.bool)
        for row, one in enumerate(states):
            padded[row, : len(one)] = one.float()
            mask[row, : len(one)] = True
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for layer in self.upper:
                padded = layer(padded, src_key_padding_mask=~mask)
        logits: torch.Tensor = self.heads(padded.float(), mask)
        return logits

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return the logits of texts (texts, heads), without training."""
        self.upper.eval()
        self.heads.eval()
        out = np.zeros((len(texts), sum(HEADS.values())), np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for part in _parts(order, 2048):
            states = self.lower_states(self.tokens.encode([texts[at] for at in part]))
            ranked = sorted(range(len(part)), key=lambda at: len(states[at]))
            with torch.no_grad():
                for batch in _parts(ranked, 64):
                    logits = self.logits([states[at] for at in batch]).numpy()
                    out[[part[at] for at in batch]] = logits
        return out


def encoder_layer(base: BaseModel, index: int) -> nn.TransformerEncoderLayer:
    """Return one layer of the published encoder as a module."""
    shape = base.shape
    layer = nn.TransformerEncoderLayer(
        shape.width,
        shape.heads,
        shape.inner,
        dropout=0.1,
        activation="gelu",
        layer_norm_eps=shape.epsilon,
        batch_first=True,
    )
    weights = base.layer(index)
    matrices = {name: torch.tensor(blocks.floats()) for name, blocks in weights.matrices.items()}
    vectors = {name: torch.tensor(value) for name, value in weights.vectors.items()}
    layer.load_state_dict(
        {
            "self_attn.in_proj_weight": matrices["mixing"],
            "self_attn.in_proj_bias": vectors["mixing.bias"],
            "self_attn.out_proj.weight": matrices["mix"],
            "self_attn.out_proj.bias": vectors["mix.bias"],
            "linear1.weight": matrices["up"],
            "linear1.bias": vectors["up.bias"],
            "linear2.weight": matrices["down"],
            "linear2.bias": vectors["down.bias"],
            "norm1.weight": vectors["attention.scale"],
            "norm1.bias": vectors["attention.shift"],
            "norm2.weight": vectors["output.scale"],
            "norm2.bias": vectors["output.shift"],
        }
    )
    return layer


@dataclass(frozen=True, slots=True)
class Targets:
    """What the rows say, as tensors; NaN and -100 where nobody said."""

    claim: torch.Tensor
    topic: torch.Tensor
    checkworthy: torch.Tensor
    stance: torch.Tensor
    types: torch.Tensor
    weight: torch.Tensor

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Targets:
        """Return the targets of the rows."""

        def known(values: Sequence[int]) -> torch.Tensor:
            return torch.tensor([float("nan") if one == UNKNOWN else float(one) for one in values])

        return cls(
            claim=known([row.claim for row in rows]),
            topic=known([row.topic for row in rows]),
            checkworthy=known([row.checkworthy for row in rows]),
            stance=torch.tensor(
                [STANCES.index(row.stance) if row.stance in STANCES else -100 for row in rows]
            ),
            types=torch.tensor([[float(kind in row.types) for kind in TYPES] for row in rows]),
            weight=torch.tensor([row.weight for row in rows]),
        )


def fit(model: Tuned, rows: Sequence[Row]) -> None:
    """Train the upper half and the heads; the same rows and plan give the same model."""
    plan = model.plan
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    chance = random.Random(plan.seed)  # noqa: S311 - an order of rows, no secret
    model.heads.apply(_fresh)
    states = model.lower_states(model.tokens.encode([row.text for row in rows]))
    targets = Targets.of(rows)
    counts = torch.bincount(targets.stance[targets.stance >= 0], minlength=len(STANCES)).float()
    stance_weights = (counts.sum() / counts.clamp(min=1)).sqrt()
    stance_weights /= stance_weights.mean()
    steps = int(plan.epochs * len(rows) / plan.batch)
    optimiser = torch.optim.AdamW(
        [
            {"params": model.upper.parameters(), "lr": plan.layers_rate},
            {"params": model.heads.parameters(), "lr": plan.heads_rate},
        ],
        weight_decay=0.01,
    )
    rising = max(1, int(plan.warm_up * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / rising, max(0.0, (steps - step) / max(1, steps - rising))),
    )
    model.upper.train()
    model.heads.train()
    started = time.monotonic()
    batches = _batches([len(one) for one in states], plan, chance)
    for step in range(steps):
        batch = next(batches)
        logits = model.logits([states[at] for at in batch])
        loss = _loss(logits, targets, batch, stance_weights)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(
            [*model.upper.parameters(), *model.heads.parameters()], max_norm=1.0
        )
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            spent = time.monotonic() - started
            left = spent / (step + 1) * (steps - step)
            _say(
                f"step {step} of {steps}: loss {loss.item():.3f}, {spent:.0f} s, {left:.0f} s left"
            )
    model.upper.eval()
    model.heads.eval()


def split_logits(logits: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the logits by head."""
    return dict(zip(HEADS, torch.split(logits, list(HEADS.values()), dim=-1), strict=True))


def _loss(
    logits: torch.Tensor, targets: Targets, batch: Sequence[int], stance_weights: torch.Tensor
) -> torch.Tensor:
    by_head = split_logits(logits)
    at = torch.tensor(batch)
    weight = targets.weight[at]
    total = _binary(by_head["claim"][:, 0], targets.claim[at], weight, positive=1.5)
    total = total + 0.5 * _binary(by_head["topic"][:, 0], targets.topic[at], weight)
    total = total + 0.5 * _binary(by_head["checkworthy"][:, 0], targets.checkworthy[at], weight)
    stances = targets.stance[at]
    if bool((stances >= 0).any()):
        total = total + 0.5 * functional.cross_entropy(
            by_head["stance"], stances, weight=stance_weights
        )
        typed = stances >= 0
        total = total + 0.5 * functional.binary_cross_entropy_with_logits(
            by_head["types"][typed], targets.types[at][typed]
        )
    return total


def _binary(
    logits: torch.Tensor, truth: torch.Tensor, weight: torch.Tensor, *, positive: float = 1.0
) -> torch.Tensor:
    known = ~torch.isnan(truth)
    if not bool(known.any()):
        return logits.sum() * 0
    losses = functional.binary_cross_entropy_with_logits(
        logits[known], truth[known], pos_weight=torch.tensor(positive), reduction="none"
    )
    return (losses * weight[known]).mean()


def _fresh(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


def _batches(lengths: Sequence[int], plan: Plan, chance: random.Random) -> Iterator[list[int]]:
    """Yield batches of rows of like length for ever, in another order each time round."""
    while True:
        order = list(range(len(lengths)))
        chance.shuffle(order)
        for part in _parts(order, plan.batch * _LOOK_AHEAD):
            ranked = sorted(part, key=lambda at: lengths[at])
            batches = list(_parts(ranked, plan.batch))
            chance.shuffle(batches)
            yield from batches


def _parts(values: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(values), size):
        yield list(values[start : start + size])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - a long run shows how far it is
