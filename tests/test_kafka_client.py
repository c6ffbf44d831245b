"""Connection arguments of kafka-python's clients."""

from __future__ import annotations

import ssl
import threading
import time

import pytest
from kafka import KafkaProducer
from pydantic import SecretStr

from streams.broker.admin import apply_topics
from streams.broker.embedded import EmbeddedKafka
from streams.kafka_client import client_config, hold_requests, let_go, transactional_config
from streams.settings import KafkaSettings
from streams.topics import POSTS


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


@pytest.mark.kafka
@pytest.mark.slow
def test_a_transaction_that_is_begun_while_the_broker_is_away_ends(tmp_path):
    with EmbeddedKafka(tmp_path / "kafka") as kafka:
        settings = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers, partitions=2)
        apply_topics(settings)
        producer = KafkaProducer(
            **client_config(settings), **transactional_config("test", "test", seconds=600)
        )
        hold_requests(producer)
        try:
            producer.init_transactions()
            producer.begin_transaction()
            producer.send(settings.topic(POSTS), value=b"1", partition=0)
            producer.commit_transaction()

            kafka.kill()
            client = producer._sender._client
            coordinator = producer._transaction_manager._transaction_coordinator
            deadline = time.monotonic() + 60
            while client.is_ready(coordinator):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            producer.begin_transaction()
            sent = producer.send(settings.topic(POSTS), value=b"2", partition=1)
            flush = threading.Thread(target=producer.flush, daemon=True)
            flush.start()
            flush.join(2)
            kafka.restart()
            flush.join(120)
            assert sent.succeeded(), "the request for the coordinator was dropped"
            commit = threading.Thread(target=producer.commit_transaction, daemon=True)
            commit.start()
            commit.join(120)
            assert not commit.is_alive()
        finally:
            let_go(producer)
