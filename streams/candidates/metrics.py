"""What the clustering process tells Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

from streams.candidates.clusterer import Taken

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from streams.candidates.clusterer import Clusterer


class CandidateMetrics:
    """One object, own registry; counted per batch."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register all metrics with `registry`."""
        self.taken = Counter(
            "hustings_candidate_observations",
            "Observations by what became of them: joined, founded, repeat, withdrawn, unknown,"
            " too-old, unreadable.",
            ["outcome"],
            registry=registry,
        )
        for outcome in Taken:
            self.taken.labels(outcome.value)
        self.published = Counter(
            "hustings_candidate_records", "Records of candidates published.", registry=registry
        )
        self.candidates = Gauge(
            "hustings_candidates", "Candidates in the queue.", registry=registry
        )
        self.retired = Gauge(
            "hustings_candidates_retired",
            "Candidates that a known claim matches now; they are not in the queue.",
            registry=registry,
        )
        self.unasked = Gauge(
            "hustings_candidates_unasked",
            "Candidates not yet compared with the newest claims.",
            registry=registry,
        )
        self.remembered = Gauge(
            "hustings_candidate_remembered_posts",
            "Posts that would be known again; older ones than these are let go as too-old.",
            registry=registry,
        )
        self.lag = Gauge(
            "hustings_candidate_lag_observations",
            "Observations that are not clustered yet, over all partitions.",
            registry=registry,
        )

    def on_commit(self, clusterer: Clusterer, records: int) -> None:
        """Note what stands after a commit."""
        self.published.inc(records)
        self.candidates.set(clusterer.queued)
        self.retired.set(len(clusterer) - clusterer.queued)
        self.remembered.set(clusterer.remembered)
