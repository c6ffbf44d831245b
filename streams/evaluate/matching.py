"""The ranker that retrieval is measured with: the one of `hustings match`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.detect.model.assemble import load_second
from streams.detect.ranking import ClaimRanker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.evaluate.run import Ranker


def load_ranker() -> Ranker | None:
    """Return the ranker."""
    return _rank


def _rank(
    queries: Mapping[str, str], claims: Mapping[str, str], top: int
) -> Mapping[str, list[str]]:
    ranker = ClaimRanker(list(claims.items()), load_second())
    ranked = ranker.rank(list(queries.values()), top)
    return {
        query: [one.claim_id for one in hits] for query, hits in zip(queries, ranked, strict=True)
    }
