"""The ranker that retrieval is measured with: the one of `hustings match`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.evaluate.run import Ranker


def load_ranker() -> Ranker | None:
    """Return the ranker, None where there is none."""
    return None
