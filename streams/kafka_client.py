"""How Kafka clients reach the cluster of the settings; imports no client itself."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.settings import KafkaSettings


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


def bootstrap_servers(settings: KafkaSettings) -> list[str]:
    """Return `host:port` of each server that is asked first."""
    return [server.strip() for server in settings.bootstrap_servers.split(",") if server.strip()]


def ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    """Return a context that checks certificates and host names.

    Raises:
        OSError: the CA file cannot be read.
    """
    return ssl.create_default_context(cafile=settings.ssl_cafile)
