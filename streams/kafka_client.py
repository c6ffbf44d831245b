"""How kafka-python clients of every part reach the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.settings import KafkaSettings


def client_config(kafka: KafkaSettings) -> dict[str, Any]:
    """Return the keyword arguments that all kafka-python clients share."""
    config: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap_servers.split(","),
        "security_protocol": kafka.security_protocol,
    }
    if kafka.ssl_cafile is not None:
        config["ssl_cafile"] = str(kafka.ssl_cafile)
    if kafka.security_protocol.startswith("SASL"):
        config["sasl_mechanism"] = kafka.sasl_mechanism
        config["sasl_plain_username"] = kafka.sasl_username
        password = kafka.sasl_password
        config["sasl_plain_password"] = password.get_secret_value() if password else None
    return config
