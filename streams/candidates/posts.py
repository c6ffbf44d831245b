"""Examples' posts, looked up in the topic `posts`: candidates hold no text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from kafka import TopicPartition
from kafka.partitioner.default import murmur2
from pydantic import ValidationError

from streams.candidates.topic import MOST_POLLED, partitions_of
from streams.kafka_log import open_consumer
from streams.schema import Post
from streams.topics import POSTS

if TYPE_CHECKING:
    from streams.schema import Example
    from streams.settings import KafkaSettings

_SECONDS: Final = 3.0


class PostFinder:
    """Finds versions of posts while they are kept; use as a context manager."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._reader = open_consumer(settings, max_poll_records=MOST_POLLED)
        self._partitions = partitions_of(self._reader, settings, POSTS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._reader.close(autocommit=False)

    def find(self, example: Example) -> Post | None:
        """Return the version that was observed, None when it is no longer kept.

        Posts carry their receipt as the record's time, so a seek lands next to it.
        """
        key = example.post_id.encode()
        number = (murmur2(key) & 0x7FFF_FFFF) % len(self._partitions)
        partition = TopicPartition(self._partitions[0].topic, number)
        when = int(example.received_at.timestamp() * 1000)
        found = self._reader.offsets_for_times({partition: when}).get(partition)
        if found is None:
            return None
        self._reader.assign([partition])
        self._reader.seek(partition, found.offset)
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            for record in self._reader.poll(timeout_ms=200).get(partition, ()):
                if record.timestamp > when + 1:
                    return None
                if record.key == key and (post := _post(record.value)) is not None:
                    return post
        return None


def _post(value: bytes | None) -> Post | None:
    try:
        return Post.from_json(value or b"")
    except ValidationError:
        return None
