"""The Faust app's settings that keep posts from being lost."""

import pytest
from faust.types.auth import AuthProtocol

from streams.settings import KafkaSettings, Settings
from streams.worker.app import build_app


def app(tmp_path, **kafka):
    return build_app(Settings(data_dir=tmp_path, kafka=KafkaSettings(**kafka)))


def test_a_worker_keeps_its_place_in_the_group_over_a_restart(tmp_path):
    conf = app(tmp_path).conf
    assert conf.consumer_group_instance_id == "label-0"
    assert conf.table_standby_replicas == 1  # 0 would choose an assignor without static members


def test_chunks_in_flight_are_waited_for_at_shutdown(tmp_path):
    assert app(tmp_path).conf.stream_wait_empty is True


def test_the_topics_prefix_is_the_groups_too(tmp_path):
    assert app(tmp_path, topic_prefix="eu.").conf.id == "eu.hustings-label"


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("SASL_SSL", AuthProtocol.SASL_SSL),
        ("SASL_PLAINTEXT", AuthProtocol.SASL_PLAINTEXT),
        ("SSL", AuthProtocol.SSL),
    ],
)
def test_credentials_speak_the_protocol_of_the_settings(tmp_path, protocol, expected):
    made = app(tmp_path, security_protocol=protocol, sasl_username="u", sasl_password="p")  # noqa: S106
    assert made.conf.broker_credentials.protocol is expected


def test_several_brokers_are_all_asked(tmp_path):
    made = app(tmp_path, bootstrap_servers="a:1, b:2")
    assert [url.host for url in made.conf.broker] == ["a", "b"]
