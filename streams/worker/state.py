"""The label state of the assigned partitions: the compacted `labels` topic in memory.

Loaded whole when a partition is assigned; the agent waits for it, decides, and
writes through. There is no Faust table: their changelogs can lag behind the
committed offset.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from aiokafka import TopicPartition
from pydantic import ValidationError

from streams.schema import PostLabels
from streams.topics import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka import AIOKafkaConsumer

    from streams.settings import KafkaSettings

log = structlog.get_logger(__name__)

PartitionLabels = dict[str, PostLabels]
"""post_id → current labels, of every post of one partition that ever had one."""


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
        self._loads: dict[int, asyncio.Task[PartitionLabels]] = {}
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
        self._loads = {}
        wanted = sorted(set(partitions))
        for partition in wanted:
            task = asyncio.create_task(self._load(partition), name=f"load-labels-{partition}")
            task.add_done_callback(self._loaded)
            self._loads[partition] = task

    async def of(self, partition: int) -> PartitionLabels | None:
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
        return sum(
            len(task.result())
            for task in self._loads.values()
            if task.done() and not task.cancelled() and task.exception() is None
        )

    def _loaded(self, task: asyncio.Task[PartitionLabels]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._on_failure(failure)

    async def _load(self, partition: int) -> PartitionLabels:
        consumer = self._reader(self._settings)
        tp = TopicPartition(self._settings.topic(LABELS), partition)
        labels: PartitionLabels = {}
        await consumer.start()
        try:
            consumer.assign([tp])
            await consumer.seek_to_beginning(tp)
            end = (await consumer.end_offsets([tp]))[tp]
            while await consumer.position(tp) < end:
                batches = await consumer.getmany(tp, timeout_ms=1000)
                for record in batches.get(tp, ()):
                    keep(labels, record.key, record.value)
        finally:
            await consumer.stop()
        log.info("labels_loaded", partition=partition, posts=len(labels))
        return labels


def keep(labels: PartitionLabels, key: bytes | None, value: bytes | None) -> None:
    """Fold one record of the `labels` topic into the state.

    A record that is not ours to understand is reported and passed over: it
    cannot be decided upon, and refusing to start would stop all labelling.
    """
    if key is None:
        return
    post_id = key.decode("utf-8", "replace")
    if value is None:
        labels.pop(post_id, None)
        return
    try:
        labels[post_id] = PostLabels.from_json(value)
    except ValidationError as exc:
        log.error("label_state_unreadable", post_id=post_id, errors=exc.error_count())  # noqa: TRY400 - the key and the count say it
