"""Dashboards and alerts ask only for what exists, in PromQL that Prometheus takes."""

import json
import re
import runpy
import shutil
import subprocess

import pytest
import yaml

from tests.deploy.prometheus_files import (
    DASHBOARDS,
    PROMETHEUS,
    ROOT,
    Asked,
    dashboard_queries,
    metrics_asked_for,
    metrics_in_code,
    rule_queries,
    rules,
)


def promtool(*arguments):
    if not shutil.which("promtool"):
        pytest.skip("no promtool here (Debian package prometheus): PromQL not checked")
    return subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def check_expressions(folder, queries):
    """Let Prometheus' own parser read expressions, as a rules file."""
    groups = [
        {"name": f"q{at}", "rules": [{"record": f"q{at}", "expr": query.expr}]}
        for at, query in enumerate(queries)
    ]
    file = folder / "expressions.yml"
    file.write_text(yaml.safe_dump({"groups": groups}), "utf-8")
    return promtool("check", "rules", file)


@pytest.mark.parametrize("asked", [*dashboard_queries(), *rule_queries()], ids=lambda q: q.where)
def test_every_metric_asked_for_is_one_that_the_code_has(asked):
    names = metrics_asked_for(asked.expr)
    assert names <= metrics_in_code()
    assert names or re.search(r"\bup\{", asked.expr)


def test_prometheus_parses_every_expression(tmp_path):
    done = check_expressions(tmp_path, [*dashboard_queries(), *rule_queries()])
    assert done.returncode == 0, done.stderr


def test_the_check_of_expressions_refuses_what_is_not_promql(tmp_path):
    done = check_expressions(tmp_path, [Asked("here", "sum by (le (rate(x[5m]))")])
    assert done.returncode != 0


def test_promtool_takes_configuration_and_rules():
    done = promtool("check", "config", PROMETHEUS / "prometheus.yml")
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout + done.stderr


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_says_how_urgent_it_is_and_what_to_do(rule):
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["annotations"]["action"].endswith(".")


def test_the_dashboard_files_are_what_the_script_gives():
    files = runpy.run_path(str(ROOT / "deploy/grafana/build.py"))["files"]()
    assert {file.name for file in DASHBOARDS.glob("*.json")} == set(files)
    for name, text in files.items():
        assert (DASHBOARDS / name).read_text("utf-8") == text, "run deploy/grafana/build.py"


@pytest.mark.parametrize("file", sorted(DASHBOARDS.glob("*.json")), ids=lambda file: file.name)
def test_panels_have_words_units_and_room_of_their_own(file):
    panels = json.loads(file.read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = {(-1, -1)}
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"].endswith(".")
            assert panel["fieldConfig"]["defaults"]["unit"]


def test_every_metric_is_shown_or_watched_somewhere():
    asked = {
        name
        for query in (*dashboard_queries(), *rule_queries())
        for name in metrics_asked_for(query.expr)
    }
    parts = re.compile(r"_(bucket|count|sum)$")
    unseen = {parts.sub("", name) for name in metrics_in_code()} - {
        parts.sub("", name) for name in asked
    }
    # Of use to whoever looks for a cause, not on a first screen.
    assert unseen == {
        "hustings_catalogue_swaps_total",
        "hustings_connector_bytes_total",
        "hustings_connector_in_flight_posts",
        "hustings_connector_oldest_unacknowledged_seconds",
        "hustings_connector_skipped_total",
    }


def test_grafana_is_told_of_the_datasource_and_the_folder_that_the_files_name():
    folder = ROOT / "deploy/grafana/provisioning"
    (source,) = yaml.safe_load((folder / "datasources/prometheus.yml").read_text())["datasources"]
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == config["global"]["scrape_interval"]
    for file in DASHBOARDS.glob("*.json"):
        assert re.findall(r'"uid": "(?!hustings-)(.*?)"', file.read_text()) == [
            source["uid"] for _ in re.findall(r'"datasource"', file.read_text())
        ]
    compose = (ROOT / "docker-compose.yml").read_text()
    (provider,) = yaml.safe_load((folder / "dashboards/hustings.yml").read_text())["providers"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in compose
