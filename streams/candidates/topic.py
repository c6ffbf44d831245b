"""The topic `candidates`, read whole: the queue as it is published now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from pydantic import ValidationError

from streams.candidates.errors import CandidatesError, CandidatesUnavailable
from streams.kafka_client import client_config
from streams.schema import Candidate
from streams.topics import CANDIDATES

if TYPE_CHECKING:
    from streams.settings import KafkaSettings
    from streams.topics import TopicSpec

log = structlog.stdlib.get_logger(__name__)

READ_SECONDS: Final = 90.0
"""How long an open transaction of a dead writer may hide what lies behind it."""


def read_candidates(
    settings: KafkaSettings, *, seconds: float = READ_SECONDS
) -> dict[str, Candidate]:
    """Return the newest record of each candidate, merged ones included.

    Raises:
        CandidatesUnavailable: Kafka does not answer, or a transaction stays open.
        CandidatesError: the topic is missing.
    """
    deadline = time.monotonic() + seconds
    values: dict[bytes, bytes | None] = {}
    try:
        # The real end: a reader of committed records would be told an earlier one.
        with_end = consumer(settings, isolation_level="read_uncommitted")
        try:
            partitions = partitions_of(with_end, settings, CANDIDATES)
            ends = with_end.end_offsets(partitions)
        finally:
            with_end.close(autocommit=False)
        reader = consumer(settings)
        try:
            reader.assign(partitions)
            reader.seek_to_beginning(*partitions)
            while any(reader.position(tp) < ends[tp] for tp in partitions):
                if time.monotonic() > deadline:
                    raise CandidatesUnavailable(
                        "a transaction in the topic candidates stays open; Kafka ends it within "
                        "minutes: try again then"
                    )
                for records in reader.poll(timeout_ms=500).values():
                    for record in records:
                        values[record.key or b""] = record.value
        finally:
            reader.close(autocommit=False)
    except (KafkaError, OSError, ValueError) as error:
        raise CandidatesUnavailable(
            f"Kafka at {settings.bootstrap_servers}: {type(error).__name__}: {error}"
        ) from error
    found = {}
    for key, value in values.items():
        if value is None:
            continue
        try:
            candidate = Candidate.from_json(value)
        except ValidationError as error:
            log.warning(
                "candidate_unreadable",
                key=key.decode("utf-8", "replace"),
                faults=len(error.errors()),
            )
            continue
        found[candidate.candidate_id] = candidate
    return found


def partitions_of(
    reader: KafkaConsumer, settings: KafkaSettings, spec: TopicSpec
) -> list[TopicPartition]:
    """Return all partitions of a topic.

    Raises:
        CandidatesError: it is missing.
    """
    name = settings.topic(spec)
    numbers = reader.partitions_for_topic(name)
    if not numbers:
        raise CandidatesError(f"the topic {name} is missing: run `hustings topics apply`")
    return [TopicPartition(name, number) for number in sorted(numbers)]


def consumer(
    settings: KafkaSettings,
    *,
    group: str | None = None,
    isolation_level: str = "read_committed",
) -> KafkaConsumer:
    """Return a consumer of nothing yet, which commits nothing by itself."""
    return KafkaConsumer(
        **client_config(settings),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=isolation_level,
        allow_auto_create_topics=False,
        bootstrap_timeout_ms=10_000,
        reconnect_backoff_max_ms=1000,
        max_poll_records=2_000,
        metrics_enabled=False,
    )
