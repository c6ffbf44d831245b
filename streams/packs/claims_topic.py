"""The `claims` topic, read whole: what is published now."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MetadataEmptyBrokerList,
)
from pydantic import ValidationError

from streams.kafka_client import client_config
from streams.packs.errors import ClaimsTopicError
from streams.schema import Claim, ElectionPack
from streams.topics import CLAIMS

if TYPE_CHECKING:
    from streams.settings import KafkaSettings

PACK_PREFIX: Final = "pack:"
"""Keys of packs begin with it; claim ids cannot hold a colon."""
READ_SECONDS: Final = 90.0
"""How long an open transaction of another writer may hide what lies behind it."""

_NO_ANSWER = (KafkaConnectionError, KafkaTimeoutError, MetadataEmptyBrokerList)


@dataclass(frozen=True, slots=True)
class Published:
    """The newest readable record of each key."""

    records: dict[str, ElectionPack | Claim] = field(default_factory=dict)
    """By Kafka key: claim ids, and `pack:CODE`."""
    unreadable: frozenset[str] = frozenset()
    """Keys whose newest record is not ours to read."""

    @property
    def packs(self) -> tuple[ElectionPack, ...]:
        """The packs, by jurisdiction."""
        packs = (record for record in self.records.values() if isinstance(record, ElectionPack))
        return tuple(sorted(packs, key=lambda pack: pack.jurisdiction))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims, by id."""
        claims = (record for record in self.records.values() if isinstance(record, Claim))
        return tuple(sorted(claims, key=lambda claim: claim.claim_id))


def read_claims_topic(settings: KafkaSettings, *, seconds: float = READ_SECONDS) -> Published:
    """Read the topic to its end as it is now.

    Raises:
        ClaimsTopicError: Kafka does not answer, the topic is missing or of
            several partitions, or an open transaction hides its end for too long.
    """
    topic = settings.topic(CLAIMS)
    try:
        return _read(settings, TopicPartition(topic, 0), time.monotonic() + seconds)
    except (KafkaError, OSError, ValueError) as error:
        raise ClaimsTopicError(describe(error, settings)) from error


def describe(error: Exception, settings: KafkaSettings) -> str:
    """Say what went wrong with Kafka and what to do."""
    if isinstance(error, _NO_ANSWER):
        return (
            f"no Kafka answers at {settings.bootstrap_servers}: start one with "
            "`hustings kafka start`, or set HUSTINGS_KAFKA__BOOTSTRAP_SERVERS"
        )
    if isinstance(error, KafkaError):
        return f"Kafka at {settings.bootstrap_servers} refused: {type(error).__name__}: {error}"
    return f"the Kafka settings are not right: {error}"


def _read(settings: KafkaSettings, partition: TopicPartition, deadline: float) -> Published:
    end = _log_end(settings, partition)
    values: dict[str, bytes | None] = {}
    consumer = _consumer(settings, "read_committed")
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        while consumer.position(partition) < end:
            if time.monotonic() > deadline:
                raise ClaimsTopicError(
                    f"a transaction in the topic {partition.topic} stays open and hides what lies "
                    "behind it; Kafka ends it within minutes: try again then"
                )
            for record in consumer.poll(timeout_ms=500).get(partition, ()):
                values[(record.key or b"").decode("utf-8", "replace")] = record.value
    finally:
        consumer.close(autocommit=False)
    return _parsed(values)


def _parsed(values: dict[str, bytes | None]) -> Published:
    records: dict[str, ElectionPack | Claim] = {}
    unreadable: set[str] = set()
    for key, value in values.items():
        if value is None:
            continue
        model = ElectionPack if key.startswith(PACK_PREFIX) else Claim
        try:
            records[key] = model.from_json(value)
        except ValidationError:
            unreadable.add(key)
    return Published(records, frozenset(unreadable))


def _log_end(settings: KafkaSettings, partition: TopicPartition) -> int:
    """Return the real end; a reader of committed records would be told an earlier one."""
    consumer = _consumer(settings, "read_uncommitted")
    try:
        known = consumer.partitions_for_topic(partition.topic)
        if not known or len(known) > 1:
            raise ClaimsTopicError(
                f"the topic {partition.topic} has {len(known or ())} partitions and must have one: "
                "run `hustings topics apply`"
            )
        return int(consumer.end_offsets([partition])[partition])
    finally:
        consumer.close(autocommit=False)


def _consumer(settings: KafkaSettings, isolation_level: str) -> KafkaConsumer:
    return KafkaConsumer(
        **client_config(settings),
        group_id=None,
        enable_auto_commit=False,
        isolation_level=isolation_level,
        allow_auto_create_topics=False,
        bootstrap_timeout_ms=10_000,
        reconnect_backoff_max_ms=1000,
        metrics_enabled=False,
    )
