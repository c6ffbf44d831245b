"""The main job's order of things: workers first, then posts; and what it says when a part ends."""

import json
import signal
import socket
import time

import pytest
from prometheus_client import CollectorRegistry

from streams.packs.folder import default_folder
from streams.settings import Settings
from streams.telemetry import Health, TelemetryServer
from streams.up.job import CONNECTOR_ID, JobFailedError, MainJob, Plan
from streams.up.monitor import Monitor
from streams.up.readiness import ask_ready
from streams.up.tally import Tally


def test_readiness_is_asked_with_its_reasons():
    reasons = ["the detector to load"]
    with TelemetryServer(
        "127.0.0.1",
        0,
        CollectorRegistry(),
        ready=lambda: Health(ok=not reasons, reasons=tuple(reasons)),
    ) as server:
        assert ask_ready(server.port) == (False, ("the detector to load",))
        reasons.clear()
        assert ask_ready(server.port) == (True, ())


def test_what_does_not_answer_is_not_ready():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert ask_ready(silent.getsockname()[1], seconds=0.2) == (False, ())
    assert ask_ready(1) == (False, ())


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_posts_come_when_a_worker_is_ready_and_a_part_that_ends_is_named(tmp_path):
    claim = "You can vote by text message instead of going to the polls"
    source = tmp_path / "posts.ndjson"
    source.write_text(
        "".join(json.dumps({"id": str(at), "text": claim}) + "\n" for at in range(50)), "utf-8"
    )
    settings = Settings().model_copy(update={"data_dir": tmp_path / "data"})
    plan = Plan(str(source), (), 1, default_folder(), tmp_path / "kept")
    job = MainJob(plan, settings, say=lambda _line: None)
    try:
        job.start()
        job.ready_seconds = 0.0
        with pytest.raises(JobFailedError, match=r"No label worker got ready within 0 s") as failed:
            job.tend()
        assert "workers.log" in str(failed.value)
        job.ready_seconds = 300.0
        tally = Tally()
        monitor = Monitor(job.kafka_settings, CONNECTOR_ID, tally)
        deadline = time.monotonic() + 600
        said = set()
        while not tally.done:
            assert time.monotonic() < deadline, (tmp_path / "kept/workers.log").read_text()[-3000:]
            monitor.poll(0.1)
            if job.waits_for:
                said.add(job.waits_for.partition("(")[2])
                assert tally.posts == 0
                assert (tmp_path / "kept/connector.log").read_bytes() == b""
            job.tend()
            if job.source_ended:
                tally.on_source_end()
        monitor.settle()
        monitor.close()
        assert "waiting for the detector to load)" in said
        assert tally.labels_by_kind()["disputed-claim"] == 50
        # Nothing queued up while the model loaded: that alone takes seconds.
        assert job.trouble() == ""
        job._candidates.process.send_signal(signal.SIGKILL)
        job._candidates.process.wait()
        job.tend()
        assert "clustering ended with status -9" in job.trouble()
        assert "run this command again" in job.trouble()
        assert "candidates.log" in job.trouble()
    finally:
        job.stop()
