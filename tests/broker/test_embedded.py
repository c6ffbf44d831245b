"""The real server as our child: keeps its records, says why it cannot, never stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams.broker import embedded
from streams.broker.admin import apply_topics, list_topics
from streams.broker.embedded import EmbeddedKafka
from streams.broker.errors import FolderBusy, NotEnoughMemory, OtherCluster, PortTaken
from streams.broker.probe import brokers_known, free_ports
from streams.settings import KafkaSettings
from streams.topics import CLAIMS

pytestmark = pytest.mark.kafka

PATIENCE_SECONDS = 60.0


def until(holds):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def port_of(kafka, node=0):
    return int(kafka.bootstrap_servers.split(",")[node].rpartition(":")[2])


def write(kafka, values, *, transactional_id=None):
    producer = KafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers,
        acks="all",
        transactional_id=transactional_id,
        # Its default of 30 s outlasts the restarts here.
        reconnect_backoff_max_ms=500,
    )
    if transactional_id:
        producer.init_transactions()
        producer.begin_transaction()
    for value in values:
        producer.send(CLAIMS.name, key=b"k", value=value)
    if transactional_id:
        producer.commit_transaction()
    producer.flush()
    producer.close()


def read(kafka):
    consumer = KafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers,
        isolation_level="read_committed",
        reconnect_backoff_max_ms=500,
    )
    partition = TopicPartition(CLAIMS.name, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    values = []
    while consumer.position(partition) < end:
        for records in consumer.poll(timeout_ms=500).values():
            values += [record.value for record in records]
    consumer.close()
    return values


def settings_of(kafka, **changes):
    return KafkaSettings(bootstrap_servers=kafka.bootstrap_servers, partitions=2, **changes)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Start a Kafka that these tests may kill, in a folder whose name tries every reader."""
    folder = tmp_path_factory.mktemp("wahl ünït, 50%:") / "data,дом"
    with EmbeddedKafka(folder) as kafka:
        apply_topics(settings_of(kafka))
        yield kafka


def test_transactions_and_records_outlive_a_crash_on_the_same_port(own):
    address = own.bootstrap_servers
    write(own, [b"one"], transactional_id="t")

    own.kill()
    own.restart()

    assert own.bootstrap_servers == address
    write(own, [b"two"], transactional_id="t")
    assert read(own)[-2:] == [b"one", b"two"]


def test_a_frozen_server_is_silent_until_it_goes_on(own):
    own.pause()
    try:
        assert brokers_known(port_of(own)) == set()
    finally:
        own.resume()
    until(lambda: brokers_known(port_of(own)) == {1})


def test_a_death_is_noticed_and_told_with_the_log(own):
    own.check()
    os.killpg(own._nodes[0]._child.pid, signal.SIGKILL)
    until(lambda: not own._nodes[0].is_running)

    with pytest.raises(NotEnoughMemory, match=r"killed from outside.*server\.log"):
        own.check()
    own.restart()


def test_a_second_broker_on_the_same_folder_is_refused(own):
    with pytest.raises(FolderBusy, match="HUSTINGS_DATA_DIR"):
        EmbeddedKafka(own.log_path.parents[1]).start()
    own.check()


def test_a_named_port_that_is_taken_is_refused_before_anything_is_written(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is taken"):
            EmbeddedKafka(tmp_path / "kafka", ports=[port]).start()

    assert not (tmp_path / "kafka").exists()


def test_a_picked_port_that_was_taken_meanwhile_is_replaced(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        picks = iter([[port, free_ports(1)[0]]])
        monkeypatch.setattr(embedded, "free_ports", lambda count: next(picks, free_ports(count)))
        with EmbeddedKafka(tmp_path / "kafka") as kafka:
            assert port_of(kafka) != port


def test_a_heap_larger_than_the_machine_is_told_as_such(tmp_path):
    with pytest.raises(NotEnoughMemory, match=r"java\.log"):
        EmbeddedKafka(tmp_path / "kafka", heap_mb=10**9).start()


def test_only_one_or_three_nodes_and_a_port_for_each(tmp_path):
    with pytest.raises(ValueError, match="one or three"):
        EmbeddedKafka(tmp_path, nodes=2)
    with pytest.raises(ValueError, match="one port for each"):
        EmbeddedKafka(tmp_path, nodes=3, ports=[1])


PARENT = """
import sys, time
from pathlib import Path
from streams.broker.embedded import EmbeddedKafka

kafka = EmbeddedKafka(Path(sys.argv[1]))
kafka.start()
print(kafka._nodes[0]._child.pid, kafka.bootstrap_servers, flush=True)
time.sleep(600)
"""


def living(session):
    """Return the processes of a session; a dead one that nobody has reaped does not count."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(entry.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_the_server_stops_when_its_parent_is_killed_and_the_folder_is_free_again(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "kafka")], stdout=subprocess.PIPE, text=True
    )
    try:
        session = int(parent.stdout.readline().split()[0])
        assert len(living(session)) == 2, "the guard and the server"
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()

    # At once: the old server may still be stopping.
    with EmbeddedKafka(tmp_path / "kafka"):
        assert living(session) == []


def test_a_folder_of_three_nodes_is_not_opened_as_one(tmp_path):
    (tmp_path / "kafka").mkdir()
    identity = '{"cluster_id": "x", "kafka_version": "4.4.0", "nodes": 3}'
    (tmp_path / "kafka" / "hustings-cluster.json").write_text(identity)

    with pytest.raises(OtherCluster, match="Start 3 nodes"):
        EmbeddedKafka(tmp_path / "kafka").start()


@pytest.mark.slow
def test_three_nodes_lose_nothing_with_one_of_them(tmp_path):
    with EmbeddedKafka(tmp_path / "kafka", nodes=3, heap_mb=256) as kafka:
        settings = settings_of(kafka, replication=3)
        apply_topics(settings)
        ((_, claims),) = list_topics(settings, specs=[CLAIMS])
        assert (claims.replication, claims.config["min.insync.replicas"]) == (3, "2")
        write(kafka, [b"one"], transactional_id="t")

        kafka.kill(1)
        until(lambda: brokers_known(port_of(kafka)) == {1, 3})
        write(kafka, [b"two"], transactional_id="t")
        assert read(kafka) == [b"one", b"two"]

        kafka.restart(1)
        until(lambda: brokers_known(port_of(kafka, 1)) == {1, 2, 3})

    with EmbeddedKafka(tmp_path / "kafka", nodes=3, heap_mb=256) as kafka:
        assert read(kafka) == [b"one", b"two"]
