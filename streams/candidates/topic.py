"""The topic `candidates`, read whole: the queue as it is published now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog
from kafka import TopicPartition
from kafka.errors import KafkaError
from pydantic import ValidationError

from streams.candidates.errors import CandidatesError, CandidatesUnavailable
from streams.kafka_log import READ_SECONDS, OpenTransactionError, read_whole
from streams.schema import Candidate
from streams.topics import CANDIDATES

if TYPE_CHECKING:
    from kafka import KafkaConsumer

    from streams.settings import KafkaSettings
    from streams.topics import TopicSpec

log = structlog.stdlib.get_logger(__name__)

MOST_POLLED: Final = 2_000
"""Records of a poll: small ones, and the first read is of all."""


def read_candidates(
    settings: KafkaSettings, *, seconds: float = READ_SECONDS
) -> dict[str, Candidate]:
    """Return the newest record of each candidate, merged ones included.

    Raises:
        CandidatesUnavailable: Kafka does not answer, or a transaction stays open.
        CandidatesError: the topic is missing.
    """
    values: dict[bytes, bytes | None] = {}
    try:
        for record in read_whole(
            settings,
            lambda reader: partitions_of(reader, settings, CANDIDATES),
            deadline=time.monotonic() + seconds,
            max_poll_records=MOST_POLLED,
        ):
            values[record.key or b""] = record.value
    except OpenTransactionError as error:
        raise CandidatesUnavailable(
            "a transaction in the topic candidates stays open; Kafka ends it within "
            "minutes: try again then"
        ) from error
    except (KafkaError, OSError, ValueError) as error:
        raise CandidatesUnavailable(
            f"Kafka at {settings.bootstrap_servers} does not answer ({error}): start one with "
            "`hustings kafka start`, or set HUSTINGS_KAFKA__BOOTSTRAP_SERVERS"
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
