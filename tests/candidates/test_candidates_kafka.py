"""Posts through a worker to the queue, and clustering over restarts, on a real Kafka."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry

from streams.broker.admin import apply_topics
from streams.candidates.clusterer import Clusterer
from streams.candidates.errors import CandidatesError, CandidatesFenced
from streams.candidates.metrics import CandidateMetrics
from streams.candidates.record import from_record
from streams.candidates.run import CandidateRun
from streams.candidates.topic import read_candidates
from streams.detect.asking import Query
from streams.detect.detector import build_detector
from streams.kafka_client import client_config
from streams.labels.observe import is_new_claim
from streams.lifeline import Child
from streams.settings import Settings
from streams.topics import OBSERVATIONS
from tests.candidates.test_clusterer import LENS, START, gone, said
from tests.rig import Rig

pytestmark = pytest.mark.kafka

NEW = {
    "en-1": "Vans were seen dumping sealed ballot boxes into the lake behind the town hall",
    "en-2": "Sealed ballot boxes were dumped from vans into a lake behind the town hall tonight",
    "es-1": "Vieron camionetas tirando urnas selladas al lago detrás del ayuntamiento",
    "de-1": "Versiegelte Wahlurnen wurden hinter dem Rathaus in den See geworfen",
    "pt-1": "Urnas lacradas foram jogadas de vans no lago atrás da prefeitura",
    "en-3": "Poll workers in the northern district were paid to tear up ballots of students",
    "cat": "The cat sleeps on the sofa",
}


def settings_of(kafka_settings):
    return Settings().model_copy(update={"kafka": kafka_settings})


def send(settings, observations):
    producer = KafkaProducer(**client_config(settings))
    for one in observations:
        producer.send(settings.topic(OBSERVATIONS), key=one.post_id.encode(), value=one.to_json())
    producer.flush()
    producer.close()


class Process:
    """A clustering process in a thread of this one."""

    def __init__(self, kafka_settings):
        self.registry = CollectorRegistry()
        self.stop = threading.Event()
        self.error = None
        clusterer = Clusterer(LENS, "e")
        self.run = CandidateRun(
            settings_of(kafka_settings), CandidateMetrics(self.registry), clusterer
        )
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            self.run.run(self.stop)
        except CandidatesError as error:
            self.error = error

    def taken(self):
        samples = next(iter(self.run._metrics.taken.collect())).samples
        return {s.labels["outcome"]: s.value for s in samples if s.name.endswith("_total")}

    def wait_for(self, total, seconds=60):
        ended = threading.Event()
        for _ in range(seconds * 10):
            if sum(self.taken().values()) >= total or ended.wait(0.1):
                return
        raise AssertionError(self.taken())

    def end(self):
        self.stop.set()
        self.thread.join(60)
        assert not self.thread.is_alive()
        assert self.error is None or isinstance(self.error, CandidatesFenced), self.error


@contextmanager
def process(kafka_settings):
    one = Process(kafka_settings)
    try:
        yield one
    finally:
        one.end()


def standing(kafka_settings):
    return {
        one: from_record(record)
        for one, record in read_candidates(kafka_settings).items()
        if record.merged_into is None
    }


def summary(kafka_settings):
    return sorted(
        (c.posts, c.people, c.total.tolist(), sorted(c.members))
        for c in standing(kafka_settings).values()
    )


def test_a_restart_goes_on_and_repeats_count_once(kafka_settings):
    apply_topics(kafka_settings)
    first = [said(f"p{n}", n % 2, jurisdictions=("ZZ",)) for n in range(6)]
    later = [
        gone("p0"),
        said("p9", 0, received_at=START + timedelta(hours=1)),
    ]
    send(kafka_settings, first)
    with process(kafka_settings) as one:
        one.wait_for(6)
    assert [c.posts for c in standing(kafka_settings).values()] == [3, 3]
    before = summary(kafka_settings)
    send(kafka_settings, first)
    with process(kafka_settings) as two:
        two.wait_for(6)
        assert two.taken()["repeat"] == 6
    assert summary(kafka_settings) == before
    send(kafka_settings, [*later, *first])
    with process(kafka_settings) as three:
        three.wait_for(8)
        assert three.taken()["repeat"] == 6
    assert sorted(c.posts for c in standing(kafka_settings).values()) == [3, 3]


def test_what_is_no_observation_is_counted_and_stops_nothing(kafka_settings):
    apply_topics(kafka_settings)
    producer = KafkaProducer(**client_config(kafka_settings))
    for value in (b"not json", None, b"{}", b"\xff"):
        producer.send(kafka_settings.topic(OBSERVATIONS), key=b"x", value=value)
    producer.flush()
    producer.close()
    far = said("p1", received_at=START + timedelta(days=100_000))
    send(kafka_settings, [far, said("p2")])
    with process(kafka_settings) as one:
        one.wait_for(6)
        assert one.taken()["unreadable"] == 5
    assert [c.posts for c in standing(kafka_settings).values()] == [1]


def test_a_newer_process_takes_over(kafka_settings):
    apply_topics(kafka_settings)
    send(kafka_settings, [said("p1")])
    old = Process(kafka_settings)
    old.wait_for(1)
    with process(kafka_settings) as new:
        send(kafka_settings, [said("p2")])
        new.wait_for(1)
        old.thread.join(60)
        assert isinstance(old.error, CandidatesFenced)
    (one,) = standing(kafka_settings).values()
    assert one.posts == 2


def hustings(rig, *args):
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", "candidates", *args],
        env={**os.environ, **rig.env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def write(path, posts):
    lines = [json.dumps({"created_at": "2026-11-04T02:00:00Z", **post}) for post in posts]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.slow
def test_posts_come_through_a_worker_into_the_queue_and_leave_it_when_deleted(
    kafka_settings, tmp_path
):
    with Rig(kafka_settings, tmp_path) as rig:
        rig.env["HUSTINGS_WORKER__ENCODER_SECONDS"] = "60"
        detector = build_detector(rig.packs.catalogue())
        read = detector.detect_all([Query(text) for text in NEW.values()])
        expected = {
            post_id
            for post_id, one in zip(NEW, read, strict=True)
            if is_new_claim(one, detector.catalogue)
        }
        assert "cat" not in expected
        assert len(expected) >= 3, "the detector must find something new"
        rig.start_workers(1)
        log = (tmp_path / "candidates.log").open("wb")
        child = Child(
            [sys.executable, "-m", "streams.cli", "candidates", "run"],
            env={**os.environ, **rig.env},
            stdout=log,
            stderr=log,
        )
        try:
            posts = [{"id": post_id, "text": text} for post_id, text in NEW.items()]
            rig.ingest(write(tmp_path / "posts.ndjson", posts))
            rig.wait_until(lambda: posts_in(kafka_settings) == len(expected), what="the queue")
            listed = hustings(rig, "list", "--json")
            assert listed.returncode == 0, listed.stderr
            shown = [json.loads(line) for line in listed.stdout.splitlines()]
            assert {e["post_id"] for one in shown for e in one["examples"]} == expected
            assert "memory" not in shown[0]
            one = max(shown, key=lambda candidate: candidate["posts"])
            page = hustings(rig, "show", one["candidate_id"])
            assert NEW[one["examples"][0]["post_id"]][:60] in page.stdout

            deleted = one["examples"][0]["post_id"]
            last = [{"id": deleted, "op": "delete", "version": "9"}]
            rig.ingest(write(tmp_path / "later.ndjson", last))
            rig.wait_until(
                lambda: posts_in(kafka_settings) == len(expected) - 1, what="the deletion"
            )
            assert deleted not in hustings(rig, "list", "--json").stdout
        finally:
            status = child.stop(grace_seconds=20)
            log.close()
        assert status == 0, (tmp_path / "candidates.log").read_text()[-2000:]


def posts_in(kafka_settings):
    return sum(record.posts for record in read_candidates(kafka_settings).values())
