"""Is a port free, and does a broker answer."""

from __future__ import annotations

import contextlib
import logging
import socket
from typing import TYPE_CHECKING

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from streams.broker.serverfiles import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator


def free_ports(count: int) -> list[int]:
    """Return different free ports; another program may still take one."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def is_free(port: int) -> bool:
    """Return whether a server could listen on the port."""
    with socket.socket() as one:
        # As Java does: a connection that has just ended does not hold the port.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, port))
        except OSError:
            return False
        return True


def brokers_known(port: int) -> set[int]:
    """Return the ids of the brokers that this one's metadata name; none while it is silent."""
    with socket.socket() as one:
        one.settimeout(1.0)
        if one.connect_ex((HOST, port)) != 0:
            return set()
    with _quiet():
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=f"{HOST}:{port}",
                client_id="hustings-ready",
                bootstrap_timeout_ms=5_000,
                request_timeout_ms=5_000,
            )
        except KafkaError:
            return set()
        try:
            brokers = admin.describe_cluster()["brokers"]
            # A fenced one is registered but serves nobody yet.
            return {one["broker_id"] for one in brokers if not one.get("is_fenced")}
        except KafkaError:
            return set()
        finally:
            admin.close()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hide what the client logs about a server that is not ready yet: that is expected here."""
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
