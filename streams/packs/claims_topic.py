"""The `claims` topic, read whole: what is published now."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kafka import TopicPartition
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MetadataEmptyBrokerList,
)
from pydantic import ValidationError

from streams.kafka_log import READ_SECONDS, OpenTransactionError, read_whole
from streams.packs.errors import ClaimsTopicError
from streams.schema import Claim, ElectionPack
from streams.topics import CLAIMS

if TYPE_CHECKING:
    from kafka import KafkaConsumer

    from streams.packs.errors import TopicError
    from streams.settings import KafkaSettings

PACK_PREFIX: Final = "pack:"
"""Keys of packs begin with it; claim ids cannot hold a colon."""

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
    values: dict[str, bytes | None] = {}
    try:
        for record in read_whole(
            settings,
            lambda reader: [only_partition(reader, partition.topic, ClaimsTopicError)],
            deadline=deadline,
        ):
            values[(record.key or b"").decode("utf-8", "replace")] = record.value
    except OpenTransactionError as error:
        raise ClaimsTopicError(
            f"a transaction in the topic {partition.topic} stays open and hides what lies "
            "behind it; Kafka ends it within minutes: try again then"
        ) from error
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


def only_partition(reader: KafkaConsumer, topic: str, error: type[TopicError]) -> TopicPartition:
    """Return the only partition of a topic.

    Raises:
        TopicError: of the type given; it has none or several.
    """
    known = reader.partitions_for_topic(topic)
    if not known or len(known) > 1:
        raise error(
            f"the topic {topic} has {len(known or ())} partitions and must have one: "
            "run `hustings topics apply`"
        )
    return TopicPartition(topic, 0)
