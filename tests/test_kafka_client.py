"""Connection arguments of kafka-python's clients."""

from __future__ import annotations

import ssl

import pytest
from pydantic import SecretStr

from streams.kafka_client import client_config
from streams.settings import KafkaSettings


def test_plain_text_names_only_the_servers():
    assert client_config(KafkaSettings(bootstrap_servers="a:1, b:2,")) == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "PLAINTEXT",
    }


def test_sasl_over_tls_checks_the_certificate_and_hands_over_the_password():
    settings = KafkaSettings(
        security_protocol="SASL_SSL", sasl_username="u", sasl_password=SecretStr("secret")
    )

    config = client_config(settings)

    assert config["sasl_plain_password"] == "secret"  # noqa: S105 - a test's
    assert config["sasl_mechanism"] == "SCRAM-SHA-512"
    assert config["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert config["ssl_context"].check_hostname


def test_sasl_without_password_is_an_error_that_names_the_settings():
    settings = KafkaSettings(security_protocol="SASL_PLAINTEXT", sasl_username="u")

    with pytest.raises(ValueError, match="HUSTINGS_KAFKA__SASL_PASSWORD"):
        client_config(settings)


def test_a_missing_ca_file_is_an_error(tmp_path):
    settings = KafkaSettings(security_protocol="SSL", ssl_cafile=tmp_path / "none.pem")

    with pytest.raises(FileNotFoundError):
        client_config(settings)
