"""The data folder of an embedded cluster: whose it is, and that only one uses it."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import time
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from streams.broker.errors import DiskFull, FolderBusy, OtherCluster, OtherVersion

if TYPE_CHECKING:
    from pathlib import Path

CLUSTER_FILE: Final = "hustings-cluster.json"
LEAST_FREE_BYTES: Final = 512 * 1024 * 1024
_LOOK_AGAIN_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class ClusterIdentity:
    """What a data folder holds."""

    cluster_id: str
    kafka_version: str
    nodes: int


class DataFolder:
    """A locked data folder; one process at a time holds it."""

    def __init__(self, path: Path) -> None:
        """Create the folder if need be and lock it.

        Raises:
            FolderBusy: another process holds it.
        """
        self.path = path.resolve()
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise FolderBusy(
                f"Another process runs a broker on {self.path}",
                remedy="Stop it, or name another data folder (HUSTINGS_DATA_DIR).",
            ) from None

    def release(self) -> None:
        """Let others use the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def node(self, node_id: int) -> Path:
        """Return the folder of one node."""
        return self.path / f"node-{node_id}"

    def claim(self, *, kafka_version: str, nodes: int) -> ClusterIdentity:
        """Return whose folder it is; an empty one becomes a new cluster's.

        Raises:
            OtherCluster: it holds data of something else or of another size.
            OtherVersion: another Kafka version wrote it.
        """
        identity = self._read()
        if identity is None:
            identity = ClusterIdentity(_random_uuid(), kafka_version, nodes)
            temporary = self.path / (CLUSTER_FILE + ".new")
            temporary.write_text(json.dumps(asdict(identity), indent=1) + "\n", "utf-8")
            temporary.replace(self.path / CLUSTER_FILE)
        if _release(identity.kafka_version) != _release(kafka_version):
            raise OtherVersion(
                f"{self.path} was written by Kafka {identity.kafka_version}, this is "
                f"{kafka_version}",
                remedy="Name another data folder (HUSTINGS_DATA_DIR), or delete this one if its "
                "posts and labels may go.",
            )
        if identity.nodes != nodes:
            raise OtherCluster(
                f"{self.path} holds a cluster of {identity.nodes} nodes, not of {nodes}",
                remedy=f"Start {identity.nodes} nodes, or name another data folder.",
            )
        for node_id in range(1, nodes + 1):
            self._check_node(identity, node_id)
        return identity

    def wait_until_left(self, node_id: int, timeout_seconds: float) -> None:
        """Wait for a server whose parent was killed: it needs a moment to stop.

        Raises:
            FolderBusy: it is still there.
        """
        # The lock that Kafka itself holds; Java's locks are POSIX locks, as lockf's.
        path = self.node(node_id) / "data" / ".lock"
        deadline = time.monotonic() + timeout_seconds
        while path.exists():
            with path.open("r+b") as lock:
                try:
                    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    if time.monotonic() > deadline:
                        raise FolderBusy(
                            f"Another Kafka still runs on {path.parent}",
                            remedy="Stop it, or name another data folder (HUSTINGS_DATA_DIR).",
                        ) from None
                else:
                    return
            time.sleep(_LOOK_AGAIN_SECONDS)

    def is_formatted(self, node_id: int) -> bool:
        """Return whether a node's storage has been made."""
        return (self.node(node_id) / "data" / "meta.properties").exists()

    def _read(self) -> ClusterIdentity | None:
        path = self.path / CLUSTER_FILE
        try:
            return ClusterIdentity(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            strangers = sorted(one.name for one in self.path.iterdir() if one.name != ".lock")
            if strangers:
                raise OtherCluster(
                    f"{self.path} holds files ({', '.join(strangers[:3])}) but no {CLUSTER_FILE}: "
                    "it is not a data folder of ours",
                    remedy="Name an empty or a new folder.",
                ) from None
            return None
        except (ValueError, TypeError):
            raise OtherCluster(
                f"{path} cannot be read",
                remedy="Name another data folder, or delete this one if its posts and labels may "
                "go.",
            ) from None

    def _check_node(self, identity: ClusterIdentity, node_id: int) -> None:
        if not self.is_formatted(node_id):
            return
        meta = self.node(node_id) / "data" / "meta.properties"
        lines = meta.read_text("utf-8", "replace").splitlines()
        found = dict(line.split("=", 1) for line in lines if "=" in line)
        if found.get("cluster.id") != identity.cluster_id:
            raise OtherCluster(
                f"{meta} names the cluster {found.get('cluster.id')}, {CLUSTER_FILE} names "
                f"{identity.cluster_id}",
                remedy="Parts of two clusters were mixed: restore the folder, or name another.",
            )


def require_space(path: Path, least_bytes: int = LEAST_FREE_BYTES) -> None:
    """Refuse to start on a disk that is nearly full: Kafka would die half-way.

    Raises:
        DiskFull: fewer bytes are free.
    """
    free = shutil.disk_usage(path).free
    if free < least_bytes:
        raise DiskFull(
            f"Only {free // 2**20} MB are free at {path}; Kafka needs {least_bytes // 2**20} MB",
            remedy="Free some space, or name a data folder on another disk (HUSTINGS_DATA_DIR).",
        )


def _release(version: str) -> list[str]:
    """Return what decides whether data can be read: patch releases read each other's."""
    return version.split(".")[:2]


def _random_uuid() -> str:
    """Return 16 random bytes as Kafka writes them."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
    # Kafka's tools take a leading dash for an option.
    return _random_uuid() if text.startswith("-") else text
