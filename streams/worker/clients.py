"""aiokafka clients of a worker besides Faust's own: group-less readers of compacted topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer

from streams.kafka_client import client_config

if TYPE_CHECKING:
    from streams.settings import KafkaSettings


def reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """Return an unstarted consumer without a group that reads committed records."""
    return AIOKafkaConsumer(
        **client_config(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 * 1024 * 1024,
        fetch_max_wait_ms=250,
    )
