"""What was edited or deleted just before the first chunk after an assignment.

The memory of such posts is not published anywhere; the `posts` topic itself
holds it, and is read back for the window that the memory spans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from aiokafka import TopicPartition

from streams.labels.latest import WINDOW_SECONDS, Latest
from streams.topics import POSTS
from streams.worker.pipeline import BadPostError, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiokafka import AIOKafkaConsumer

    from streams.settings import KafkaSettings
    from streams.worker.pipeline import Record

log = structlog.get_logger(__name__)

_CHANGES = (b'"update"', b'"delete"')
"""One of them stands in every edit and deletion; the rest is not decoded."""


async def look_back(
    settings: KafkaSettings,
    reader: Callable[[KafkaSettings], AIOKafkaConsumer],
    first: Record,
) -> Latest:
    """Return the memory as it was before a record, from the topic.

    Args:
        settings: cluster and topic prefix.
        reader: makes the group-less consumer.
        first: the first record that is handed over; what lies before it was handled.
    """
    latest = Latest()
    consumer = reader(settings)
    tp = TopicPartition(settings.topic(POSTS), first.partition)
    read = 0
    await consumer.start()
    try:
        consumer.assign([tp])
        since = max(first.timestamp - WINDOW_SECONDS * 1000, 0)
        found = (await consumer.offsets_for_times({tp: since}))[tp]
        if found is None or found.offset >= first.offset:
            return latest
        consumer.seek(tp, found.offset)
        while await consumer.position(tp) < first.offset:
            batches = await consumer.getmany(tp, timeout_ms=1000)
            records = batches.get(tp, ())
            read += len(records)
            _note([one for one in records if one.offset < first.offset], latest)
    finally:
        await consumer.stop()
    log.info("posts_looked_back", partition=first.partition, posts=read, kept=len(latest))
    return latest


def _note(records: Sequence[Record], latest: Latest) -> None:
    for record in records:
        value = record.value or b""
        if not any(change in value for change in _CHANGES):
            continue
        try:
            post = decode(record)
        except BadPostError:
            continue  # a dead letter by now
        latest.note(post, record.timestamp)
