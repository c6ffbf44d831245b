"""Fixtures for every test: one real Kafka a session, one set of topics a test."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from streams.settings import KafkaSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.broker.embedded import EmbeddedKafka

# Shared machines are slow at times: no test fails on a clock, hypothesis' own included.
settings.register_profile("hustings", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hustings")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory) -> Iterator[EmbeddedKafka]:
    """Start one Kafka for the whole session; tests that stop or freeze it start their own."""
    from streams.broker.embedded import EmbeddedKafka  # noqa: PLC0415 - not for tests without Kafka

    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture
def kafka_settings(kafka, request) -> KafkaSettings:
    """Return settings with a topic prefix of the test's own; no topic exists yet."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", request.node.name)[:60]
    return KafkaSettings(
        bootstrap_servers=kafka.bootstrap_servers,
        topic_prefix=f"{name}-{uuid.uuid4().hex[:8]}.",
        partitions=4,
    )
