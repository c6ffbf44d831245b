"""Following a compacted topic of one partition: read whole, then for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import structlog
from aiokafka import TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiokafka import AIOKafkaConsumer
    from aiokafka.structs import ConsumerRecord

    from streams.settings import KafkaSettings
    from streams.topics import TopicSpec

log = structlog.get_logger(__name__)

_POLL_MS = 500
_RETRY_SECONDS = 2.0


class Fold(Protocol):
    """What takes the records of one reading, from its beginning."""

    def keep(self, key: bytes | None, value: bytes | None) -> None:
        """Fold one record."""
        ...

    async def complete(self) -> None:
        """Take what was folded into use: the end was reached, or something came after it."""
        ...


async def follow(
    settings: KafkaSettings,
    reader: Callable[[KafkaSettings], AIOKafkaConsumer],
    spec: TopicSpec,
    begin: Callable[[], Fold],
) -> None:
    """Follow the topic until cancelled; a lost broker is waited for, what was read serves on.

    Args:
        settings: cluster and topic prefix.
        reader: makes the group-less consumer.
        spec: the topic.
        begin: makes the fold of a reading; each starts from the topic's beginning.
    """
    while True:
        try:
            await _read(settings, reader, spec, begin())
        except asyncio.CancelledError:
            raise
        except Exception as exc:  # noqa: BLE001 - whatever it was, what was read serves on
            log.warning("topic_not_read", topic=spec.name, error=repr(exc), again_in=_RETRY_SECONDS)
            await asyncio.sleep(_RETRY_SECONDS)


async def _read(
    settings: KafkaSettings,
    reader: Callable[[KafkaSettings], AIOKafkaConsumer],
    spec: TopicSpec,
    fold: Fold,
) -> None:
    consumer = reader(settings)
    tp = TopicPartition(settings.topic(spec), 0)
    await consumer.start()
    try:
        consumer.assign([tp])
        await consumer.seek_to_beginning(tp)
        end = (await consumer.end_offsets([tp]))[tp]
        fresh = True
        while True:
            batches = await consumer.getmany(tp, timeout_ms=_POLL_MS)
            records: Sequence[ConsumerRecord] = batches.get(tp, ())
            for record in records:
                fold.keep(record.key, record.value)
            # A load of a hundred thousand claims comes in hundreds of batches: taken as one.
            ready = max(end, consumer.last_stable_offset(tp) or 0)
            if await consumer.position(tp) >= ready and (records or fresh):
                fresh = False
                await fold.complete()
    finally:
        await consumer.stop()
