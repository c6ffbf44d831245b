"""A thread that follows one Jetstream host and connects again for ever.

It puts what it reads into an inbox, in order: a `Connected` for each
connection, a `Frame` for each frame, and at most one `Fatal`, at the end.
"""

from __future__ import annotations

import contextlib
import email.utils
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import structlog
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from connectors.bluesky_post import POST_COLLECTION, BadPost, event_from_frame, time_us_of
from connectors.bluesky_resume import believable, resume_cursor
from connectors.errors import Fatal

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.inbox import Inbox

_LOG = structlog.stdlib.get_logger(__name__)

_HOST = re.compile(r"(?:(?P<scheme>wss?)://)?(?P<place>[A-Za-z0-9.-]+(?::\d{1,5})?)/?")
_FIRST_BACKOFF_SECONDS = 0.25
_MAX_BACKOFF_SECONDS = 30.0
_MAX_RETRY_AFTER_SECONDS = 900.0
_MAX_OVERSIZED_IN_A_ROW = 5
_MAX_WORDS = 300
_TOO_MANY_REQUESTS = 429
# Of all that says "your request is wrong", these do not mean that it will stay wrong.
_PASSING_STATUSES = frozenset({408, 425, _TOO_MANY_REQUESTS})

# A server that is deployed anew says 1001: it wants us back.
_ORDERLY_CLOSES = frozenset({CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY})


class Connected(NamedTuple):
    """A connection begins, at this cursor; None: live."""

    cursor: int | None


class Frame(NamedTuple):
    """One frame as it came."""

    raw: bytes
    event: dict[str, Any] | BadPost
    received_at: datetime


Arrival = Connected | Frame | Fatal


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection and of what waits behind it."""

    idle_seconds: float = 60.0
    """Without a frame for so long the connection is given up: posts never pause so long."""
    stable_seconds: float = 60.0
    """A connection that lived so long is followed by the next one at once."""
    open_seconds: float = 10.0
    ping_seconds: float = 20.0
    max_frame_bytes: int = 4 * 1024 * 1024
    max_waiting_frames: int = 5_000
    max_waiting_bytes: int = 8 * 1024 * 1024


class _Ended(NamedTuple):
    """How a connection ended."""

    reason: str
    """One of few words: it labels a metric."""
    detail: str
    wait_seconds: float = 0.0
    """At least so long before the next one."""


def address_of(host: str) -> str:
    """Return `ws://…` or `wss://…` of a host name, with or without port or scheme.

    Raises:
        Fatal: it is no host.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        raise Fatal(
            f"{host!r} is no Jetstream host; give a name such as jetstream2.us-east.bsky.network, "
            "or ws://127.0.0.1:6008"
        )
    return f"{match['scheme'] or 'wss'}://{match['place']}"


def backoff_seconds(failures: int, random: float) -> float:
    """Return how long to wait after so many short connections in a row: full jitter."""
    return random * min(_MAX_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 20))


class JetstreamReader:
    """Follows one host in a thread of its own until it is closed."""

    def __init__(
        self,
        address: str,
        inbox: Inbox[Arrival],
        *,
        newest: int | None,
        first_cursor: int | None,
        limits: Limits,
        clock: Callable[[], datetime],
        random: Callable[[], float],
        on_reconnect: Callable[[str], object],
    ) -> None:
        """Begin after `newest`, or at `first_cursor` if that is None, or live."""
        self._address = address
        self._inbox = inbox
        self._newest = newest
        self._first_cursor = first_cursor
        self._limits = limits
        self._clock = clock
        self._random = random
        self._on_reconnect = on_reconnect
        self._stopping = threading.Event()
        self._socket: ClientConnection | None = None
        self._oversized = 0
        self._oversized_after: int | None = None
        self._thread = threading.Thread(target=self._follow, name="jetstream", daemon=True)

    @property
    def connected(self) -> bool:
        """Whether a connection stands now."""
        return self._socket is not None

    def start(self) -> None:
        """Connect, in the background."""
        self._thread.start()

    def close(self) -> None:
        """Say good-bye and stop; a thread that still waits for an answer ends by itself."""
        self._stopping.set()
        self._inbox.close()
        socket = self._socket
        if socket is not None:
            socket.close()
        if self._thread.ident is not None:
            self._thread.join(timeout=1.0)

    def _follow(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                ended = self._connection()
            except Fatal as error:
                self._inbox.put(error)
                return
            if self._stopping.is_set():
                return
            stable = time.monotonic() - began >= self._limits.stable_seconds
            failures = 0 if stable else failures + 1
            seconds = 0.0 if stable else backoff_seconds(failures, self._random())
            seconds = max(seconds, ended.wait_seconds)
            self._on_reconnect(ended.reason)
            _LOG.warning(
                "bluesky.disconnected",
                address=self._address,
                reason=ended.reason,
                detail=ended.detail,
                retry_seconds=round(seconds, 2),
            )
            self._stopping.wait(seconds)

    def _connection(self) -> _Ended:
        """Read one connection to its end.

        Raises:
            Fatal: the server will never take this request.
        """
        cursor = self._first_cursor if self._newest is None else resume_cursor(self._newest)
        limits = self._limits
        connecting = connect(
            self._url(cursor),
            compression=None,
            open_timeout=limits.open_seconds,
            ping_interval=limits.ping_seconds,
            ping_timeout=limits.ping_seconds,
            close_timeout=1.0,
            max_size=limits.max_frame_bytes,
            legacy=False,
        )
        opened = False
        try:
            with connecting as socket:
                opened = True
                self._socket = socket
                _LOG.info("bluesky.connected", address=self._address, cursor=cursor)
                self._inbox.put(Connected(cursor))
                # Whoever closed us before the line above did not see the socket.
                while not self._stopping.is_set():
                    self._read(socket)
                return _Ended("stopped", "")
        except TimeoutError:
            if opened:
                return _Ended("idle", f"no frame for {limits.idle_seconds:g} s")
            return _Ended("unreachable", f"no answer within {limits.open_seconds:g} s")
        except ConnectionClosed as closed:
            return self._closed(closed)
        except InvalidStatus as refused:
            return _refused(refused, self._clock())
        except (OSError, EOFError, WebSocketException) as error:
            return _Ended("unreachable", _words(str(error) or type(error).__name__))
        finally:
            self._socket = None

    def _read(self, socket: ClientConnection) -> None:
        raw = socket.recv(timeout=self._limits.idle_seconds, decode=False)
        received_at = self._clock()
        event = event_from_frame(raw)
        if isinstance(event, dict):
            self._see(time_us_of(event), received_at)
        self._inbox.put(Frame(raw, event, received_at), len(raw))

    def _see(self, time_us: int | None, received_at: datetime) -> None:
        if time_us is not None and believable(time_us, micros(received_at)):
            self._newest = max(self._newest or 0, time_us)

    def _closed(self, closed: ConnectionClosed) -> _Ended:
        """Raises Fatal."""
        if closed.sent is not None and not closed.rcvd_then_sent:
            # We closed it ourselves, for a reason.
            if closed.sent.code == CloseCode.MESSAGE_TOO_BIG:
                # The overlap comes again each time; only a newer event is progress.
                again = self._oversized_after == self._newest
                self._oversized = self._oversized + 1 if again else 1
                self._oversized_after = self._newest
                if self._oversized >= _MAX_OVERSIZED_IN_A_ROW:
                    raise Fatal(
                        f"{self._address} sends a frame above {self._limits.max_frame_bytes:,} "
                        "bytes again and again; no post is so large: is it a Jetstream?"
                    )
                return _Ended("frame-too-large", _words(closed.sent.reason))
            if closed.sent.code == CloseCode.INTERNAL_ERROR:
                return _Ended("no-pong", _words(closed.sent.reason))
            return _Ended("protocol-error", _words(str(closed)))
        if closed.rcvd is None:
            return _Ended("cut", _words(str(closed)))
        orderly = closed.rcvd.code in _ORDERLY_CLOSES
        return _Ended("server-closed" if orderly else "server-error", _words(str(closed)))

    def _url(self, cursor: int | None) -> str:
        query = {"wantedCollections": POST_COLLECTION}
        if cursor is not None:
            query["cursor"] = str(cursor)
        return f"{self._address}/subscribe?{urlencode(query)}"


def micros(moment: datetime) -> int:
    """Return microseconds of the Unix clock."""
    return int(moment.timestamp() * 1_000_000)


def _refused(refused: InvalidStatus, now: datetime) -> _Ended:
    """Return how to go on after an answer that was no upgrade.

    Raises:
        Fatal: the request is wrong and stays so.
    """
    response = refused.response
    status = response.status_code
    said = _words(bytes(response.body or b"").decode(errors="replace"))
    if 400 <= status < 500 and status not in _PASSING_STATUSES:  # noqa: PLR2004 - HTTP's own classes
        raise Fatal(
            f"the server refuses to be followed: HTTP {status}: {said}; "
            "check the host, and whether it serves /subscribe"
        )
    wait = _retry_after(response.headers.get("Retry-After"), now)
    reason = "too-many-requests" if status == _TOO_MANY_REQUESTS else "server-unavailable"
    return _Ended(reason, f"HTTP {status}: {said}", wait)


def _retry_after(value: str | None, now: datetime) -> float:
    """Return the seconds of a Retry-After header, bounded; 0 without a usable one."""
    if value is None:
        return 0.0
    seconds = 0.0
    if re.fullmatch(r"\d{1,9}", value.strip()):
        seconds = float(value)
    else:
        with contextlib.suppress(ValueError):
            moment = email.utils.parsedate_to_datetime(value)
            seconds = (
                (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
            ).total_seconds()
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_SECONDS)


def _words(text: str) -> str:
    """Return a server's words on one line, bounded, without what steers a terminal."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * _MAX_WORDS])
    return " ".join(printable.split())[:_MAX_WORDS]
