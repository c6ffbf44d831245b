"""Candidates become claims, and leave the queue when a claim says the same, on a real Kafka."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry

from streams.broker.admin import apply_topics
from streams.candidates.claims import Matcher
from streams.candidates.clusterer import Clusterer
from streams.candidates.metrics import CandidateMetrics
from streams.candidates.run import CandidateRun
from streams.candidates.topic import read_candidates
from streams.kafka_client import client_config
from streams.packs.claims_topic import read_claims_topic
from streams.packs.folder import PackFolder, default_folder, read_packs
from streams.packs.publish import publish
from streams.schema import ClaimStatus, Op, Post
from streams.settings import Settings
from streams.topics import CLAIMS, OBSERVATIONS, POSTS
from tests.candidates.test_clusterer import LENS, said

pytestmark = pytest.mark.kafka

# Kafka lets go of posts by their time: older ones could be gone before they are looked up.
START = datetime.now(UTC).replace(microsecond=0)
VANS = {
    "p1": "Vans were seen dumping sealed ballot boxes into the lake behind the town hall",
    "p2": "@ann Sealed ballot boxes were seen dumped from vans into the lake https://a.example/1",
    "p3": "They were dumping sealed ballot boxes into the lake, vans full of them \x1b[2J",
}
OTHER = {"p4": "Poll workers were paid to tear up the ballots of students in the north"}
STATEMENT = "Vans were dumping sealed ballot boxes into the lake"


@pytest.fixture
def topics(kafka_settings):
    """Topics with all packs, no claim, and posts with their observations."""
    apply_topics(kafka_settings)
    publish(PackFolder(read_packs(default_folder()).packs, ()), kafka_settings)
    observe(kafka_settings, VANS, 0)
    observe(kafka_settings, OTHER, 1)
    return kafka_settings


def observe(settings, texts, claim, at=START):
    producer = KafkaProducer(**client_config(settings))
    for post_id, text in texts.items():
        post = Post(
            post_id=post_id,
            op=Op.CREATE,
            version="1",
            source="test",
            text=text,
            languages=("en",),
            created_at=at,
            received_at=at,
        )
        key, when = post_id.encode(), int(at.timestamp() * 1000)
        producer.send(settings.topic(POSTS), key=key, value=post.to_json(), timestamp_ms=when)
        seen = said(post_id, claim, received_at=at, jurisdictions=("US",))
        producer.send(settings.topic(OBSERVATIONS), key=key, value=seen.to_json())
    producer.flush()
    producer.close()


@contextmanager
def clustering(settings, build=Matcher):
    stop = threading.Event()
    metrics = CandidateMetrics(CollectorRegistry())
    run = CandidateRun(
        Settings().model_copy(update={"kafka": settings}), metrics, Clusterer(LENS, "e"), build
    )
    failed = []

    def work():
        try:
            run.run(stop)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield metrics
    finally:
        stop.set()
        thread.join(60)
    assert failed == []


def wait_until(holds, settings, seconds=400):
    ended = threading.Event()
    for _ in range(seconds * 2):
        if holds():
            return
        ended.wait(0.5)
    raise AssertionError({k: v.retired_by for k, v in read_candidates(settings).items()})


def reasons(settings):
    """Return the claim that each candidate is retired by, by its first example."""
    return {one.examples[0].post_id: one.retired_by for one in read_candidates(settings).values()}


def hustings(settings, *args):
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", "candidates", *args],
        env={
            **os.environ,
            "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            "HUSTINGS_KAFKA__TOPIC_PREFIX": settings.topic_prefix,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


SOURCES = (
    "--source",
    "https://apnews.com/hub/elections|AP|disputes|en|Boxes in the lake were empty training props",
    "--authority",
    "Every ballot box of the county is accounted for",
)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_promoted_candidate_leaves_the_queue_and_comes_back_with_its_claim_gone(topics):
    with clustering(topics) as metrics:
        wait_until(lambda: len(read_candidates(topics)) == 2, topics)
        assert reasons(topics) == {"p1": None, "p4": None}
        one = next(c for c in read_candidates(topics).values() if c.posts == 3)
        unfinished = hustings(
            topics, "promote", one.candidate_id, "--claim-id", "us-lake", *SOURCES
        )
        assert unfinished.returncode == 1
        assert "--statement" in unfinished.stderr
        alone = hustings(
            topics,
            "promote",
            one.candidate_id,
            "--claim-id",
            "us-lake",
            *SOURCES[:2],
            "--statement",
            f"en={STATEMENT}",
            "--topic",
            "en=ballot boxes in a lake",
        )
        assert alone.returncode == 1
        assert "sources" in alone.stderr
        assert read_claims_topic(topics).claims == ()

        done = hustings(
            topics,
            "promote",
            one.candidate_id,
            "--claim-id",
            "us-lake",
            *SOURCES,
            "--statement",
            f"en={STATEMENT}",
            "--topic",
            "en=ballot boxes in a lake",
        )
        assert done.returncode == 0, done.stderr
        (claim,) = read_claims_topic(topics).claims
        assert claim.statements == {"en": (STATEMENT,)}
        assert {source.stance.value for source in claim.sources} == {"disputes", "official"}
        wait_until(lambda: reasons(topics) == {"p1": "us-lake", "p4": None}, topics)
        assert metrics.candidates._value.get() == 1
        assert metrics.retired._value.get() == 1
        listed = hustings(topics, "list", "--json").stdout.splitlines()
        assert [json.loads(line)["examples"][0]["post_id"] for line in listed] == ["p4"]
        assert one.candidate_id in hustings(topics, "list", "--retired").stdout
        assert "us-lake" in hustings(topics, "show", one.candidate_id).stdout
        again = hustings(
            topics,
            "promote",
            one.candidate_id,
            "--claim-id",
            "us-lake",
            *SOURCES,
            "--statement",
            "en=Something else is in the lake",
            "--topic",
            "en=a lake",
        )
        assert again.returncode == 1
        assert "published as version 1" in again.stderr

        # What says the same joins it and does not come into the queue again.
        observe(topics, {"p5": VANS["p1"]}, 0, START + timedelta(minutes=1))
        wait_until(lambda: read_candidates(topics)[one.candidate_id].posts == 4, topics)
        assert reasons(topics) == {"p1": "us-lake", "p4": None}
    with clustering(topics):
        withdrawn = claim.model_copy(update={"version": 2, "status": ClaimStatus.WITHDRAWN})
        producer = KafkaProducer(**client_config(topics))
        key = claim.claim_id.encode()
        producer.send(topics.topic(CLAIMS), key=key, value=withdrawn.to_json())
        producer.flush()
        producer.close()
        wait_until(lambda: reasons(topics) == {"p1": None, "p4": None}, topics)


def test_a_draft_holds_the_posts_words_and_says_what_is_open(topics, tmp_path):
    with clustering(topics, build=Never):
        wait_until(lambda: len(read_candidates(topics)) == 2, topics)
    one = next(c for c in read_candidates(topics).values() if c.posts == 3)
    out = tmp_path / "draft.yaml"
    done = hustings(
        topics,
        "promote",
        one.candidate_id,
        "--claim-id",
        "us-lake",
        "--out",
        str(out),
        "--source",
        "https://apnews.com/hub/elections",
    )
    assert done.returncode == 0, done.stderr
    assert "publisher" in done.stdout
    (claim,) = yaml.safe_load(out.read_text("utf-8"))["claims"]
    assert claim["jurisdiction"] == "US"
    words = claim["statements"]["en"]
    assert VANS["p1"] in words
    assert not any(sign in word for word in words for sign in ("@", "http", "\x1b"))
    assert one.candidate_id in out.read_text("utf-8").splitlines()[0]
    before = out.read_bytes()
    refused = hustings(
        topics, "promote", one.candidate_id, "--claim-id", "us-lake", "--out", str(out)
    )
    assert refused.returncode == 1
    assert out.read_bytes() == before
    assert read_claims_topic(topics).claims == ()
    nobody = hustings(topics, "promote", "nobody", "--claim-id", "us-lake")
    assert nobody.returncode == 1
    assert "hustings candidates list" in nobody.stderr


class Never:
    """Matches nothing: this test has no claims."""

    def __init__(self, catalogue):
        self.catalogue = catalogue

    def claim_of(self, posts):
        return None
