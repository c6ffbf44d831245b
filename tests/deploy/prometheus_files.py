"""What the dashboards and rules ask for, and what the code measures."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import yaml
from prometheus_client import CollectorRegistry

from connectors.metrics import ConnectorMetrics
from streams.candidates.metrics import CandidateMetrics
from streams.worker.metrics import WorkerMetrics

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"


class Asked(NamedTuple):
    """One expression and where it stands."""

    where: str
    expr: str
    legend: str = ""


def dashboard_queries(interval="1m"):
    """Return every expression of the dashboards, Grafana's variable filled in."""
    return [
        Asked(
            f"{file.name}: {panel['title']}",
            target["expr"].replace("$__rate_interval", interval),
            target["legendFormat"],
        )
        for file in sorted(DASHBOARDS.glob("*.json"))
        for panel in json.loads(file.read_text("utf-8"))["panels"]
        for target in panel.get("targets", ())
    ]


def rules():
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def rule_queries():
    return [Asked(f"rules.yml: {rule['alert']}", rule["expr"]) for rule in rules()]


def metrics_asked_for(expr):
    return set(re.findall(r"\bhustings_\w+", expr))


def metrics_in_code():
    """Return every sample name that our processes can expose."""
    names = set()
    registry = CollectorRegistry()
    WorkerMetrics(registry)
    ConnectorMetrics("test", registry)
    CandidateMetrics(registry)
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    for family in registry.collect():
        names |= {family.name + suffix for suffix in suffixes[family.type]}
    return names
