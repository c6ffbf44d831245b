"""Chunked delivery: the one module that touches Faust's internals.

Faust hands its agent one event a record, at four asyncio tasks each. Here one
Faust message stands for a chunk of one partition's records: its value is the
list of raw records, its offset the last one of the chunk, so that acking the
chunk commits all of it. Conductor, stream, rebalance and flow control stay
Faust's. What this relies on is held by `tests/worker/test_faust_contract.py`.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, NoReturn

import faust
import structlog
from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver

from streams.worker.health import Progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from aiokafka.structs import ConsumerRecord
    from faust.types import TP


EXIT_TEMPFAIL = 75
"""Exit status that asks the supervisor for a restart (`EX_TEMPFAIL`)."""

MAX_CHUNK_BYTES = 4 * 1024 * 1024
"""Bounds the work of a chunk of very long posts."""

log = structlog.get_logger(__name__)
_faust_logger = logging.getLogger("faust.hustings")
"""For Faust's own words about our subclasses: kept as quiet as the rest of Faust's."""


def leave(reason: str, **fields: object) -> NoReturn:
    """Log and end the process at once, without acking or committing work in hand.

    Every orderly exit of Faust acks the chunk in flight; only `os._exit` leaves
    it to be read again.
    """
    log.critical("worker_exit", reason=reason, status=EXIT_TEMPFAIL, **fields)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(EXIT_TEMPFAIL)


class ChunkSchema(faust.Schema):
    """Pass chunks on as they are.

    Decoding happens in the pipeline, where bad records become dead letters
    instead of exceptions thrown into the stream.
    """

    def compile(self, app: faust.App, **_options: Any) -> Callable[..., Any]:
        """Return the decoder that Faust's conductor calls for each message."""

        async def decode(message: Any, *, propagate: bool = False) -> Any:
            del propagate
            return app.create_event(None, message.value, None, message)

        return decode


class _CommittedReadsThread(driver.AIOKafkaConsumerThread):
    """Reads committed records only: what an aborted transaction left is not there."""

    logger = _faust_logger

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust offers this only together with its own transactions, which lose data.
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - no public way
        return consumer


class ChunkedConsumer(driver.Consumer):
    """Delivers each partition's fetched records in chunks, one Faust message a chunk."""

    logger = _faust_logger

    def _new_consumer_thread(self) -> Any:
        return _CommittedReadsThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(  # Faust's own signature
        self,
        timeout: float,  # noqa: ASYNC109
    ) -> AsyncIterator[tuple[TP, Any]]:
        """Yield chunks of the next records, in each partition's order."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            try:
                await self.perform_seek()
            except Exception as exc:  # noqa: BLE001 - as Faust does: the next round seeks again
                log.warning("seek_failed", error=repr(exc))
            return
        for tp, offset, chunk in self._chunks(records):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                # A rebalance: what was not handed over is read again from the committed offset.
                return
            if active is None or tp in active or tp in self._buffered_partitions:
                if self._read_offset[tp] == 0:
                    # Faust takes offset 0 for "nothing read" and adds no gap behind it: after a
                    # first chunk of one record nothing would ever be committed again.
                    await self._add_gap(tp, 1, offset)
                yield tp, self._chunk_message(tp, offset, chunk)

    def _chunks(
        self, records: Mapping[TP, Sequence[ConsumerRecord]]
    ) -> list[tuple[TP, int, Sequence[ConsumerRecord]]]:
        """Return chunks round robin over the partitions, each with its last offset.

        The last chunk of a partition reaches up to the reader's position: behind
        the last record stand the markers of connectors' transactions, and a
        committed offset before them would show a lag that never goes away.
        """
        by_partition = []
        for tp, batch in records.items():
            slices = slice_chunks(batch, self.app.chunk_records)
            chunks = [(tp, chunk[-1].offset, chunk) for chunk in slices]
            position = self._position(tp)
            if chunks and position is not None and position - 1 > chunks[-1][1]:
                chunks[-1] = (tp, position - 1, chunks[-1][2])
            by_partition.append(chunks)
        for tp in self._get_active_partitions() - set(records):
            position = self._position(tp)
            read = self._read_offset[tp]
            if position is not None and position - 1 > (-1 if read is None else read):
                by_partition.append([(tp, position - 1, ())])
        return [
            chunks[turn]
            for turn in range(max(map(len, by_partition), default=0))
            for chunks in by_partition
            if turn < len(chunks)
        ]

    async def progress(self) -> dict[int, Progress]:
        """Return where each assigned partition of `posts` stands, by a real request."""
        if self._thread._consumer is None:  # noqa: SLF001 - not started yet; asking would raise
            return {}
        assigned = {tp for tp in self.assignment() if self._position(tp) is not None}
        if not assigned:
            return {}
        ends = await self.highwaters(*assigned)
        return {
            tp.partition: Progress(
                position=self._position(tp) or 0,
                committed=self._committed_offset[tp] or 0,
                end=ends[tp] or 0,
            )
            for tp in assigned
            if tp in ends
        }

    def _position(self, tp: TP) -> int | None:
        """Return where the reader stands, or None when that is not known now."""
        consumer = self._thread._consumer  # noqa: SLF001 - an int read; asking the thread costs more
        subscription = consumer._subscription.subscription if consumer else None  # noqa: SLF001
        assignment = subscription.assignment if subscription else None
        if assignment is None or not assignment.active:
            return None
        state = assignment.state_value(TopicPartition(tp.topic, tp.partition))
        if state is None or not state.has_valid_position:
            return None
        position: int = state.position
        return position

    def _chunk_message(self, tp: TP, offset: int, chunk: Sequence[ConsumerRecord]) -> Any:
        return driver.ConsumerMessage(
            tp.topic,
            tp.partition,
            offset,
            chunk[-1].timestamp / 1000.0 if chunk else 0.0,
            0,
            None,
            None,
            chunk,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        # Faust counts the message's own offset into the gap before it. The offset then
        # stands twice in the acked list, and each commit stops at the first repeat:
        # commits crawl one chunk at a time and a crash replays nearly everything.
        await super()._add_gap(tp, offset_from, offset_to - 1)


def slice_chunks(
    batch: Sequence[ConsumerRecord], max_records: int, max_bytes: int = MAX_CHUNK_BYTES
) -> list[Sequence[ConsumerRecord]]:
    """Cut one partition's records into chunks of at most so many records and bytes."""
    chunks: list[Sequence[ConsumerRecord]] = []
    for at in range(0, len(batch), max_records):
        piece = batch[at : at + max_records]
        size = sum([record.serialized_value_size for record in piece])
        if size <= max_bytes or len(piece) == 1:
            chunks.append(piece)
        else:
            half = (len(piece) + 1) // 2
            chunks.extend(slice_chunks(piece[:half], half, max_bytes))
            chunks.extend(slice_chunks(piece[half:], half, max_bytes))
    return chunks


class IdempotentProducer(driver.Producer):
    """Faust's producer with the broker dropping repeats of its own retries."""

    logger = _faust_logger

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class ChunkedTransport(driver.Transport):
    """Faust's Kafka transport with chunks and idempotent sends."""

    Consumer = ChunkedConsumer
    Producer = IdempotentProducer


class LabelApp(faust.App):
    """A Faust app that reads chunks and never acks what failed."""

    logger = _faust_logger

    chunk_records: int = 500
    before_consuming: Callable[[], Awaitable[None]] | None = None
    """Awaited before the worker joins its group; see `LabelWorker`."""

    async def on_start(self) -> None:
        """Start the app; the consumer joins the group only after `before_consuming`."""
        await super().on_start()
        if self.before_consuming is not None:
            await self.before_consuming()

    def _new_transport(self) -> Any:
        return ChunkedTransport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Any:
        return ChunkedTransport(self.conf.broker_producer, self)

    async def _on_agent_error(self, agent: Any, exc: BaseException) -> None:
        # Faust acks the chunk in flight as soon as this handler gives way, and the default
        # handler commits. So leave before the first await: the chunk is read again.
        leave("agent_error", agent=str(agent), error=repr(exc))
