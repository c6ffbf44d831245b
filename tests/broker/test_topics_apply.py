"""Topics on a real Kafka: created, verified, changed, refused."""

from __future__ import annotations

import time

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from streams.broker.admin import apply_topics, list_topics
from streams.broker.errors import TopicsFailed, Unreachable
from streams.broker.probe import free_ports
from streams.broker.topicplan import TopicAction
from streams.topics import ALL_TOPICS, LABELS, POSTS

pytestmark = pytest.mark.kafka


def actions(outcomes):
    return {outcome.action for outcome in outcomes}


def write_one(settings, spec):
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    producer.send(settings.topic(spec), key=b"k", value=b"v").get(timeout=20)
    producer.close()


def configure(settings, spec, **config):
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    names = {key.replace("_", "."): value for key, value in config.items()}
    resource = ConfigResource(ConfigResourceType.TOPIC, settings.topic(spec), names)
    admin.alter_configs([resource])
    admin.close()
    # The controller answers before the broker has heard of it.
    while not names.items() <= list_topics(settings, specs=[spec])[0][1].config.items():
        time.sleep(0.05)


def test_all_topics_are_created_then_verified_and_look_as_specified(kafka_settings):
    assert actions(apply_topics(kafka_settings)) == {TopicAction.CREATED}
    assert actions(apply_topics(kafka_settings)) == {TopicAction.VERIFIED}

    listed = list_topics(kafka_settings)

    assert [wanted.spec for wanted, _ in listed] == list(ALL_TOPICS)
    for wanted, found in listed:
        assert found.partitions == wanted.partitions
        assert wanted.config.items() <= found.config.items()


def test_dry_run_creates_nothing(kafka_settings):
    assert actions(apply_topics(kafka_settings, dry_run=True)) == {TopicAction.CREATED}
    assert all(found is None for _, found in list_topics(kafka_settings))


def test_a_changed_setting_is_put_right(kafka_settings):
    apply_topics(kafka_settings)
    configure(kafka_settings, POSTS, retention_ms="1000", compression_type="gzip")

    outcomes = {one.name: one for one in apply_topics(kafka_settings)}

    assert outcomes[kafka_settings.topic(POSTS)].action is TopicAction.CHANGED
    assert actions(apply_topics(kafka_settings)) == {TopicAction.VERIFIED}


def test_empty_topics_get_more_partitions(kafka_settings):
    apply_topics(kafka_settings)
    more = kafka_settings.model_copy(update={"partitions": 6})

    assert TopicAction.CHANGED in actions(apply_topics(more))
    assert actions(apply_topics(more)) == {TopicAction.VERIFIED}


def test_a_topic_with_records_keeps_its_partitions_and_so_do_all_others(kafka_settings):
    apply_topics(kafka_settings)
    write_one(kafka_settings, LABELS)
    more = kafka_settings.model_copy(update={"partitions": 6})

    outcomes = {one.name: one for one in apply_topics(more)}

    assert outcomes[more.topic(LABELS)].action is TopicAction.REFUSED
    assert "HUSTINGS_KAFKA__PARTITIONS=4" in outcomes[more.topic(LABELS)].reasons[0]
    assert outcomes[more.topic(POSTS)].action is TopicAction.WITHHELD
    assert actions(apply_topics(kafka_settings)) == {TopicAction.VERIFIED}


def test_more_copies_than_brokers_is_an_error_with_a_remedy(kafka_settings):
    with pytest.raises(TopicsFailed, match="HUSTINGS_KAFKA__REPLICATION"):
        apply_topics(kafka_settings.model_copy(update={"replication": 3}))


def test_no_kafka_is_an_error_with_a_remedy(kafka_settings):
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"

    with pytest.raises(Unreachable, match="hustings kafka start"):
        apply_topics(
            kafka_settings.model_copy(update={"bootstrap_servers": nowhere}), timeout_seconds=0.5
        )
