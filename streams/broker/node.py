"""One Kafka server: a Java process in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Final

from streams.broker.diagnosis import diagnose, tail
from streams.broker.serverfiles import log_properties, server_properties
from streams.lifeline import Child

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streams.broker.errors import BrokerError
    from streams.broker.java import Java
    from streams.broker.serverfiles import Endpoint

_FORMAT_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 30.0


class Node:
    """One server and its files."""

    def __init__(self, folder: Path, java: Java, jars: Sequence[Path], heap_mb: int) -> None:
        """Prepare a node.

        Args:
            folder: its data, configuration and logs.
            java: the runtime.
            jars: the class path.
            heap_mb: most heap.
        """
        self.folder = folder
        self.log_path = folder / "server.log"
        self._java = java
        self._jars = jars
        self._heap_mb = heap_mb
        self._child: Child | None = None
        self._paused = False

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._child is not None and self._child.returncode is None

    def write_files(self, endpoint: Endpoint, cluster: Sequence[Endpoint]) -> None:
        """Write what the server reads at its start."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "server.properties").write_text(
            server_properties(endpoint, cluster), "ascii"
        )
        (self.folder / "log4j2.properties").write_text(log_properties(), "ascii")

    def format(self, cluster_id: str) -> None:
        """Make the node's storage.

        Raises:
            StartFailed: the storage tool did not do it.
        """
        with self._output().open("wb") as output:
            status = subprocess.run(  # noqa: S603 - our own command
                self._command(
                    "kafka.tools.StorageTool",
                    *("format", "-t", cluster_id, "-c", "server.properties"),
                ),
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=_FORMAT_SECONDS,
                check=False,
            ).returncode
        if status:
            raise self._diagnose(tail(self._output()), status, self._output())

    def launch(self) -> None:
        """Start the server; it is not ready yet."""
        # Only what this start says may explain its failure.
        if self.log_path.exists():
            self.log_path.replace(self.folder / "server.previous.log")
        with self._output().open("wb") as output:
            self._child = Child(
                self._command("kafka.Kafka", "server.properties"),
                cwd=self.folder,
                env=_environment(),
                stdout=output,
                stderr=output,
                guarded=True,
            )

    def failure(self) -> BrokerError:
        """Return why it died or is not ready."""
        status = self._child.returncode if self._child is not None else None
        words = tail(self._output()) + tail(self.log_path)
        log = self.log_path if self.log_path.exists() else self._output()
        return self._diagnose(words, status, log)

    def stop(self) -> None:
        """Stop it in order; kill it when that takes too long."""
        if self._child is None:
            return
        self.resume()
        self._child.stop(grace_seconds=_STOP_SECONDS)
        self._child = None

    def kill(self) -> None:
        """End it as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child.stop()
            self._child = None
            self._paused = False

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        if self._child is not None:
            os.killpg(self._child.pid, signal.SIGSTOP)
            # The guard must stay awake: it stops the server when this process dies.
            os.kill(self._child.pid, signal.SIGCONT)
            self._paused = True

    def resume(self) -> None:
        """Let a frozen server go on."""
        if self._child is not None and self._paused:
            os.killpg(self._child.pid, signal.SIGCONT)
            self._paused = False

    def _diagnose(self, words: str, status: int | None, log: Path) -> BrokerError:
        return diagnose(words, status, log, free_bytes=shutil.disk_usage(self.folder).free)

    def _output(self) -> Path:
        return self.folder / "java.log"

    def _command(self, main: str, *arguments: str) -> list[str]:
        return [
            str(self._java.program),
            f"-Xmx{self._heap_mb}m",
            f"-Xms{min(128, self._heap_mb)}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            "-Dlog4j2.configurationFile=log4j2.properties",
            *("-cp", os.pathsep.join(map(str, self._jars))),
            main,
            *arguments,
        ]


def _environment() -> dict[str, str]:
    """Return our environment with English messages: diagnosis reads them.

    The character encoding stays UTF-8; otherwise Java could not open a folder
    whose name is not ASCII.
    """
    kept = {name: value for name, value in os.environ.items() if name != "LC_ALL"}
    return {**kept, "LC_MESSAGES": "C", "LC_CTYPE": "C.UTF-8"}
