"""Publishing to a real Kafka."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams.broker.admin import apply_topics
from streams.kafka_client import client_config
from streams.packs.claims_topic import read_claims_topic
from streams.packs.errors import ClaimsTopicError
from streams.packs.folder import PackFolder, default_folder, read_packs
from streams.packs.plan import PublishAction
from streams.packs.publish import publish
from streams.schema import Claim, ElectionPack
from streams.settings import KafkaSettings
from streams.topics import CLAIMS

pytestmark = pytest.mark.kafka

FOUND = read_packs(default_folder())
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def cluster(kafka_settings):
    apply_topics(kafka_settings, specs=[CLAIMS])
    return kafka_settings


def records_of(settings):
    partition = TopicPartition(settings.topic(CLAIMS), 0)
    consumer = KafkaConsumer(**client_config(settings), isolation_level="read_committed")
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        found = []
        while batch := consumer.poll(timeout_ms=2000).get(partition):
            found += batch
        return found
    finally:
        consumer.close()


def produce(settings, key, value):
    producer = KafkaProducer(**client_config(settings))
    producer.send(settings.topic(CLAIMS), key=key, value=value).get(30)
    producer.close()


def test_all_packs_are_published_once_and_read_back_as_they_were(cluster):
    report = publish(FOUND, cluster, now=lambda: NOW)
    assert report.written == len(FOUND.packs) + len(FOUND.claims)
    again = publish(FOUND, cluster)
    assert (again.written, again.count(PublishAction.UNCHANGED)) == (0, report.written)

    published = read_claims_topic(cluster)
    assert (published.packs, published.claims) == (FOUND.packs, FOUND.claims)
    assert published.unreadable == frozenset()

    records = records_of(cluster)
    assert len(records) == report.written
    for record in records:
        headers = dict(record.headers)
        model = ElectionPack if record.key.startswith(b"pack:") else Claim
        assert headers["ce_dataschema"] == model.dataschema().encode()
        assert headers["ce_time"] == b"2026-11-03T12:00:00Z"
        assert b"\\u" not in record.value
        value = model.from_json(record.value)
        assert record.key.decode() == (value.key if model is ElectionPack else value.claim_id)
    assert len({dict(record.headers)["ce_id"] for record in records}) == len(records)


def test_a_changed_claim_is_written_alone_with_a_higher_version(cluster):
    publish(FOUND, cluster)
    first = FOUND.claims[0]
    changed = first.model_copy(update={"topic": {**first.topic, "en": "something else"}})
    report = publish(PackFolder(FOUND.packs, (changed, *FOUND.claims[1:])), cluster)
    assert [(s.key, s.record.version) for s in report.steps if s.writes] == [(first.claim_id, 2)]
    on_topic = read_claims_topic(cluster).records[first.claim_id]
    assert (on_topic.version, on_topic.topic["en"]) == (2, "something else")


def test_what_left_the_files_stays_published(cluster):
    publish(FOUND, cluster)
    report = publish(PackFolder(FOUND.packs, FOUND.claims[1:]), cluster)
    assert (report.written, report.count(PublishAction.NOT_IN_FILES)) == (0, 1)
    assert FOUND.claims[0].claim_id in read_claims_topic(cluster).records


def test_foreign_records_on_the_topic_are_told_and_tombstones_remove(cluster):
    publish(PackFolder(FOUND.packs[:1], FOUND.claims[:2]), cluster)
    produce(cluster, b"odd", b"\xff not json")
    produce(cluster, FOUND.claims[0].claim_id.encode(), None)
    published = read_claims_topic(cluster)
    assert published.unreadable == {"odd"}
    assert [claim.claim_id for claim in published.claims] == [FOUND.claims[1].claim_id]


def test_a_failed_publication_leaves_nothing_behind(cluster):
    class UnsendableClaim(Claim):
        def to_json(self):
            return b"x" * (3 * 1024 * 1024)

    last = UnsendableClaim(**FOUND.claims[-1].model_dump() | {"claim_id": "zz-too-large"})
    with pytest.raises(ClaimsTopicError, match="refused"):
        publish(PackFolder(FOUND.packs, (*FOUND.claims, last)), cluster)
    report = publish(PackFolder(FOUND.packs[:1], ()), cluster)
    assert report.written == 1
    assert set(read_claims_topic(cluster).records) == {FOUND.packs[0].key}


def test_a_missing_topic_names_the_remedy(kafka_settings):
    with pytest.raises(ClaimsTopicError, match="hustings topics apply"):
        publish(FOUND, kafka_settings)


def test_the_command_publishes_says_what_it_did_and_lists(cluster, hustings):
    first = hustings(cluster, "claims", "load")
    assert first.returncode == 0, first.stderr
    assert f"{len(FOUND.packs)} packs and {len(FOUND.claims)} claims" in first.stdout
    again = hustings(cluster, "claims", "load", "--json")
    assert {json.loads(line)["action"] for line in again.stdout.splitlines()} == {"unchanged"}
    listed = hustings(cluster, "claims", "list", "--jurisdiction", "us", "--json")
    ids = [json.loads(line)["claim_id"] for line in listed.stdout.splitlines()]
    assert ids == [claim.claim_id for claim in FOUND.claims if claim.jurisdiction == "US"]


@pytest.mark.slow
def test_without_kafka_the_command_names_the_remedy(hustings, tmp_path):
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    ended = hustings(nowhere, "claims", "list")
    assert ended.returncode == 1
    assert "hustings kafka start" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture
def hustings():
    def call(settings, *args):
        environment = os.environ | {
            "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            "HUSTINGS_KAFKA__TOPIC_PREFIX": settings.topic_prefix,
            "COLUMNS": "200",
        }
        return subprocess.run(
            [sys.executable, "-m", "streams.cli", *args],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call
