"""Apache Kafka as child processes: the real server, without anything to install."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Self

from streams.broker.errors import PortTaken
from streams.broker.folder import DataFolder, require_space
from streams.broker.jars import ensure_jars, load_lock
from streams.broker.java import find_java
from streams.broker.node import Node
from streams.broker.probe import brokers_known, free_ports, is_free
from streams.broker.serverfiles import HOST, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from streams.broker.java import Java

READY_SECONDS: Final = 90.0
_POLL_SECONDS: Final = 0.1
_PORT_TRIES: Final = 3
_LEFTOVER_SECONDS: Final = 20.0


class EmbeddedKafka:
    """A Kafka of one or three nodes on 127.0.0.1.

        with EmbeddedKafka(Path(".hustings/kafka")) as kafka:
            KafkaProducer(bootstrap_servers=kafka.bootstrap_servers)

    Data stay in the folder and are there at the next start. The servers stop
    with this process, however it ends.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        nodes: int = 1,
        ports: Sequence[int] | None = None,
        heap_mb: int = 512,
        jars: Sequence[Path] | None = None,
        java: Java | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Describe a cluster; nothing starts yet.

        Args:
            data_dir: all that it writes.
            nodes: 1, or 3 with three copies of each record of which two must be in sync.
            ports: of the brokers, in order; none: any free ones.
            heap_mb: most Java heap of a node.
            jars: the class path; none: Kafka's jars, fetched when missing.
            java: the runtime; none: the first that is new enough.
            on_progress: called with jars done and jars in all while they are fetched.

        Raises:
            ValueError: another number of nodes, or not one port for each.
        """
        if nodes not in {1, 3}:
            raise ValueError("one or three nodes: two lose their quorum with either")
        if ports is not None and len(ports) != nodes:
            raise ValueError("name one port for each node")
        self._data_dir = data_dir
        self._size = nodes
        self._ports = ports
        self._heap_mb = heap_mb
        self._jars = jars
        self._java = java
        self._on_progress = on_progress
        self._folder: DataFolder | None = None
        self._nodes: list[Node] = []
        self._endpoints: list[Endpoint] = []

    @property
    def bootstrap_servers(self) -> str:
        """`host:port` of all brokers, comma-separated; empty before the start."""
        return ",".join(f"{HOST}:{one.broker_port}" for one in self._endpoints)

    @property
    def log_path(self) -> Path:
        """The first node's log."""
        return self._data_dir / "node-1" / "server.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start all nodes and wait until they answer with each other's names.

        Raises:
            BrokerError: with what is wrong, what to do and where the log is.
        """
        if self._folder is not None:
            raise RuntimeError("it runs already")
        for port in self._ports or ():
            if not is_free(port):
                raise PortTaken(
                    f"Port {port} is taken by another program",
                    remedy="Stop that program, or name another port.",
                )
        java = self._java or find_java()
        jars = self._jars or ensure_jars(self._data_dir, on_progress=self._on_progress)
        self._folder = DataFolder(self._data_dir)
        try:
            require_space(self._folder.path)
            identity = self._folder.claim(kafka_version=load_lock().kafka_version, nodes=self._size)
            self._nodes = [
                Node(self._folder.node(number), java, jars, self._heap_mb)
                for number in range(1, self._size + 1)
            ]
            self._start_somewhere(self._folder, identity.cluster_id)
        except BaseException:
            self.stop()
            raise

    def _start_somewhere(self, folder: DataFolder, cluster_id: str) -> None:
        """Start, with other ports when one that we picked was taken meanwhile."""
        for attempt in range(1, _PORT_TRIES + 1):
            self._endpoints = self._pick_endpoints()
            self._format(folder, cluster_id)
            for node in self._nodes:
                node.launch()
            try:
                self._wait_until(self._all_answer)
            except PortTaken:
                self._stop_nodes()
                if attempt == _PORT_TRIES or not all(map(is_free, self._ports or ())):
                    raise
            else:
                return

    def _pick_endpoints(self) -> list[Endpoint]:
        picked = free_ports(2 * self._size)
        brokers = self._ports or picked[: self._size]
        return [
            Endpoint(number, broker, controller)
            for number, (broker, controller) in enumerate(
                zip(brokers, picked[self._size :], strict=True), start=1
            )
        ]

    def _format(self, folder: DataFolder, cluster_id: str) -> None:
        for node, endpoint in zip(self._nodes, self._endpoints, strict=True):
            folder.wait_until_left(endpoint.node_id, _LEFTOVER_SECONDS)
            node.write_files(endpoint, self._endpoints)
            if not folder.is_formatted(endpoint.node_id):
                node.format(cluster_id)

    def _all_answer(self) -> bool:
        self.check()
        every = {one.node_id for one in self._endpoints}
        return all(brokers_known(one.broker_port) == every for one in self._endpoints)

    def _wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if time.monotonic() > deadline:
                raise self._nodes[0].failure()
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Do nothing while all nodes run.

        Raises:
            BrokerError: a node died; the error says why.
        """
        for node in self._nodes:
            if not node.is_running:
                raise node.failure()

    def stop(self) -> None:
        """Stop all nodes in order; does nothing when none runs."""
        self._stop_nodes()
        if self._folder is not None:
            self._folder.release()
            self._folder = None

    def _stop_nodes(self) -> None:
        if self._nodes:
            # At once: the last one alone would wait for a quorum that is gone.
            with ThreadPoolExecutor(len(self._nodes)) as pool:
                list(pool.map(Node.stop, self._nodes))

    def kill(self, node: int = 0) -> None:
        """End a node with SIGKILL, as a crash would."""
        self._nodes[node].kill()

    def restart(self, node: int = 0) -> None:
        """Start a stopped or killed node again: same data, same port.

        Raises:
            BrokerError: it did not become ready.
        """
        one, endpoint = self._nodes[node], self._endpoints[node]
        one.stop()
        one.launch()

        def answers() -> bool:
            if not one.is_running:
                raise one.failure()
            return endpoint.node_id in brokers_known(endpoint.broker_port)

        self._wait_until(answers)

    def pause(self, node: int = 0) -> None:
        """Freeze a node: its connections stay open and nothing answers."""
        self._nodes[node].pause()

    def resume(self, node: int = 0) -> None:
        """Let a frozen node go on."""
        self._nodes[node].resume()
