"""A worker's metrics: one object, own registry, counted per chunk, never per record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from streams.detect.detection import Stage
from streams.labels.events import ACTORS
from streams.schema import Actor, Decision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from prometheus_client import CollectorRegistry

    from streams.worker.pipeline import Outcome, PostDetector

LATENCY_BUCKETS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    *(30.0, 60.0, 120.0, 300.0, 600.0),
)
"""Five milliseconds to ten minutes."""


class WorkerMetrics:
    """What a label worker tells Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register all metrics with `registry`."""
        self.posts = Counter(
            "hustings_posts",
            "Posts by outcome: gated, nothing, unlabelled, labelled, stale, dead-letter.",
            ["outcome"],
            registry=registry,
        )
        self.chunk_seconds = Histogram(
            "hustings_chunk_seconds",
            "Time from the hand-over of a chunk to the acknowledgement of all it gave.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.stage_seconds = Counter(
            "hustings_stage_seconds",
            "Time spent by stage: wait (claims, state), decide, publish.",
            ["stage"],
            registry=registry,
        )
        self.label_events = Counter(
            "hustings_label_events",
            "Label events published, by kind and action.",
            ["kind", "action"],
            registry=registry,
        )
        self.receipt_to_label = Histogram(
            "hustings_receipt_to_label_seconds",
            "Time from a post's receipt by the connector to its label event.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.post_to_label = Histogram(
            "hustings_post_to_label_seconds",
            "Time from a post's own time to its label event; replays of old posts show their age.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.corrections = Counter(
            "hustings_label_corrections",
            "Label events that no post caused, by reason: claims, policy, reviews, the clock.",
            ["reason"],
            registry=registry,
        )
        self.sweep_seconds = Histogram(
            "hustings_sweep_seconds",
            "Time to see the labels of one partition anew after claims or policy changed.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.reviews = Counter(
            "hustings_reviews",
            "Reviews folded into label states, by decision.",
            ["decision"],
            registry=registry,
        )
        self.policy_version = Gauge(
            "hustings_policy_version", "Version of the policy in force.", registry=registry
        )
        self.dead_letters = Counter(
            "hustings_dead_letters", "Dead letters by fault.", ["fault"], registry=registry
        )
        self.detections = Counter(
            "hustings_detections",
            "Posts past the gate by the last stage that judged them; late: the encoder's time of"
            " the chunk was spent.",
            ["stage"],
            registry=registry,
        )
        self.observations = Counter(
            "hustings_observations",
            "For the queue of new claims: observed; withdrawn (edited or deleted posts); unread:"
            " new claims that the encoder had no time for, missing in the queue.",
            ["outcome"],
            registry=registry,
        )
        for decision in Decision:
            self.reviews.labels(decision.value)
        for reason, actor in ACTORS.items():
            if actor in {Actor.CLAIM, Actor.POLICY, Actor.REVIEWER, Actor.CLOCK}:
                self.corrections.labels(reason.value)
        for outcome in ("observed", "withdrawn", "unread"):
            self.observations.labels(outcome)
        for stage in Stage:
            self.detections.labels(stage.value)
        self.lag = Gauge(
            "hustings_consumer_lag_posts",
            "Records between the committed offset and the end, by partition.",
            ["partition"],
            registry=registry,
        )
        self._lagging: frozenset[int] = frozenset()
        self.commit_age = Gauge(
            "hustings_commit_age_seconds",
            "Since when there is lag and no commit went forward, over the worst partition.",
            registry=registry,
        )
        self.claims = Gauge("hustings_claims", "Active claims in the index.", registry=registry)
        self.packs = Gauge("hustings_election_packs", "Election packs.", registry=registry)
        self.catalogue_swaps = Counter(
            "hustings_catalogue_swaps", "New catalogues taken into use.", registry=registry
        )
        self.labelled_posts = Gauge(
            "hustings_label_state_posts", "Posts in the label state.", registry=registry
        )
        self.partitions = Gauge(
            "hustings_assigned_partitions", "Partitions of posts assigned.", registry=registry
        )
        self.rebalances = Counter("hustings_rebalances", "Assignments received.", registry=registry)

    def on_corrections(self, outcome: Outcome) -> None:
        """Count what a sweep or reviews changed, published whole."""
        for event in outcome.events:
            self.label_events.labels(event.label.kind.value, event.action.value).inc()
            self.corrections.labels(event.reason.value).inc()
        for letter in outcome.dead_letters:
            self.dead_letters.labels(letter.fault.value).inc()

    def on_chunk(self, outcome: Outcome, seconds: float, now: datetime) -> None:
        """Count a chunk that was published whole."""
        for name, amount in outcome.counts.items():
            if amount:
                self.posts.labels(name).inc(amount)
        for stage, amount in outcome.stages.items():
            self.detections.labels(stage).inc(amount)
        for name, amount in outcome.candidates.items():
            self.observations.labels(name).inc(amount)
        self.chunk_seconds.observe(seconds)
        for event in outcome.events:
            self.label_events.labels(event.label.kind.value, event.action.value).inc()
            self.receipt_to_label.observe(max((now - event.post_received_at).total_seconds(), 0.0))
            if event.post_created_at is not None:
                self.post_to_label.observe(max((now - event.post_created_at).total_seconds(), 0.0))
        for letter in outcome.dead_letters:
            self.dead_letters.labels(letter.fault.value).inc()

    def on_lag(self, lag: Mapping[int, int]) -> None:
        """Note the lag of all assigned partitions; those that were taken away are no longer shown.

        Their last figure would stand for as long as this process runs, beside the
        right one of the worker that has them now.
        """
        for partition in self._lagging - lag.keys():
            self.lag.remove(str(partition))
        for partition, records in lag.items():
            self.lag.labels(str(partition)).set(records)
        self._lagging = frozenset(lag)

    def on_swap(self, detector: PostDetector) -> None:
        """Note a new catalogue."""
        self.claims.set(len(detector.catalogue.claims))
        self.packs.set(len(detector.catalogue.packs))
        self.catalogue_swaps.inc()
