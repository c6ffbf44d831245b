"""Claims published while workers run are taken up without a restart."""

import time
import urllib.request

import pytest

from streams.broker.probe import free_ports
from streams.packs.folder import PackFolder
from streams.packs.publish import publish
from tests import builders as build
from tests.rig import Rig
from tests.worker.test_pipeline_kafka import write

pytestmark = pytest.mark.kafka


def metric(port, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except OSError:
        return False


def test_a_new_claim_is_taken_up_without_a_restart(kafka_settings, tmp_path):
    statement = "the purple counting robots of Zedland swallowed half of the ballots"
    claim = build.claim(
        "us-robots", jurisdiction="US", statements={"en": (statement,)}, topic={"en": "robots"}
    )
    (port,) = free_ports(1)
    with Rig(kafka_settings, tmp_path) as rig:
        rig.start_workers(1, first_metrics_port=port)
        rig.wait_until(lambda: is_ready(port), what="readiness")
        before = metric(port, "hustings_claims")
        assert before == len(rig.packs.claims)
        rig.ingest(write(tmp_path / "early.ndjson", [{"id": "early", "text": statement}]))
        rig.wait_until_decided()
        assert rig.labels() == {}

        publish(PackFolder(rig.packs.packs, (*rig.packs.claims, claim)), kafka_settings)
        published = time.monotonic()
        rig.wait_until(lambda: metric(port, "hustings_claims") == before + 1, what="the new claim")
        print(f"taken up after {time.monotonic() - published:.2f} s")  # noqa: T201 - for -s

        rig.ingest(write(tmp_path / "late.ndjson", [{"id": "late", "text": statement}]))
        rig.wait_until_decided()
        (label,) = rig.labels()["late"].values()
        assert label.claim_id == "us-robots"
        assert rig.supervisor.restarts == 0
