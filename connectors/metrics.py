"""What a connector counts, in base units, on a registry of the process's own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connectors.source import Batch
    from streams.schema import Post


class ConnectorMetrics:
    """The metrics of one connector; touched once a batch, not once a post."""

    def __init__(
        self,
        source: str,
        registry: CollectorRegistry | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Register on `registry`; without one on a registry that nobody reads."""
        self.registry = registry or CollectorRegistry()
        self._source = source
        self._monotonic = monotonic
        self._transaction_began: float | None = None
        self.open = False
        """Whether the source is open; the runner sets it."""

        def counter(name: str, documentation: str, *labels: str) -> Counter:
            return Counter(name, documentation, ["source", *labels], registry=self.registry)

        def gauge(name: str, documentation: str) -> Gauge:
            return Gauge(name, documentation, ["source"], registry=self.registry)

        self._posts = counter("hustings_connector_posts_total", "Posts committed to Kafka.", "op")
        self._dead_letters = counter(
            "hustings_connector_dead_letters_total", "Dead letters committed to Kafka.", "fault"
        )
        self._skipped = counter(
            "hustings_connector_skipped_total", "What is no post and no fault, by kind.", "kind"
        )
        self._bytes = counter("hustings_connector_bytes_total", "Bytes of record values committed.")
        self._reconnects = counter(
            "hustings_connector_reconnects_total", "Times the source or Kafka was opened again.",
            "reason",
        )  # fmt: skip
        self._gaps = counter(
            "hustings_connector_gaps_total", "What the source knows that it missed.", "reason"
        )
        self._duplicates = counter(
            "hustings_connector_duplicates_dropped_total", "Repeats that the source dropped."
        ).labels(source)
        self._transactions = Histogram(
            "hustings_connector_transaction_seconds",
            "From the first send to the commit of a transaction.",
            ["source"],
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180),
            registry=self.registry,
        ).labels(source)
        self._lag = gauge(
            "hustings_connector_source_lag_seconds",
            "Age of the newest committed post by its author's clock, when it was received.",
        ).labels(source)
        self._last_post = gauge(
            "hustings_connector_last_post_timestamp_seconds",
            "When the newest committed post was received, Unix time.",
        ).labels(source)
        self._in_flight = gauge(
            "hustings_connector_in_flight_posts", "Posts sent and not yet committed."
        ).labels(source)
        gauge(
            "hustings_connector_oldest_unacknowledged_seconds",
            "Age of the transaction under way; 0 between transactions.",
        ).labels(source).set_function(self.transaction_age)

    def transaction_age(self) -> float:
        """Return how long the transaction under way has lasted, 0 without one."""
        began = self._transaction_began
        return 0.0 if began is None else self._monotonic() - began

    def began(self, batch: Batch) -> None:
        """Note that a batch is on its way."""
        self._transaction_began = self._monotonic()
        self._in_flight.set(len(batch.posts))

    def ended(self) -> None:
        """Note that no batch is on its way any more, however it ended."""
        self._transaction_began = None
        self._in_flight.set(0)

    def committed(self, batch: Batch, sent_bytes: int) -> None:
        """Count a committed batch."""
        self._transactions.observe(self.transaction_age())
        self._bytes.labels(self._source).inc(sent_bytes)
        for op, number in _counts(post.op.value for post in batch.posts).items():
            self._posts.labels(self._source, op).inc(number)
        for fault, number in _counts(letter.fault.value for letter in batch.dead_letters).items():
            self._dead_letters.labels(self._source, fault).inc(number)
        if batch.posts:
            newest = batch.posts[-1]
            self._last_post.set(newest.received_at.timestamp())
            self._see_lag(newest)

    def read(self, batch: Batch) -> None:
        """Count what needs no transaction: gaps and what was skipped."""
        for reason, number in batch.gaps.items():
            self._gaps.labels(self._source, reason).inc(number)
        for kind, number in batch.skipped.items():
            self._skipped.labels(self._source, kind).inc(number)

    def reconnected(self, reason: str) -> None:
        """Count one more opening; `reason` is one of few words."""
        self._reconnects.labels(self._source, reason).inc()

    def dropped_duplicates(self, number: int) -> None:
        """Count repeats that the source recognised and dropped."""
        self._duplicates.inc(number)

    def _see_lag(self, newest: Post) -> None:
        if newest.created_at is not None:
            lag = (newest.received_at - newest.created_at).total_seconds()
            self._lag.set(max(0.0, lag))


def _counts(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts
