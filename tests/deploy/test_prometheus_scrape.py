"""A real Prometheus with the project's own configuration scrapes a real run."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
import yaml
from kafka import KafkaProducer

from streams.kafka_client import client_config
from streams.lifeline import Child
from streams.schema import ClaimStatus
from streams.topics import POSTS
from tests.deploy.prometheus_files import PROMETHEUS, dashboard_queries, rules
from tests.rig import Rig

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SECONDS = 60
WORKERS = 2
# Nothing of these happens in a good run.
MAY_BE_EMPTY = {"hustings_connector_reconnects_total", "hustings_connector_gaps_total"}


def free_ports(count):
    """Return a port with `count` free ones in a row."""
    for _ in range(100):
        with contextlib.ExitStack() as held:
            first = held.enter_context(bound(0)).getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                for number in range(1, count):
                    held.enter_context(bound(first + number))
                return first
    pytest.fail("no free ports in a row")


def bound(port):
    held = socket.socket()
    try:
        held.bind(("127.0.0.1", port))
    except BaseException:
        held.close()
        raise
    return held


class Prometheus:
    """The server with deploy/prometheus/, but targets of our own and no patience."""

    def __init__(self, folder, **targets):
        binary = shutil.which("prometheus")
        if binary is None:
            pytest.skip("no prometheus here (Debian package prometheus): nothing was scraped")
        config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))
        config["global"] = {
            "scrape_interval": "1s",
            "scrape_timeout": "1s",
            "evaluation_interval": "1s",
        }
        (folder / "targets").mkdir(parents=True)
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
        shutil.copy(PROMETHEUS / "rules.yml", folder)
        for job, ports in targets.items():
            group = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
            (folder / "targets" / f"{job}.json").write_text(json.dumps(group), "utf-8")
        self._address = f"http://127.0.0.1:{(port := free_ports(1))}/api/v1"
        self._log_path = folder / "prometheus.log"
        self._log = self._log_path.open("wb")
        self._child = Child(
            [
                binary,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            guarded=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.stop()
        self._log.close()

    def get(self, path, **parameters):
        url = f"{self._address}/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
                raise  # it listens, and is not ready yet
            return pytest.fail(f"{parameters}: {error.read(1000)!r}")

    def query(self, expr):
        """Return (labels, value) of each series now."""
        data = self.get("query", query=expr)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(one["metric"], float(one["value"][1])) for one in data["result"]]

    def number(self, expr):
        series = self.query(expr)
        return series[0][1] if series else None

    def wait_for(self, expr, value, seconds=SECONDS):
        deadline = time.monotonic() + seconds
        seen = None
        while seen != value:
            assert self._child.returncode is None, self._log_path.read_text()[-2000:]
            assert time.monotonic() < deadline, f"{expr} is {seen}, not {value}"
            time.sleep(0.2)
            with contextlib.suppress(urllib.error.URLError):  # not up yet
                seen = self.number(expr)


class Feed:
    """A connector that reads standard input, so that it lives for as long as it is scraped."""

    def __init__(self, rig, folder):
        self._log = (folder / "connector.log").open("wb")
        self._child = Child(
            [sys.executable, "-m", "streams.cli", "ingest", "-", "--connector-id", "feed"],
            env={**os.environ, **rig.env},
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.process.stdin.close()
        self._child.stop()
        self._log.close()

    def write(self, lines):
        self._child.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._child.process.stdin.flush()


@contextlib.contextmanager
def clustering(rig, folder, port):
    """Run the process that clusters new claims."""
    with (folder / "candidates.log").open("wb") as log:
        child = Child(
            [
                *(sys.executable, "-m", "streams.cli", "candidates", "run"),
                *("--metrics-port", str(port)),
            ],
            env={**os.environ, **rig.env},
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            child.stop()


@pytest.fixture
def rig(kafka_settings, tmp_path):
    with Rig(kafka_settings, tmp_path) as made:
        yield made


def lines(packs, part):
    """Return lines of one part: (posts, bad lines); some posts assert known claims."""
    now = datetime.now(UTC) - timedelta(seconds=2)

    def post(name, text, **fields):
        when = now.isoformat()
        return json.dumps({"id": f"{part}-{name}", "text": text, "created_at": when, **fields})

    claims = [claim for claim in packs.claims if "en" in claim.statements][:20]
    posts = [post(f"calm-{number}", f"breakfast, day {number}") for number in range(150)]
    posts += [
        post(f"claim-{number}", claim.statements["en"][0], lang="en")
        for number, claim in enumerate(claims)
    ]
    posts += [post(f"claim-{number}", "", op="delete") for number in range(5)]
    return posts, ["{", '{"id": 1}', "[]"]


def put_bad_record(settings, value):
    producer = KafkaProducer(**client_config(settings))
    producer.send(settings.topic(POSTS), key=b"bad", value=value).get(timeout=20)
    producer.close()


def test_a_real_prometheus_sees_what_was_sent(rig, kafka_settings, tmp_path):
    ports = free_ports(WORKERS + 2)
    rig.env["HUSTINGS_CONNECTOR__METRICS_PORT"] = str(ports + WORKERS)
    rig.start_workers(WORKERS, first_metrics_port=ports)
    with (
        Prometheus(
            tmp_path / "prometheus",
            workers=range(ports, ports + WORKERS),
            connectors=[ports + WORKERS],
            candidates=[ports + WORKERS + 1],
        ) as prometheus,
        clustering(rig, tmp_path, ports + WORKERS + 1),
        Feed(rig, tmp_path) as feed,
    ):
        prometheus.wait_for('count(up{job="workers"} == 1)', WORKERS)
        prometheus.wait_for('count(up{job="connectors"} == 1)', 1)
        prometheus.wait_for("count(hustings_assigned_partitions == 2)", WORKERS)

        posts = bad_lines = 0
        # Two parts: a rate needs a series that grew after it was first seen.
        for part in (1, 2):
            good, bad = lines(rig.packs, part)
            feed.write([*good, *bad])
            put_bad_record(kafka_settings, f"not JSON {part}".encode())
            posts, bad_lines = posts + len(good), bad_lines + len(bad)
            prometheus.wait_for("sum(hustings_connector_posts_total)", posts)
            prometheus.wait_for("sum(hustings_posts_total)", posts + part)
        rig.wait_until_decided()
        prometheus.wait_for("sum(hustings_consumer_lag_posts)", 0)

        events = rig.events()
        active = sum(claim.status is ClaimStatus.ACTIVE for claim in rig.packs.claims)
        assert len(events) >= 20
        for expr, value in {
            "sum(hustings_connector_dead_letters_total)": bad_lines,
            'sum(hustings_connector_posts_total{op="delete"})': 10,
            'sum(hustings_posts_total{outcome="dead-letter"})': 2,
            'sum(hustings_dead_letters_total{fault="not-json"})': 2,
            "sum(hustings_label_events_total)": len(events),
            'sum(hustings_label_events_total{action="retract"})': sum(
                event.action.value == "retract" for event in events
            ),
            "sum(hustings_receipt_to_label_seconds_count)": len(events),
            "sum(hustings_post_to_label_seconds_count)": sum(
                event.post_created_at is not None for event in events
            ),
            "count(hustings_consumer_lag_posts)": kafka_settings.partitions,
            # The rig's workers have no time for the encoder: nothing new, but deletions.
            'sum(hustings_observations_total{outcome="withdrawn"})': 10,
            'sum(hustings_candidate_observations_total{outcome="unknown"})': 10,
            "sum(hustings_candidate_lag_observations)": 0,
            "min(hustings_claims)": active,
            "min(hustings_election_packs)": len(rig.packs.packs),
        }.items():
            # A scrape may come late on a loaded machine, and its series are stale until the next.
            prometheus.wait_for(expr, value)

        check_dashboards(prometheus)
        check_rules(prometheus)


def check_dashboards(prometheus):
    """Every expression gives figures, each series with the labels that its legend names."""
    for asked in dashboard_queries():
        series = prometheus.query(asked.expr)
        if not any(name in asked.expr for name in MAY_BE_EMPTY):
            deadline = time.monotonic() + SECONDS
            while not series:
                assert time.monotonic() < deadline, f"{asked.where}: no data for {asked.expr}"
                time.sleep(0.5)
                series = prometheus.query(asked.expr)
        for labels, value in series:
            assert value >= 0, f"{asked.where}: {asked.expr} is {value}"
            for name in re.findall(r"\{\{(\w+)\}\}", asked.legend):
                assert labels.get(name), f"{asked.where}: no label {name} in {labels}"


def check_rules(prometheus):
    """Every rule was evaluated, and nothing fires in a good run."""
    deadline = time.monotonic() + SECONDS
    while True:
        (group,) = prometheus.get("rules")["groups"]
        if all(rule["health"] != "unknown" for rule in group["rules"]):
            break
        assert time.monotonic() < deadline, "the rules were never evaluated"
        time.sleep(0.2)
    assert [rule["name"] for rule in group["rules"]] == [rule["alert"] for rule in rules()]
    assert [rule for rule in group["rules"] if rule["health"] != "ok"] == []
    assert [rule["name"] for rule in group["rules"] if rule["state"] == "firing"] == []
