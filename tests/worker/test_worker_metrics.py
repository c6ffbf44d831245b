"""A worker shows what is its own and no more."""

from prometheus_client import CollectorRegistry

from streams.worker.metrics import WorkerMetrics


def lags(registry):
    return {
        sample.labels["partition"]: sample.value
        for family in registry.collect()
        if family.name == "hustings_consumer_lag_posts"
        for sample in family.samples
    }


def test_the_lag_of_a_partition_that_was_taken_away_is_no_longer_shown():
    registry = CollectorRegistry()
    metrics = WorkerMetrics(registry)
    metrics.on_lag({0: 10, 1: 20})
    metrics.on_lag({1: 5, 2: 7})
    assert lags(registry) == {"1": 5, "2": 7}
    metrics.on_lag({})
    assert lags(registry) == {}
    metrics.on_lag({0: 3})
    assert lags(registry) == {"0": 3}
