"""The real Jetstream and its simulated network, built from the Go module beside this file."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect, reconnect

from streams.lifeline import Child

MODULE = Path(__file__).parent / "jetstream"
PROGRAMS = ("jetstream", "simulator")
_PACKAGE = "github.com/bluesky-social/jetstream/cmd"
_NO_NETWORK = ("dial tcp", "no such host", "i/o timeout", "connection refused", "proxyconnect")
_READY_SECONDS = 60.0


def programs() -> Path:
    """Return the folder of both programs, built on first use; skips the test where none can be."""
    lock = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum", "tools.go"))
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hustings" / "peers"
    built = cache / f"jetstream-{hashlib.sha256(lock).hexdigest()[:16]}"
    if all((built / name).exists() for name in PROGRAMS):
        return built
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if go is None:
        pytest.skip("the real Jetstream cannot be built: Go (1.26.5 or newer) is not installed")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        packages = [f"{_PACKAGE}/{name}" for name in PROGRAMS]
        build = subprocess.run(
            [go, "build", "-mod=readonly", "-buildvcs=false", "-o", f"{scratch}/", *packages],
            cwd=MODULE,
            env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        if build.returncode != 0 and any(word in build.stderr for word in _NO_NETWORK):
            pytest.skip("the real Jetstream cannot be built: its Go modules cannot be downloaded")
        if "requires go >=" in build.stderr:
            pytest.skip(f"the real Jetstream cannot be built: {build.stderr.strip()[-200:]}")
        assert build.returncode == 0, build.stderr
        built.mkdir(exist_ok=True)
        for name in PROGRAMS:
            # One by one and whole: another run may build the same at this moment.
            (Path(scratch) / name).replace(built / name)
    return built


class RealJetstream:
    """A Jetstream with a simulated network behind it, on loopback."""

    def __init__(self, folder: Path, *, commits_per_second: float = 60.0) -> None:
        self._programs = programs()
        self._folder = folder
        self._port, self._network_port = _free_port(), _free_port()
        self.address = f"ws://127.0.0.1:{self._port}"
        self._logs = [(folder / f"{name}.log").open("ab") for name in PROGRAMS]
        self._network = Child(
            [
                str(self._programs / "simulator"),
                "serve",
                f"--addr=127.0.0.1:{self._network_port}",
                f"--data-dir={folder / 'network'}",
                "--accounts=30",
                f"--commits-per-sec={commits_per_second}",
            ],
            guarded=True,
            stdout=self._logs[1],
            stderr=self._logs[1],
        )
        try:
            _wait_for_port(self._network_port, self._network)
            self._server = self._start()
        except BaseException:
            self._network.stop()
            raise

    def restart(self) -> None:
        """Kill the server without a word and start it on the same data and port."""
        self._server.kill()
        self._server.stop()
        self._server = self._start()

    def restart_politely(self) -> None:
        """Let the server say good-bye (1001) and start it on the same data and port."""
        self._server.stop()
        self._server = self._start()

    def freeze(self) -> None:
        """Stop the server in its tracks; its sockets stay open."""
        os.killpg(self._server.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        os.killpg(self._server.pid, signal.SIGCONT)

    def settle(self) -> None:
        """End the traffic: what the server has now is all there will be."""
        self._network.kill()
        self._network.stop()

    def log(self) -> list[bytes]:
        """Return all post commits that the server keeps, by a plain read of our own."""
        frames = []
        with self._reader() as reader, suppress(TimeoutError):
            while True:
                frames.append(reader.recv(timeout=2.0, decode=False))
        return [frame for frame in frames if is_post(frame)]

    def stop(self) -> None:
        """End both programs."""
        with suppress(ProcessLookupError):
            self.thaw()
        self._server.stop()
        self._network.stop()
        for log in self._logs:
            log.close()

    def _reader(self) -> reconnect:
        # A server that sends without end answers a good-bye late.
        address = f"{self.address}/subscribe?cursor=0"
        return connect(address, compression=None, close_timeout=0.2, legacy=False)

    def _start(self) -> Child:
        server = Child(
            [
                str(self._programs / "jetstream"),
                "serve",
                f"--addr=127.0.0.1:{self._port}",
                f"--relay-url=http://127.0.0.1:{self._network_port}",
                f"--plc-url=http://127.0.0.1:{self._network_port}",
                f"--data-dir={self._folder / 'jetstream'}",
                "--client-drain-timeout=1s",
                "--skip-merge-discovery",
            ],
            guarded=True,
            stdout=self._logs[0],
            stderr=self._logs[0],
        )
        try:
            self._wait_until_ready(server)
        except BaseException:
            server.stop()
            raise
        return server

    def _wait_until_ready(self, server: Child) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and server.returncode is None:
            try:
                # The server answers 503 until it can serve a cursor.
                with self._reader() as reader:
                    reader.recv(timeout=5.0)
                    return
            except (OSError, TimeoutError, WebSocketException):
                time.sleep(0.1)
        said = (self._folder / "jetstream.log").read_text(errors="replace")
        raise AssertionError(f"Jetstream did not become ready; it said:\n{said[-3000:]}")


def is_post(frame: bytes) -> bool:
    """Return whether a frame is a commit of a post."""
    commit = orjson.loads(frame).get("commit") or {}
    return bool(commit.get("collection") == "app.bsky.feed.post")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_port(port: int, child: Child) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and child.returncode is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return
        time.sleep(0.05)
    raise AssertionError("the simulated network did not start")
