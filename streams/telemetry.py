"""Metrics and health of one process over HTTP: /metrics, /livez, /readyz.

A thread of its own serves them, so that a busy or stuck main loop still answers.
"""

from __future__ import annotations

import contextlib
import http.server
import io
import socket
import socketserver
import threading
import time
from typing import TYPE_CHECKING, NamedTuple, Self

from prometheus_client.exposition import choose_encoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

_MAX_HEAD_BYTES = 16 * 1024
_MAX_SECONDS = 5.0
_MAX_AT_ONCE = 16
_BUSY = b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Health(NamedTuple):
    """Whether a probe passes and, when it does not, why."""

    ok: bool
    reasons: tuple[str, ...] = ()


def healthy() -> Health:
    """Return the health of what has nothing to complain about."""
    return Health(ok=True)


class TelemetryServer:
    """Serve a registry and two probes until stopped.

    It listens from the start on, so that `port` is known and a taken port
    fails at once; it answers after `start`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        live: Callable[[], Health] = healthy,
        ready: Callable[[], Health] = healthy,
    ) -> None:
        """Listen on host and port.

        Args:
            host: address to listen on; an IPv6 address may be given.
            port: 0 takes any free port; `port` tells which.
            registry: what /metrics shows.
            live: not ok answers 503 on /livez: restart this process.
            ready: not ok answers 503 on /readyz: it runs, but not as it should.

        Raises:
            OSError: nothing can listen there; the message names the remedy.
        """
        try:
            self._server = _Server(host, port, registry, live, ready)
        except OSError as error:
            raise OSError(
                error.errno,
                f"cannot serve metrics on {host}:{port} ({error.strerror}); set the metrics port "
                "to 0 for any free port",
            ) from error
        self.host = host
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="telemetry",
            daemon=True,
        )

    def start(self) -> Self:
        """Answer requests from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and let go of the port; safe to call twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(socketserver.ThreadingTCPServer):
    # Not http.server.HTTPServer: it asks DNS for its own name, which can hang for seconds.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 32

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        live: Callable[[], Health],
        ready: Callable[[], Health],
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.registry = registry
        self.probes = {"/livez": live, "/readyz": ready}
        self._slots = threading.BoundedSemaphore(_MAX_AT_ONCE)
        super().__init__((host, port), _Handler)

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        if self._slots.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        if isinstance(request, socket.socket):
            with contextlib.suppress(OSError):
                request.send(_BUSY)
        self.shutdown_request(request)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is no news of ours."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    timeout = _MAX_SECONDS
    server_version = "hustings"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(io.BytesIO(_head(self.connection)))

    def do_GET(self) -> None:
        path = self.path.split("?", 1)[0]
        if path == "/metrics":
            encode, content_type = choose_encoder(self.headers.get("Accept", ""))
            self._answer(200, content_type, encode(self.server.registry))
        elif path in self.server.probes:
            health = self._probe(path)
            lines = "".join(f"{reason}\n" for reason in health.reasons)
            status = 200 if health.ok else 503
            self._answer(status, "text/plain; charset=utf-8", (lines or "ok\n").encode())
        else:
            self._answer(404, "text/plain; charset=utf-8", b"/metrics /livez /readyz\n")

    do_HEAD = do_GET  # noqa: N815 - the name that the base class looks for

    def _probe(self, path: str) -> Health:
        try:
            return self.server.probes[path]()
        except Exception as error:  # noqa: BLE001 - a broken probe is an answer, not a silence
            return Health(ok=False, reasons=(f"the check failed: {type(error).__name__}",))

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Log no requests: a scrape every few seconds would drown everything else."""


def _head(connection: socket.socket) -> bytes:
    """Read a request's head within one deadline: byte-wise senders must not hold a thread."""
    head = b""
    deadline = time.monotonic() + _MAX_SECONDS
    while b"\r\n\r\n" not in head and b"\n\n" not in head and len(head) < _MAX_HEAD_BYTES:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        connection.settimeout(left)
        try:
            received = connection.recv(_MAX_HEAD_BYTES - len(head))
        except OSError:
            break
        if not received:
            break
        head += received
    connection.settimeout(_MAX_SECONDS)
    return head
