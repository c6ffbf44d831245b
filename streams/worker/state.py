"""The label state of the assigned partitions: the compacted `labels` topic in memory.

Loaded whole when a partition is assigned; the agent waits for it, decides, and
writes through. There is no Faust table: their changelogs can lag behind the
committed offset.
"""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from aiokafka import TopicPartition
from pydantic import ValidationError

from streams.schema import PostLabels
from streams.topics import LABELS
from streams.worker.shelf import LabelShelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from aiokafka import AIOKafkaConsumer

    from streams.labels.latest import Latest
    from streams.labels.rulebook import Rulebook
    from streams.settings import KafkaSettings

log = structlog.get_logger(__name__)

_AT_A_TIME = 500
"""States that are parsed between two turns of the event loop, some 30 ms."""


class PartitionState:
    """What is known of one partition's posts, from an assignment to the next.

    Everything that changes it (chunks, reviews, sweeps) holds the lock from the
    decision to the last acknowledgement: else one would build on a state that
    another has replaced already, and the older one would be written last.
    """

    def __init__(self, number: int) -> None:
        """Make the state of a partition.

        Args:
            number: of the partition.
        """
        self.number = number
        self.labels = LabelShelf()
        self.lock = asyncio.Lock()
        self.latest: Latest | None = None
        """Posts that were edited or deleted a while ago; None: not read back yet."""
        self.swept: Rulebook | None = None
        """The rulebook that all labels were last seen under."""
        self.closed = False
        """Taken away: nothing but the chunk in hand may be written any more."""
        self._expiries: list[tuple[datetime, str]] = []

    def write(self, states: Mapping[str, PostLabels]) -> None:
        """Take over states that were published."""
        for state in states.values():
            self._put(state)

    def pop_expired(self, at: datetime) -> list[str]:
        """Return the posts that have had a label which expired by now, each told once."""
        posts = []
        while self._expiries and self._expiries[0][0] <= at:
            posts.append(heapq.heappop(self._expiries)[1])
        return posts

    def keep(self, key: bytes | None, value: bytes | None, timestamp: int) -> None:
        """Fold one record of the `labels` topic into the state.

        A record that is not ours to understand is reported and passed over: it
        cannot be decided upon, and refusing to start would stop all labelling.
        Older workers wrote no time of receipt; that of the record, in milliseconds,
        is the nearest to it.
        """
        if key is None:
            return
        post_id = key.decode("utf-8", "replace")
        if value is None:
            self.labels.drop(post_id)
            return
        try:
            state = PostLabels.from_json(value)
        except ValidationError as exc:
            log.error("label_state_unreadable", post_id=post_id, errors=exc.error_count())  # noqa: TRY400 - the key and the count say it
            return
        if state.post_received_at is None:
            received = datetime.fromtimestamp(max(timestamp, 0) / 1000, UTC)
            state = state.model_copy(update={"post_received_at": received})
        self._put(state)

    def _put(self, state: PostLabels) -> None:
        self.labels.put(state)
        for label in state.labels:
            if label.expires_at is not None:
                heapq.heappush(self._expiries, (label.expires_at, state.post_id))


class LabelState:
    """Label states by partition number, each ready only when it is complete."""

    def __init__(
        self,
        settings: KafkaSettings,
        reader: Callable[[KafkaSettings], AIOKafkaConsumer],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        """Make an empty state.

        Args:
            settings: cluster and topic prefix.
            reader: makes the group-less consumer that a load uses.
            on_failure: called when a load failed for good; must not return
                to a state in which the agent would wait for ever.
        """
        self._settings = settings
        self._reader = reader
        self._on_failure = on_failure
        self._loads: dict[int, asyncio.Task[PartitionState]] = {}
        self.assigned = False
        """Whether the group has given this worker its share, if it is none."""

    def assign(self, partitions: Iterable[int]) -> None:
        """Load the states of exactly these partitions, from the beginning.

        Kept partitions are loaded anew as well: while this worker was out of the
        group another one may have written to them.
        """
        self.assigned = True
        for task in self._loads.values():
            task.cancel()
        for part in self.loaded:
            part.closed = True
        self._loads = {}
        wanted = sorted(set(partitions))
        for partition in wanted:
            task = asyncio.create_task(self._load(partition), name=f"load-labels-{partition}")
            task.add_done_callback(self._loaded)
            self._loads[partition] = task

    async def revoke(self) -> None:
        """Close all partitions and wait until nothing is being written to them.

        The group waits for it: the next owner must not load a state while reviews
        or a sweep of ours still write to it.
        """
        partitions = self.loaded
        for partition in partitions:
            partition.closed = True
        for partition in partitions:
            async with partition.lock:
                pass

    @property
    def loaded(self) -> list[PartitionState]:
        """The assigned partitions whose state is complete."""
        return [
            task.result()
            for task in self._loads.values()
            if task.done() and not task.cancelled() and task.exception() is None
        ]

    async def of(self, partition: int) -> PartitionState | None:
        """Return a partition's state when it is complete; None when it is not ours."""
        load = self._loads.get(partition)
        if load is None:
            return None
        try:
            # Shielded: cancelling one waiting chunk must not cancel the load itself.
            return await asyncio.shield(load)
        except asyncio.CancelledError:
            if load.cancelled():
                return None
            raise

    @property
    def ready(self) -> bool:
        """Whether every assigned partition is loaded."""
        return all(task.done() and not task.cancelled() for task in self._loads.values())

    @property
    def posts(self) -> int:
        """How many posts are in memory, of the partitions that are loaded."""
        return sum(len(partition.labels) for partition in self.loaded)

    def _loaded(self, task: asyncio.Task[PartitionState]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._on_failure(failure)

    async def _load(self, partition: int) -> PartitionState:
        consumer = self._reader(self._settings)
        tp = TopicPartition(self._settings.topic(LABELS), partition)
        part = PartitionState(partition)
        await consumer.start()
        try:
            consumer.assign([tp])
            await consumer.seek_to_beginning(tp)
            end = (await consumer.end_offsets([tp]))[tp]
            while await consumer.position(tp) < end:
                batches = await consumer.getmany(tp, timeout_ms=1000, max_records=_AT_A_TIME)
                # What is fetched already comes without a turn of the event loop.
                await asyncio.sleep(0)
                for record in batches.get(tp, ()):
                    part.keep(record.key, record.value, record.timestamp)
        finally:
            await consumer.stop()
        log.info("labels_loaded", partition=partition, posts=len(part.labels))
        return part
