"""A Jetstream that does what the real one cannot be made to do; held to the same tests."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TICK_SECONDS = 0.01


class Refusal(NamedTuple):
    """An answer instead of an upgrade."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Act(NamedTuple):
    """What the server does on one connection: send so many frames, then this."""

    frames: int | None = None
    close: int | None = None
    """Close with this code; None: stay silent."""


class Asked(NamedTuple):
    """What a client asked for, and when."""

    cursor: int | None
    query: dict[str, list[str]]
    at: float


def tid(number: int) -> str:
    """Return a revision that sorts like its number."""
    digits = ""
    for _ in range(13):
        digits = _TID_DIGITS[number % 32] + digits
        number //= 32
    return digits


def post_event(
    number: int, *, time_us: int, operation: str = "create", text: str = "", **fields: object
) -> dict[str, object]:
    """Return a post commit as the wire has it."""
    commit: dict[str, object] = {
        "rev": tid(number),
        "operation": operation,
        "collection": "app.bsky.feed.post",
        "rkey": tid(number),
    }
    if operation != "delete":
        commit["record"] = {
            "$type": "app.bsky.feed.post",
            "createdAt": "2026-07-04T14:38:08.999Z",
            "text": text or f"post {number}",
        }
        commit["cid"] = f"bafyrei{number}"
    commit.update(fields)
    return {
        "did": f"did:plc:author{number % 7}",
        "time_us": time_us,
        "kind": "commit",
        "commit": commit,
    }


class FakeJetstream:
    """Serves a log of frames from a cursor on, follows its end, and misbehaves on request."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, bytes]] = []
        self.refusals: deque[Refusal | None] = deque()
        """One a connection, None: let it in."""
        self.acts: deque[Act] = deque()
        self.asked: list[Asked] = []
        self._stopping = threading.Event()
        self._frozen = threading.Event()
        self._traffic: threading.Thread | None = None
        self._settled = threading.Event()
        self._port = 0
        self._connections: set[ServerConnection] = set()
        self._server = self._listen()

    @property
    def address(self) -> str:
        """What to give the source as host."""
        return f"ws://127.0.0.1:{self._port}"

    def add(self, event: dict[str, object]) -> None:
        """Append an event to the log; who follows gets it."""
        time_us = event["time_us"]
        assert isinstance(time_us, int)
        self.frames.append((time_us, orjson.dumps(event)))

    def add_raw(self, frame: bytes) -> None:
        """Append any bytes, with the time of the frame before."""
        self.frames.append((self.frames[-1][0] if self.frames else 0, frame))

    def begin_traffic(self, *, per_second: float = 200.0, seed: int = 1) -> None:
        """Write posts from now on, their times a little out of order, others between them."""
        self._traffic = threading.Thread(
            target=self._write,
            args=(per_second, random.Random(seed)),  # noqa: S311 - a seeded sequence
            daemon=True,
        )
        self._traffic.start()

    def restart(self) -> None:
        """Cut all connections without a word and listen again on the same port."""
        for connection in list(self._connections):
            connection.close_socket()
        self._server.shutdown()
        self._server = self._listen()

    def freeze(self) -> None:
        """Send nothing more on any connection."""
        self._frozen.set()

    def thaw(self) -> None:
        """Go on."""
        self._frozen.clear()

    def settle(self) -> None:
        """End the traffic."""
        self._settled.set()
        if self._traffic is not None:
            self._traffic.join()

    def log(self) -> list[bytes]:
        """Return all post commits ever written."""
        return [frame for _, frame in self.frames if b'"collection":"app.bsky.feed.post"' in frame]

    def stop(self) -> None:
        """Cut all connections and listen no more."""
        self.settle()
        self._stopping.set()
        for connection in list(self._connections):
            connection.close_socket()
        self._server.shutdown()

    def _listen(self) -> Server:
        server = serve(
            self._serve,
            "127.0.0.1",
            self._port,
            compression=None,
            process_request=self._receive,
            ping_interval=None,
            close_timeout=0.5,
        )
        self._port = server.socket.getsockname()[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def _receive(self, _connection: ServerConnection, request: Request) -> Response | None:
        query = parse_qs(urlsplit(request.path).query)
        cursor = int(query["cursor"][0]) if "cursor" in query else None
        self.asked.append(Asked(cursor, query, time.monotonic()))
        if not self.refusals:
            return None
        refusal = self.refusals.popleft()
        if refusal is None:
            return None
        headers = Headers([*refusal.headers, ("Content-Length", str(len(refusal.body)))])
        return Response(refusal.status, "Refused", headers, refusal.body)

    def _serve(self, connection: ServerConnection) -> None:
        act = self.acts.popleft() if self.acts else Act()
        self._connections.add(connection)
        try:
            self._send(connection, act, self.asked[-1].cursor)
            if act.close is not None:
                connection.close(act.close, "as told")
                return
            while not self._stopping.wait(_TICK_SECONDS):
                connection.ping().wait(0)
        except (ConnectionClosed, OSError):
            return
        finally:
            self._connections.discard(connection)

    def _send(self, connection: ServerConnection, act: Act, cursor: int | None) -> None:
        at = len(self.frames) if cursor is None else self._first_at(cursor)
        sent = 0
        while not self._stopping.is_set() and sent != act.frames:
            if at == len(self.frames) or self._frozen.is_set():
                time.sleep(_TICK_SECONDS)
                if connection.close_code is not None:
                    return
                continue
            frame = self.frames[at][1]
            # Invalid UTF-8 in a text frame is the client library's to refuse.
            connection.send(frame, text=_is_text(frame))
            at, sent = at + 1, sent + 1

    def _first_at(self, cursor: int) -> int:
        return next((i for i, (at, _) in enumerate(self.frames) if at >= cursor), len(self.frames))

    def _write(self, per_second: float, dice: random.Random) -> None:
        number = 0
        while not self._settled.wait(1 / per_second):
            number += 1
            now = time.time_ns() // 1000 - dice.randrange(5_000)
            if number % 10 == 0:
                self.add({"did": "did:plc:x", "time_us": now, "kind": "identity", "identity": {}})
                continue
            operation = dice.choices(["create", "update", "delete"], [8, 1, 1])[0]
            self.add(post_event(number, time_us=now, operation=operation))


def _is_text(frame: bytes) -> bool:
    try:
        frame.decode()
    except UnicodeDecodeError:
        return False
    return True
