"""Bad input from files and from Kafka: each record is decided or a dead letter."""

import gzip
import json

import pytest
from kafka import KafkaProducer

from streams.kafka_client import client_config
from streams.schema import Fault, cloudevent_headers
from streams.schema import Post as PostModel
from streams.topics import POSTS
from tests import builders as build
from tests.rig import Rig

pytestmark = pytest.mark.kafka

GOOD = b'{"id":"good-%d","text":"fine weather for a walk"}\n'


def source_folder(folder):
    """Write one file a kind of bad input; return how many records they hold."""
    folder.mkdir()
    lines = {
        "invalid-utf8": b'{"id":"1","text":"\xff\xfe"}\n',
        "ten-megabytes": b'{"id":"2","text":"' + b"x" * 10_000_000 + b'"}\n',
        "deep": b'{"id":"3","text":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        "wrong-types": b'{"id":["4"],"text":{"a":1}}\n',
        "future": b'{"id":"5","text":"from tomorrow","created_at":"2999-01-01T00:00:00Z"}\n',
        "empty-text": b'{"id":"6","text":""}\n',
        "nul": b'{"id":"7","text":"a\\u0000b"}\n',
        "not-json": b"once upon a time\n",
        "twice": b'{"id":"8","text":"one"}\n{"id":"8","text":"two"}\n',
        "long": b'{"id":"9","text":"' + b"a vote " * 14_285 + b'"}\n',
        "blank": b"\n\n   \n",
    }
    for name, content in lines.items():
        (folder / f"{name}.ndjson").write_bytes(content + GOOD % len(name))
    packed = gzip.compress(b"".join(GOOD % n for n in range(1000, 3000)))
    (folder / "truncated.ndjson.gz").write_bytes(packed[: len(packed) // 2])


def test_every_line_of_bad_files_is_accounted_for(kafka_settings, tmp_path):
    source_folder(tmp_path / "bad")
    with Rig(kafka_settings, tmp_path) as rig:
        rig.start_workers(1)
        summary = rig.ingest(tmp_path / "bad", "--connector-id", "bad")
        rig.wait_until_decided()
        letters = rig.dead_letters().values()
        cursor = rig.cursors()["bad"]
        assert cursor.posts == summary["posts"] == len(rig.posts())
        assert cursor.dead_letters == len(letters)
        found = {letter.place.split(".ndjson")[0].rsplit("/", 1)[-1]: letter for letter in letters}
        assert {name: letter.fault for name, letter in found.items()} == {
            "invalid-utf8": Fault.NOT_UTF8,
            "ten-megabytes": Fault.TOO_LARGE,
            "deep": Fault.TOO_DEEP,
            "wrong-types": Fault.INVALID,
            "future": Fault.FUTURE_DATE,
            "empty-text": Fault.EMPTY_TEXT,
            "nul": Fault.NUL_CHARACTER,
            "not-json": Fault.NOT_JSON,
            "truncated": Fault.TRUNCATED,
        }
        assert found["ten-megabytes"].original_bytes > 10_000_000
        assert all(letter.detail for letter in letters)


def test_every_bad_record_in_the_topic_is_accounted_for(kafka_settings, tmp_path):
    post = build.post("ok", "fine weather")
    headers = cloudevent_headers(PostModel, event_id="1", source="/test", time=post.received_at)
    newer = [("ce_dataschema", b"urn:hustings:schema:post:99")]
    records = {
        "not json": (b"k1", b"once upon a time", headers),
        "cut off": (b"k2", post.to_json()[:40], headers),
        "not utf-8": (b"k3", b'{"post_id":"k3","text":"vote \xff"}', headers),
        "no value": (b"k4", None, headers),
        "other schema": (b"ok", post.to_json(), newer),
        "other key": (b"k5", post.to_json(), newer[:0]),
        "wrong types": (b"k6", json.dumps({"post_id": 6, "op": "update"}).encode(), headers),
        "deep": (b"k7", b'{"vote election":' + b"[" * 9_000 + b"]" * 9_000 + b"}", headers),
    }
    with Rig(kafka_settings, tmp_path) as rig:
        producer = KafkaProducer(**client_config(kafka_settings))
        topic = kafka_settings.topic(POSTS)
        for key, value, sent in records.values():
            producer.send(topic, key=key, value=value, headers=sent)
        good = [build.post(f"g{n}", "fine weather") for n in range(50)]
        for one in good:
            producer.send(topic, key=one.post_id.encode(), value=one.to_json(), headers=headers)
        producer.flush(30)
        producer.close()
        rig.start_workers(1, first_metrics_port=0)
        rig.wait_until_decided()
        letters = rig.dead_letters()
        assert len(letters) == len(records)
        assert all(letter.origin == "worker" for letter in letters.values())
        assert all(letter.place.startswith(topic) for letter in letters.values())
        assert {letter.fault for letter in letters.values()} == {
            Fault.NOT_JSON,
            Fault.NOT_UTF8,
            Fault.INVALID,
            Fault.UNKNOWN_SCHEMA,
            Fault.NO_KEY,
            Fault.TOO_DEEP,
        }
        assert rig.events() == []
