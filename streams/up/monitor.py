"""Reading the topics for the view: events, dead letters, cursors and the group's lag."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from pydantic import ValidationError

from streams.kafka_client import client_config
from streams.schema import Cursor, DeadLetter, LabelEvent, Post
from streams.topics import CURSORS, DEAD_LETTERS, LABEL_EVENTS, POSTS

if TYPE_CHECKING:
    from streams.settings import KafkaSettings
    from streams.up.tally import SeenEvent, Tally

_LAG_EVERY_SECONDS = 0.5
_FIND_SECONDS = 2.0


class Monitor:
    """Follows one run; every call does a bounded piece of work in the caller's thread."""

    def __init__(self, settings: KafkaSettings, connector_id: str, tally: Tally) -> None:
        """Connect; reads from the beginning of the topics.

        Args:
            settings: cluster and topic prefix.
            connector_id: whose cursor tells the posts.
            tally: what is filled.
        """
        self._settings = settings
        self._key = connector_id.encode()
        self._tally = tally
        self._group = f"{settings.topic_prefix}hustings-label"
        self._topics = {settings.topic(t): t for t in (LABEL_EVENTS, DEAD_LETTERS, CURSORS)}
        self._consumer = self._new_consumer()
        self._consumer.assign(
            [
                TopicPartition(topic, partition)
                for topic in self._topics
                for partition in sorted(self._consumer.partitions_for_topic(topic) or ())
            ]
        )
        self._consumer.seek_to_beginning()
        self._posts_reader = self._new_consumer()
        posts = settings.topic(POSTS)
        self._posts = [
            TopicPartition(posts, partition)
            for partition in sorted(self._posts_reader.partitions_for_topic(posts) or ())
        ]
        self._admin = KafkaAdminClient(**client_config(settings))
        self._lag_due = 0.0

    def poll(self, seconds: float) -> list[SeenEvent]:
        """Read for at most so long; return the new label events."""
        fresh = []
        for tp, records in self._consumer.poll(timeout_ms=int(seconds * 1000)).items():
            spec = self._topics[tp.topic]
            for record in records:
                if record.value is None:
                    continue
                if spec is LABEL_EVENTS:
                    seen = self._tally.on_event(
                        LabelEvent.from_json(record.value),
                        record.timestamp / 1000,
                        record.partition,
                    )
                    if seen is not None:
                        fresh.append(seen)
                elif spec is DEAD_LETTERS:
                    self._tally.on_dead_letter(DeadLetter.from_json(record.value))
                elif record.key == self._key:
                    self._tally.on_cursor(Cursor.from_json(record.value), time.time())
        if time.monotonic() >= self._lag_due:
            if (lag := self._lag()) is not None:
                self._tally.on_lag(lag, time.time())
            self._lag_due = time.monotonic() + _LAG_EVERY_SECONDS
        return fresh

    def find_post(self, seen: SeenEvent) -> Post | None:
        """Return the version of the post that an event speaks about, while it is kept.

        Posts carry their receipt as the record's time, so a seek lands next to it.
        """
        event = seen.event
        partition = TopicPartition(self._settings.topic(POSTS), seen.partition)
        when = int(event.post_received_at.timestamp() * 1000)
        found = self._posts_reader.offsets_for_times({partition: when}).get(partition)
        if found is None:
            return None
        self._posts_reader.assign([partition])
        self._posts_reader.seek(partition, found.offset)
        deadline = time.monotonic() + _FIND_SECONDS
        key = event.post_id.encode()
        while time.monotonic() < deadline:
            for records in self._posts_reader.poll(timeout_ms=100, max_records=500).values():
                for record in records:
                    if record.timestamp > when + 1:
                        return None
                    if record.key == key and (post := _post(record.value)) is not None:
                        return post
        return None

    def settle(self) -> None:
        """Read until nothing new has come for a moment: the last events before a summary."""
        while self.poll(0.5):
            pass

    def close(self) -> None:
        """Let go of the connections."""
        self._consumer.close(autocommit=False)
        self._posts_reader.close(autocommit=False)
        self._admin.close()

    def _new_consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            **client_config(self._settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )

    def _lag(self) -> int | None:
        """Return the records behind the group's commits; None while that is not known."""
        try:
            committed = self._admin.list_group_offsets(self._group)[self._group]
        except KafkaError:  # the coordinator is found only some time after the first commit
            return None
        starts = self._posts_reader.beginning_offsets(self._posts)
        ends = self._posts_reader.end_offsets(self._posts)
        lag = 0
        for tp in self._posts:
            known = committed.get(tp)
            done = known.offset if known is not None and known.offset >= 0 else starts[tp]
            lag += max(ends[tp] - done, 0)
        return lag


def _post(value: bytes | None) -> Post | None:
    try:
        return Post.from_json(value or b"")
    except ValidationError:
        return None
