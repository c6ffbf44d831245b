"""Connectors into a real Kafka: exactly once through kills, fencing and outages."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from connectors.cursors import read_cursor
from connectors.errors import Fatal, Fenced, Unavailable
from connectors.metrics import ConnectorMetrics
from connectors.producer import TransactionalProducer, producer_config
from connectors.records import Encoder
from connectors.replay import ReplaySource
from connectors.runner import run
from connectors.source import Batch
from streams.broker.admin import apply_topics
from streams.broker.embedded import EmbeddedKafka
from streams.schema import Cursor, Post
from streams.settings import KafkaSettings, Settings
from streams.topics import CURSORS, DEAD_LETTERS, POSTS
from tests.builders import RECEIVED, post

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(kafka_settings):
    apply_topics(kafka_settings)
    return Settings(kafka=kafka_settings)


def committed(settings, spec):
    """All committed records of a topic, by partition, in order."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap_servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
    )
    topic = settings.kafka.topic(spec)
    partitions = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    records = []
    deadline = time.monotonic() + 60
    while any(consumer.position(one) < ends[one] for one in partitions):
        assert time.monotonic() < deadline, "the topic's end was not reached"
        for found in consumer.poll(timeout_ms=200).values():
            records += found
    consumer.close()
    return records


def write_posts(path, count, *, keys):
    lines = [
        json.dumps({"id": f"p{number % keys}", "text": f"post {number}"}) for number in range(count)
    ]
    path.write_text("\n".join(lines) + "\n")
    return lines


def texts_by_key(values):
    by_key = defaultdict(list)
    for key, text in values:
        by_key[key].append(text)
    return by_key


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def started():
    """End what a failed test left running, and show what it said last."""
    STARTED.clear()
    yield
    for process in STARTED:
        if process.poll() is None:
            process.kill()
            sys.stderr.write(process.communicate(timeout=30)[1][-8000:])
        for pipe in (process.stdout, process.stderr):
            pipe.close()


def ingest(settings, path, *options, batch_records=100):
    environment = {
        **os.environ,
        "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "HUSTINGS_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "HUSTINGS_CONNECTOR__BATCH_RECORDS": str(batch_records),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "streams.cli", "ingest", str(path), "--json", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    STARTED.append(process)
    return process


def await_open(process):
    assert process.stderr is not None
    for line in process.stderr:
        if "connector.open" in line:
            return
    pytest.fail(f"the connector ended with status {process.wait()}")


def replay(settings, path, *, connector_id="test", **options):
    return run(
        ReplaySource(str(path), connector_id=connector_id),
        settings,
        metrics=ConnectorMetrics("replay"),
        stop=threading.Event(),
        **options,
    )


def test_posts_arrive_once_and_in_order_through_kills(settings, tmp_path):
    path = tmp_path / "posts.ndjson"
    lines = write_posts(path, 5000, keys=700)
    bad = [1000, 3333, 4444]
    for number in bad:
        lines[number] = "{broken"
    path.write_text("\n".join(lines) + "\n")
    chance = random.Random(4)  # noqa: S311 - moments of kills, the same in each run

    kills = 0
    while kills < 5:
        process = ingest(settings, path, "--rate", "900")
        # Past start and fencing, so that most kills hit a run that writes.
        with process:
            await_open(process)
            time.sleep(chance.uniform(0.0, 0.8))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            else:
                assert process.returncode == 0
                break
    process = ingest(settings, path)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    summary = json.loads(out)

    records = committed(settings, POSTS)
    posts = [Post.from_json(record.value) for record in records]
    wanted = [json.loads(line) for number, line in enumerate(lines) if number not in bad]
    assert kills >= 3
    assert texts_by_key((post.post_id, post.text) for post in posts) == texts_by_key(
        (one["id"], one["text"]) for one in wanted
    )
    versions = texts_by_key((post.post_id, post.version) for post in posts)
    assert all(of_key == sorted(set(of_key)) for of_key in versions.values())
    letters = committed(settings, DEAD_LETTERS)
    assert len(letters) == len(bad)
    assert summary["total_posts"] == len(wanted)
    assert summary["total_dead_letters"] == len(bad)
    last = Cursor.from_json(committed(settings, CURSORS)[-1].value)
    assert (last.posts, last.dead_letters, last.finished) == (len(wanted), len(bad), True)
    assert last.position["line"] == len(lines)


def test_records_carry_key_headers_and_time_of_receipt(settings, tmp_path):
    path = tmp_path / "posts.ndjson"
    path.write_text('{"id":"ä","text":"Wahl","created_at":"2011-01-01T00:00:00Z"}\n')

    replay(settings, path)

    (record,) = committed(settings, POSTS)
    sent = Post.from_json(record.value)
    assert record.key == "ä".encode()
    assert abs(record.timestamp / 1000 - sent.received_at.timestamp()) < 0.002
    assert record.timestamp / 1000 > time.time() - 300
    assert dict(record.headers)["ce_dataschema"] == b"urn:hustings:schema:post:1"


def test_a_finished_replay_writes_nothing_the_second_time(settings, tmp_path):
    path = tmp_path / "posts.ndjson"
    write_posts(path, 50, keys=50)
    assert replay(settings, path).posts == 50
    before = len(committed(settings, CURSORS))

    again = replay(settings, path)

    assert (again.posts, again.total_posts, again.finished) == (0, 50, True)
    assert len(committed(settings, POSTS)) == 50
    assert len(committed(settings, CURSORS)) == before


def test_lines_added_later_are_read_by_the_next_run(settings, tmp_path):
    path = tmp_path / "posts.ndjson"
    write_posts(path, 5, keys=5)
    replay(settings, path)
    with path.open("a") as file:
        file.write('{"id":"new","text":"one more"}\n')

    assert replay(settings, path).posts == 1
    assert len(committed(settings, POSTS)) == 6


def cursor(connector_id="test", posts=1, **fields):
    return Cursor(
        connector_id=connector_id,
        position={"line": posts},
        posts=posts,
        dead_letters=0,
        updated_at=RECEIVED,
        **fields,
    )


def test_a_successor_shuts_out_its_predecessor(settings):
    first = TransactionalProducer(settings, "test", "replay")
    second = TransactionalProducer(settings, "test", "replay")
    try:
        first.init()
        first.write(Batch({"line": 1}, (post("a"),)), cursor())
        second.init()
        with pytest.raises(Fenced, match="another process runs the connector test"):
            first.write(Batch({"line": 2}, (post("b"),)), cursor(posts=2))
        second.write(Batch({"line": 2}, (post("c"),)), cursor(posts=2))
    finally:
        first.close()
        second.close()
    assert [record.key for record in committed(settings, POSTS)].count(b"b") == 0
    assert sorted(record.key for record in committed(settings, POSTS)) == [b"a", b"c"]


def test_the_fenced_process_leaves_with_status_76(settings, tmp_path):
    path = tmp_path / "posts.ndjson"
    write_posts(path, 5000, keys=10)
    process = ingest(settings, path, "--rate", "50", "--connector-id", "twice")
    await_open(process)
    usurper = TransactionalProducer(settings, "twice", "replay")
    usurper.init()
    usurper.close()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 76
    assert "another process runs the connector twice" in err


def test_sigterm_stops_in_seconds_after_a_whole_transaction(settings, tmp_path):
    path = tmp_path / "posts.ndjson"
    write_posts(path, 5000, keys=10)
    process = ingest(settings, path, "--rate", "200", "--connector-id", "stopped")
    await_open(process)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert time.monotonic() - began < 10
    summary = json.loads(out)
    assert summary["finished"] is False
    assert summary["posts"] == len(committed(settings, POSTS)) > 0


def test_a_cursor_behind_another_connectors_open_transaction_is_found(settings):
    other = KafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap_servers, **producer_config("", "other")
    )
    ours = TransactionalProducer(settings, "test", "replay")
    other.init_transactions()
    ours.init()
    ours.write(Batch({"line": 1}, (post("a"),)), cursor(posts=1))
    other.begin_transaction()
    record = Encoder("other").cursor(cursor("other"))
    other.send(settings.kafka.topic(CURSORS), value=record.value, key=record.key).get(timeout=10)
    ours.write(Batch({"line": 2}, (post("b"),)), cursor(posts=2))
    ours.close()

    with pytest.raises(Unavailable, match="stays open"):
        read_cursor(settings, "test", give_up_seconds=1.5)
    ending = threading.Timer(1.0, other.abort_transaction)
    ending.start()
    found = read_cursor(settings, "test", give_up_seconds=60)
    ending.join()
    other.close(timeout=5)

    assert found is not None
    assert found.posts == 2
    assert read_cursor(settings, "other") is None


def test_missing_topics_are_named_with_the_remedy(kafka_settings, tmp_path):
    path = tmp_path / "posts.ndjson"
    write_posts(path, 1, keys=1)
    with pytest.raises(Fatal, match=r"\.posts.*hustings topics apply"):
        replay(Settings(kafka=kafka_settings), path)


@pytest.mark.slow
def test_a_killed_broker_loses_and_doubles_nothing(tmp_path):
    path = tmp_path / "posts.ndjson"
    lines = [json.loads(line) for line in write_posts(path, 6000, keys=50)]
    with EmbeddedKafka(tmp_path / "kafka") as kafka:
        settings = Settings(
            kafka=KafkaSettings(bootstrap_servers=kafka.bootstrap_servers, partitions=4)
        )
        apply_topics(settings.kafka)
        process = ingest(settings, path, "--rate", "1000")
        await_open(process)
        time.sleep(1)
        kafka.kill()
        time.sleep(3)
        kafka.restart()
        out, err = process.communicate(timeout=170)
        assert process.returncode == 0, err
        sent = [Post.from_json(record.value) for record in committed(settings, POSTS)]
    assert texts_by_key((one.post_id, one.text) for one in sent) == texts_by_key(
        (one["id"], one["text"]) for one in lines
    )
    assert json.loads(out)["total_posts"] == len(lines)
