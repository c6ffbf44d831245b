"""How well clusters keep claims apart and bring their wordings together, on statements of packs.

Statements of one claim are the same proposition, in one language or in several;
statements of two claims of one pack are two. Each pack is measured with a lens
that was fitted on other packs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from streams.candidates.clusterer import MERGE_THRESHOLD, THRESHOLD, Clusterer
from streams.candidates.lens import fit_lens, packed
from streams.schema import Observation, Stance, stable_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.candidates.lens import Lens, Statement

FOLDS: Final = 5
THRESHOLDS: Final = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
_WHEN: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Measured:
    """Pairs of statements of one pack that were put together, at one threshold."""

    threshold: float
    together: int
    right: int
    """Of those, statements of one claim."""
    same: int
    """All pairs of statements of one claim."""
    right_across: int
    """Right ones of two languages."""
    same_across: int

    @property
    def precision(self) -> float:
        """Share of the pairs put together that say the same."""
        return self.right / self.together if self.together else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs that say the same that were put together."""
        return self.right / self.same if self.same else 0.0

    @property
    def recall_across(self) -> float:
        """The same of pairs in two languages."""
        return self.right_across / self.same_across if self.same_across else 0.0


def measure(
    statements: Sequence[Statement], thresholds: Sequence[float] = (*THRESHOLDS, THRESHOLD)
) -> list[Measured]:
    """Cluster every pack's statements online at each threshold; return what came together."""
    jurisdictions = sorted({one.jurisdiction for one in statements})
    counts = {threshold: np.zeros(5, np.int64) for threshold in sorted(set(thresholds))}
    for fold in range(FOLDS):
        held_out = set(jurisdictions[fold::FOLDS])
        lens = fit_lens([one for one in statements if one.jurisdiction not in held_out])
        for jurisdiction in sorted(held_out):
            pack = [one for one in statements if one.jurisdiction == jurisdiction]
            for threshold in counts:
                counts[threshold] += _pairs(pack, _clustered(pack, lens, threshold))
    return [Measured(threshold, *map(int, count)) for threshold, count in counts.items()]


def _clustered(pack: Sequence[Statement], lens: Lens, threshold: float) -> list[str]:
    """Return the candidate of each statement; in an order that has nothing to do with claims."""
    margin = MERGE_THRESHOLD - THRESHOLD
    clusterer = Clusterer(lens, "", threshold=threshold, merge_threshold=threshold + margin)
    names = [str(at) for at in range(len(pack))]
    for name in sorted(names, key=lambda name: stable_id("shuffled", name)):
        one = pack[int(name)]
        clusterer.take(
            Observation(
                post_id=name,
                post_version="1",
                post_source="packs",
                received_at=_WHEN,
                language=one.language,
                stance=Stance.ASSERTS,
                vector=packed(one.vector),
            )
        )
    return [clusterer.home(name) or name for name in names]


def _pairs(pack: Sequence[Statement], homes: Sequence[str]) -> np.ndarray:
    """Return pairs together, right, same, right across languages, same across languages."""
    first, second = np.triu_indices(len(pack), 1)

    def equal(values: Sequence[str]) -> np.ndarray:
        codes = np.unique(np.array(values), return_inverse=True)[1]
        return np.asarray(codes[first] == codes[second])

    together = equal(homes)
    same = equal([one.claim_id for one in pack])
    across = ~equal([one.language for one in pack])
    chosen = (together, together & same, same, together & same & across, same & across)
    return np.array([int(one.sum()) for one in chosen], np.int64)
