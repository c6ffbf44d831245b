"""`hustings kafka` and `hustings topics` as their user meets them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from streams.broker.probe import free_ports
from streams.cli import kafka as kafka_command
from streams.cli import topics as topics_command
from streams.topics import ALL_TOPICS

pytestmark = pytest.mark.kafka


def topics(settings, *arguments, **changes):
    wanted = settings.model_copy(update=changes)
    names = ("bootstrap_servers", "topic_prefix", "partitions", "replication")
    environment = {f"HUSTINGS_KAFKA__{name.upper()}": str(getattr(wanted, name)) for name in names}
    return CliRunner().invoke(topics_command.app, arguments, env=environment)


def test_apply_tells_each_topic_and_a_refusal_fails(kafka_settings):
    created = topics(kafka_settings, "apply", "--json")
    refused = topics(kafka_settings, "apply", partitions=2)

    assert [json.loads(line)["action"] for line in created.stdout.splitlines()] == [
        "created" for _ in ALL_TOPICS
    ]
    assert refused.exit_code == 1
    assert "refused" in refused.stdout
    assert "Nothing was changed" in refused.stdout


def test_list_shows_what_is_missing_and_what_is_there(kafka_settings):
    before = topics(kafka_settings, "list")
    topics(kafka_settings, "apply")
    after = topics(kafka_settings, "list", "--json")

    assert before.stdout.count("not created") == len(ALL_TOPICS)
    assert [json.loads(line)["exists"] for line in after.stdout.splitlines()] == [
        True for _ in ALL_TOPICS
    ]


@pytest.mark.parametrize("command", ["apply", "list"])
def test_a_kafka_that_is_not_there_is_one_clear_line(kafka_settings, command, monkeypatch):
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"
    function = getattr(topics_command, f"{command}_topics")
    monkeypatch.setattr(
        topics_command,
        f"{command}_topics",
        lambda settings, **options: function(settings, timeout_seconds=0.3, **options),
    )

    result = topics(kafka_settings, command, bootstrap_servers=nowhere)

    assert result.exit_code == 1
    assert nowhere in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_start_prints_the_address_runs_and_stops_in_order(tmp_path):
    port = free_ports(1)[0]
    process = subprocess.Popen(
        [sys.executable, "-m", "streams.cli", "kafka", "start", "--port", str(port)],
        env=os.environ | {"HUSTINGS_DATA_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == f"127.0.0.1:{port}\n"

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Kafka has stopped" in errors


def test_start_refuses_two_nodes():
    result = CliRunner().invoke(kafka_command.app, ["start", "--nodes", "2"])

    assert result.exit_code == 2
    assert "one or three nodes" in result.stderr
