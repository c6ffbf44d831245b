"""aiokafka clients of a worker besides Faust's own: group-less readers of compacted topics."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer

if TYPE_CHECKING:
    from streams.settings import KafkaSettings


def reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """Return an unstarted consumer without a group that reads committed records."""
    return AIOKafkaConsumer(
        **_client_config(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 * 1024 * 1024,
        fetch_max_wait_ms=250,
    )


def _client_config(settings: KafkaSettings) -> dict[str, Any]:
    config: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol in {"SSL", "SASL_SSL"}:
        cafile = str(settings.ssl_cafile) if settings.ssl_cafile else None
        config["ssl_context"] = ssl.create_default_context(cafile=cafile)
    if settings.security_protocol.startswith("SASL"):
        password = settings.sasl_password
        config["sasl_mechanism"] = settings.sasl_mechanism
        config["sasl_plain_username"] = settings.sasl_username
        config["sasl_plain_password"] = password.get_secret_value() if password else None
    return config
