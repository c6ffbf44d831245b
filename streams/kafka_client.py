"""How Kafka clients reach the cluster of the settings; imports no client itself."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.settings import KafkaSettings


_AWAY_SECONDS = 0.1


def client_config(settings: KafkaSettings) -> dict[str, Any]:
    """Return the connection arguments of kafka-python's clients.

    Raises:
        ValueError: SASL without a user or password.
        OSError: the CA file cannot be read.
    """
    config: dict[str, Any] = {
        "bootstrap_servers": bootstrap_servers(settings),
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.startswith("SASL_"):
        if not settings.sasl_username or settings.sasl_password is None:
            raise ValueError(
                f"{settings.security_protocol} needs HUSTINGS_KAFKA__SASL_USERNAME and "
                "HUSTINGS_KAFKA__SASL_PASSWORD"
            )
        config |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    if settings.security_protocol.endswith("SSL"):
        config["ssl_context"] = ssl_context(settings)
    return config


def transactional_config(
    client_id: str, transactional_id: str, *, seconds: float
) -> dict[str, Any]:
    """Return what a producer of transactions needs besides the connection.

    Args:
        client_id: as brokers log it.
        transactional_id: the newest producer of one shuts the others out.
        seconds: after which Kafka ends a transaction that is left open.
    """
    return {
        "client_id": client_id,
        "transactional_id": transactional_id,
        "transaction_timeout_ms": int(seconds * 1000),
        # Explicit, so that a conflicting setting raises instead of switching it off.
        "enable_idempotence": True,
        "acks": "all",
        # A batch that expires leaves the producer without an id and silent for ever.
        "delivery_timeout_ms": 10**9,
        # The default of 30 s adds up to that much to the time that a broker was away.
        "reconnect_backoff_ms": 50,
        "reconnect_backoff_max_ms": 1000,
        "bootstrap_timeout_ms": 10_000,
        "max_block_ms": 15_000,
        # Full batches leave at once and the rest with the flush of the transaction.
        "linger_ms": 1000,
        "batch_size": 512 * 1024,
        "max_request_size": 2 * 1024 * 1024,
        "compression_type": "lz4",
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }


def hold_requests(producer: Any) -> None:
    """Have a transactional producer of kafka-python keep its requests while the broker is away.

    Version 3.0.12 takes a request for the coordinator off its queue and, when the connection
    to it turns out to be down, drops it: partitions are never added to the transaction, or it is
    never ended, and `flush` or `commit_transaction` waits for ever while a thread spins. Told that
    the coordinator is "not ready" instead of an exception, it puts the request back.
    """
    from kafka.errors import KafkaConnectionError  # noqa: PLC0415 - this module imports no client

    client = producer._sender._client  # noqa: SLF001 - no public way in
    await_ready = client.await_ready

    def await_ready_or_not(node_id: Any, timeout_ms: float = 30_000) -> bool:
        try:
            return bool(await_ready(node_id, timeout_ms=timeout_ms))
        except KafkaConnectionError:
            # The sender asks again at once: not a thousand times a second.
            time.sleep(_AWAY_SECONDS)
            return False

    client.await_ready = await_ready_or_not


def let_go(producer: Any, *, seconds: float = 5.0) -> None:
    """Close a producer of kafka-python without waiting for what is still to be sent.

    An open transaction is ended by the next `init_transactions` of its id.
    """
    # Not close(timeout): it flushes first, and a broken producer raises from that
    # before its thread is stopped.
    producer._sender.force_close()  # noqa: SLF001 - the only way past that flush
    producer._sender.join(seconds)  # noqa: SLF001
    producer.close(timeout=0)


def bootstrap_servers(settings: KafkaSettings) -> list[str]:
    """Return `host:port` of each server that is asked first."""
    return [server.strip() for server in settings.bootstrap_servers.split(",") if server.strip()]


def ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    """Return a context that checks certificates and host names.

    Raises:
        OSError: the CA file cannot be read.
    """
    return ssl.create_default_context(cafile=settings.ssl_cafile)
