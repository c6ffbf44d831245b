"""`hustings policy` and `hustings review`: what a person sees."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner

from streams.broker.admin import apply_topics
from streams.cli.policy import app
from streams.kafka_client import client_config
from streams.reviews.topic import read_reviews
from streams.schema import Decision, KindPolicy, LabelKind, Mode, Policy
from streams.settings import KafkaSettings
from streams.topics import LABELS
from tests import builders as build

RUNNER = CliRunner()
SHADOW = "labels:\n  disputed-claim: {mode: shadow, expires_after_days: 30}\n"


def hustings(settings, *args):
    env = {
        "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "HUSTINGS_KAFKA__TOPIC_PREFIX": settings.topic_prefix,
        "HUSTINGS_REVIEWER": "a reviewer",
    }
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", *args],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_says_what_the_policy_does(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text(SHADOW, encoding="utf-8")
    ended = RUNNER.invoke(app, ["check", str(file)])
    assert ended.exit_code == 0
    assert "shadow" in ended.stdout
    assert "30 days" in ended.stdout
    as_json = json.loads(RUNNER.invoke(app, ["check", "--json"]).stdout)
    assert as_json["labels"]["disputed-claim"]["mode"] == "live"


def test_check_ends_with_1_and_names_the_line(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text("labels:\n  disputed-claim: {mode: loud}\n", encoding="utf-8")
    ended = RUNNER.invoke(app, ["check", str(file)])
    assert ended.exit_code == 1
    assert f"{file}:2: " in ended.stderr


@pytest.mark.kafka
def test_diff_and_publish(kafka_settings, tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text(SHADOW, encoding="utf-8")
    apply_topics(kafka_settings)
    before = hustings(kafka_settings, "policy", "diff", str(file))
    assert before.returncode == 0, before.stderr
    assert 'labels.disputed-claim.mode: - → "shadow"' in before.stdout
    assert "none is published" in before.stdout
    published = hustings(kafka_settings, "policy", "publish", str(file), "--json")
    assert json.loads(published.stdout)["version"] == 1
    after = hustings(kafka_settings, "policy", "diff", str(file))
    assert "0 differences" in after.stdout


@pytest.mark.kafka
def test_a_label_that_waits_is_listed_confirmed_and_told(kafka_settings):
    apply_topics(kafka_settings)
    first = Policy(labels={LabelKind.DISPUTED_CLAIM: KindPolicy(mode=Mode.REVIEW)})
    state = build.step(None, build.post("one"), on=build.basis(policy=first)).state
    producer = KafkaProducer(**client_config(kafka_settings))
    producer.send(kafka_settings.topic(LABELS), key=b"one", value=state.to_json())
    producer.flush()
    producer.close()
    (waiting,) = hustings(kafka_settings, "review", "list", "--json").stdout.splitlines()
    assert json.loads(waiting)["about"] == "zz-dead-voters"
    said = hustings(kafka_settings, "review", "appeal", "one", "refused", "-r", "it says so")
    assert said.returncode == 0, said.stderr
    assert "appeal-refused" in said.stdout
    (review,) = read_reviews(kafka_settings)
    assert (review.post_id, review.decision) == ("one", Decision.APPEAL_REFUSED)
    assert (review.reviewer, review.reason) == ("a reviewer", "it says so")
    assert review.made_at <= datetime.now(UTC)
    assert "it says so" in hustings(kafka_settings, "review", "list", "--decided").stdout
    nobody = hustings(kafka_settings, "review", "reject", "nobody", "-r", "x")
    assert nobody.returncode == 1
    assert "no label speaks about 'nobody'" in nobody.stderr


@pytest.mark.slow
def test_without_kafka_the_remedy_is_named():
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    for command in (["policy", "diff"], ["review", "list"]):
        ended = hustings(nowhere, *command)
        assert ended.returncode == 1
        assert "hustings kafka start" in ended.stderr
