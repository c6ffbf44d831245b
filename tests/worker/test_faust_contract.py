"""What we rely on in Faust, so that an upgrade cannot take it away silently.

In process and without a broker: Faust's real consumer, conductor and streams.
"""

import asyncio
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest
from faust.types import TP

from streams.settings import Settings
from streams.worker.app import build_app
from streams.worker.chunks import ChunkedConsumer, ChunkSchema
from streams.worker.codecs import missing_codecs

POSTS = TP("posts", 0)


@pytest.fixture
async def app(tmp_path):
    app = build_app(Settings(data_dir=tmp_path))
    app.finalize()
    app.topics._acking_topics.add("posts")
    app.consumer_generation_id = 1
    made, make = [], app._new_consumer

    def make_and_note():
        made.append(make())
        return made[-1]

    app._new_consumer = make_and_note
    yield app
    for consumer in made:
        consumer._thread.thread_loop.close()


def message(app, consumer, last, *, value=()):
    return consumer._chunk_message(POSTS, last, [record(offset=last)] if value == () else value)


def record(offset=0, value=b"{}"):
    return SimpleNamespace(
        topic="posts",
        partition=0,
        offset=offset,
        timestamp=0,
        key=b"k",
        value=value,
        headers=(),
        serialized_value_size=len(value),
    )


async def deliver(consumer, lasts):
    """Do what Faust's drain loop does with the offsets of chunks read one after another."""
    messages = []
    for last in lasts:
        read = consumer._read_offset[POSTS]
        if read and last - read > 1:
            await consumer._add_gap(POSTS, read + 1, last)
        consumer._read_offset[POSTS] = last
        one = message(consumer.app, consumer, last)
        one.incref(1)
        messages.append(one)
    return messages


def commit(consumer):
    offset = consumer._new_offset(POSTS)
    if offset is not None and consumer._should_commit(POSTS, offset):
        consumer._committed_offset[POSTS] = offset
    return consumer._committed_offset[POSTS]


@pytest.mark.parametrize("start", [None, 0, 100])
async def test_an_acked_chunk_commits_its_records_and_no_more(app, start):
    consumer = app._new_consumer()
    assert isinstance(consumer, ChunkedConsumer)
    consumer._committed_offset[POSTS] = start
    consumer._read_offset[POSTS] = start or None
    first = start or 0
    chunks = await deliver(consumer, [first + 5 * k + 4 for k in range(4)])
    for number, chunk in enumerate(chunks):
        chunk.ack(consumer)
        assert commit(consumer) == first + 5 * (number + 1)


async def test_two_hundred_chunks_acked_in_order_are_committed_at_once(app):
    consumer = app._new_consumer()
    consumer._committed_offset[POSTS] = 0
    chunks = await deliver(consumer, [500 * k + 499 for k in range(200)])
    for chunk in chunks:
        chunk.ack(consumer)
    assert commit(consumer) == 100_000


async def test_nothing_behind_an_unacked_chunk_is_committed(app):
    consumer = app._new_consumer()
    consumer._committed_offset[POSTS] = 100
    consumer._read_offset[POSTS] = 100
    chunks = await deliver(consumer, [104, 109, 114])
    chunks[0].ack(consumer)
    assert commit(consumer) == 105


@pytest.mark.parametrize("sizes", [(1, 40), (1, 1, 40), (1, 2, 3), (2, 40), (40, 1)])
async def test_everything_is_committed_however_small_the_first_chunk(app, monkeypatch, sizes):
    consumer = app._new_consumer()
    consumer.flow_active = True
    monkeypatch.setattr(consumer, "_get_active_partitions", lambda: {POSTS})
    monkeypatch.setattr(consumer, "_position", lambda _tp: None)
    end = 0
    for size in sizes:
        fetched = {POSTS: [record(offset=end + number) for number in range(size)]}
        end += size

        async def next_records(_timeout, fetched=fetched):
            return fetched, None

        monkeypatch.setattr(consumer, "_wait_next_records", next_records)
        async for _tp, chunk in consumer.getmany(1.0):
            (one,) = await deliver(consumer, [chunk.offset])
            one.ack(consumer)
        assert commit(consumer) == end


async def test_the_whole_assignment_reads_committed_records_only(app):
    consumer = app._new_consumer()
    made = consumer._thread._create_worker_consumer(consumer.transport)
    made._closed = True  # never started: nothing is open
    assert made._isolation_level == "read_committed"


async def test_the_producer_is_idempotent_and_waits_for_all_replicas(app):
    settings = app.producer._settings_extra()
    assert settings["enable_idempotence"] is True
    assert settings["acks"] == "all"


async def test_the_fast_path_of_the_stream_is_compiled_in(app):
    from faust import streams as faust_streams  # noqa: PLC0415 - looks at the loaded module

    assert faust_streams._CStreamIterator is not None
    assert app.conf.cython_optimizations is True


def test_every_codec_of_kafka_can_be_read():
    assert missing_codecs() == []


async def test_a_chunk_reaches_the_agent_as_it_is_and_is_acked_after_its_body(app):
    seen, gate = [], asyncio.Event()
    topic = app.topic("posts", schema=ChunkSchema())

    @app.agent(topic)
    async def body(stream):
        async for chunk in stream:
            seen.append(chunk)
            await gate.wait()

    consumer = app.consumer
    app.flow_control.resume()
    consumer._committed_offset[POSTS] = 0
    await body.start()
    await app.topics.on_partitions_assigned({POSTS})
    records = [record(offset=k) for k in range(3)]
    await app.topics.on_message(consumer._chunk_message(POSTS, 2, records))
    await asyncio.sleep(0.1)
    assert seen == [records]
    assert not consumer._acked[POSTS]
    gate.set()
    await asyncio.sleep(0.1)
    assert consumer._acked[POSTS] == [2]
    await body.stop()


CRASH = """
import asyncio, sys
from pathlib import Path
from types import SimpleNamespace
from faust.types import TP
from streams.settings import Settings
from streams.worker.app import build_app
from streams.worker.chunks import ChunkSchema

POSTS = TP("posts", 0)

async def main():
    app = build_app(Settings(data_dir=Path(sys.argv[1])))
    app.finalize()

    @app.agent(app.topic("posts", schema=ChunkSchema()))
    async def body(stream):
        async for chunk in stream:
            {fault}

    consumer = app.consumer
    consumer.ack = lambda message: print("ACKED", message.offset, flush=True)
    app.topics._acking_topics.add("posts")
    app.consumer_generation_id = 1
    app.flow_control.resume()
    consumer._committed_offset[POSTS] = 0
    await body.start()
    await app.topics.on_partitions_assigned({{POSTS}})
    record = SimpleNamespace(offset=4, value=b"x", timestamp=0)
    await app.topics.on_message(consumer._chunk_message(POSTS, 4, [record]))
    await asyncio.sleep(5)
    print("STILL RUNNING", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("fault", ["raise ValueError('boom')", "raise KeyError(chunk[0].offset)"])
def test_an_exception_that_leaves_the_agent_ends_the_process_before_the_ack(fault, tmp_path):
    program = textwrap.dedent(CRASH).format(fault=fault)
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 75, ended.stderr[-2000:]
    assert "ACKED" not in ended.stdout
    assert "agent_error" in ended.stdout + ended.stderr


async def test_faust_acks_what_is_cancelled_so_nothing_may_cancel_the_agent(app):
    """The reason for `leave`: if this ever fails, orderly exits have become safe."""
    topic = app.topic("posts", schema=ChunkSchema())

    @app.agent(topic)
    async def body(stream):
        async for _chunk in stream:
            await asyncio.sleep(3600)

    consumer = app.consumer
    app.flow_control.resume()
    consumer._committed_offset[POSTS] = 0
    await body.start()
    await app.topics.on_partitions_assigned({POSTS})
    await app.topics.on_message(consumer._chunk_message(POSTS, 9, [record(offset=9)]))
    await asyncio.sleep(0.1)
    await body.stop()
    await asyncio.sleep(0.1)
    assert consumer._acked[POSTS] == [9]


async def test_chunks_go_round_robin_and_end_at_the_readers_position(app):
    consumer = app._new_consumer()
    other = TP("posts", 1)
    consumer.app.chunk_records = 2
    positions = {POSTS: 6, other: 4}
    consumer._position = positions.get
    consumer._set_active_tps({POSTS, other})
    batches = {
        POSTS: [record(offset=k) for k in range(5)],
        other: [record(offset=k) for k in range(3)],
    }
    chunks = [(tp.partition, offset, len(c)) for tp, offset, c in consumer._chunks(batches)]
    assert chunks == [(0, 1, 2), (1, 1, 2), (0, 3, 2), (1, 3, 1), (0, 5, 1)]


async def test_markers_without_records_are_passed_over_in_an_empty_chunk(app):
    consumer = app._new_consumer()
    consumer._position = {POSTS: 8}.get
    consumer._set_active_tps({POSTS})
    consumer._read_offset[POSTS] = 6
    assert [(o, c) for _tp, o, c in consumer._chunks({})] == [(7, ())]
    consumer._read_offset[POSTS] = 7
    assert consumer._chunks({}) == []
