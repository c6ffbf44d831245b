"""Whose a data folder is, and that one broker uses it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from streams.broker.errors import DiskFull, FolderBusy, OtherCluster, OtherVersion
from streams.broker.folder import CLUSTER_FILE, DataFolder, require_space


@pytest.fixture
def folder(tmp_path):
    folder = DataFolder(tmp_path / "kafka")
    yield folder
    folder.release()


def format_node(folder, node_id, cluster_id):
    data = folder.node(node_id) / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text(f"#\nversion=1\ncluster.id={cluster_id}\n")


def test_a_new_folder_gets_an_identity_and_keeps_it(folder):
    first = folder.claim(kafka_version="4.4.0", nodes=1)

    assert len(first.cluster_id) == 22
    assert folder.claim(kafka_version="4.4.0", nodes=1) == first
    assert folder.claim(kafka_version="4.4.1", nodes=1) == first


def test_another_kafka_version_is_refused(folder):
    folder.claim(kafka_version="4.3.1", nodes=1)

    with pytest.raises(OtherVersion, match=r"4\.3\.1, this is 4\.4\.0.*HUSTINGS_DATA_DIR"):
        folder.claim(kafka_version="4.4.0", nodes=1)


def test_another_number_of_nodes_is_refused(folder):
    folder.claim(kafka_version="4.4.0", nodes=3)

    with pytest.raises(OtherCluster, match="Start 3 nodes"):
        folder.claim(kafka_version="4.4.0", nodes=1)


def test_data_of_another_cluster_are_refused(folder):
    folder.claim(kafka_version="4.4.0", nodes=1)
    format_node(folder, 1, "AnotherClustersIdentityA")

    with pytest.raises(OtherCluster, match="AnotherClustersIdentityA"):
        folder.claim(kafka_version="4.4.0", nodes=1)


def test_a_folder_with_other_files_is_refused_and_left_alone(folder):
    (folder.path / "holiday.jpg").write_bytes(b"")

    with pytest.raises(OtherCluster, match=r"holiday\.jpg"):
        folder.claim(kafka_version="4.4.0", nodes=1)

    assert not (folder.path / CLUSTER_FILE).exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"cluster_id": 1}', "\xff", json.dumps({"x": 1})]
)
def test_an_unreadable_identity_is_refused(folder, text):
    (folder.path / CLUSTER_FILE).write_text(text, "latin-1")

    with pytest.raises(OtherCluster, match="cannot be read"):
        folder.claim(kafka_version="4.4.0", nodes=1)


def test_one_broker_at_a_time_uses_a_folder(folder):
    with pytest.raises(FolderBusy, match="HUSTINGS_DATA_DIR"):
        DataFolder(folder.path)

    folder.release()
    DataFolder(folder.path).release()


HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_server_that_still_stops_is_waited_for(folder):
    folder.wait_until_left(1, 0.0)
    format_node(folder, 1, "x")
    lock = folder.node(1) / "data" / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        with pytest.raises(FolderBusy, match="still runs"):
            folder.wait_until_left(1, 0.1)

        holder.stdin.close()
        folder.wait_until_left(1, 60.0)


def test_a_nearly_full_disk_is_refused_before_the_start(tmp_path):
    require_space(tmp_path)

    with pytest.raises(DiskFull, match="HUSTINGS_DATA_DIR"):
        require_space(tmp_path, least_bytes=10**18)
