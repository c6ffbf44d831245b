"""Write the dashboards: `python deploy/grafana/build.py`.

Written by a script because what matters in a dashboard are its expressions,
units and descriptions, and in Grafana's JSON one cannot see them.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "dashboards"
DATASOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
_WIDTH: Final = 24
_RATE: Final = "$__rate_interval"


@dataclass(frozen=True)
class Query:
    """One expression; `legend` may name its labels as {{label}}."""

    expr: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """One figure or one chart; its description says what to do with it."""

    title: str
    description: str
    queries: tuple[Query, ...]
    unit: str
    kind: str = "timeseries"
    width: int = 12
    height: int = 8
    stacked: bool = False
    minimum: float | None = 0
    decimals: int | None = None


@dataclass(frozen=True)
class Row:
    """A titled row of panels."""

    title: str
    panels: tuple[Panel, ...] = field(default=())


def _rate(metric: str, by: str = "", where: str = "") -> str:
    """Return a counter's rate a second, summed over all processes."""
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{where}[{_RATE}]))"


def _quantiles(histogram: str, by: str = "") -> tuple[Query, ...]:
    labels, legend = (f"le, {by}", f" {{{{{by}}}}}") if by else ("le", "")
    return tuple(
        Query(
            f"histogram_quantile({share}, {_rate(f'{histogram}_bucket', labels)})",
            f"{name}{legend}",
        )
        for share, name in ((0.5, "p50"), (0.99, "p99"))
    )


_LAG = "sum(max by (partition) (hustings_consumer_lag_posts))"

OVERVIEW: Final = (
    Row(
        "Now",
        (
            Panel(
                "Posts decided",
                "Posts a second that the workers decided on, over all of them.",
                (Query(_rate("hustings_posts_total"), "posts/s"),),
                "cps",
                kind="stat",
                width=5,
                height=5,
            ),
            Panel(
                "Time to label, p99",
                "From a post's receipt by the connector to its label event. Empty while nothing "
                "is labelled.",
                (_quantiles("hustings_receipt_to_label_seconds")[1],),
                "s",
                kind="stat",
                width=5,
                height=5,
            ),
            Panel(
                "Behind",
                "How long the workers would take, at their pace of the last five minutes, for the "
                "posts that wait.",
                (Query(f"{_LAG} / clamp_min(sum(rate(hustings_posts_total[5m])), 1)", "behind"),),
                "s",
                kind="stat",
                width=5,
                height=5,
            ),
            Panel(
                "Label events a minute",
                "Applied, updated and retracted labels, all kinds together.",
                (Query(f"60 * {_rate('hustings_label_events_total')}", "a minute"),),
                "short",
                kind="stat",
                width=5,
                height=5,
                decimals=1,
            ),
            Panel(
                "Dead letters in an hour",
                "What could not be processed: look at the topic dead-letters.",
                (
                    Query("sum(increase(hustings_dead_letters_total[1h]))", "workers"),
                    Query("sum(increase(hustings_connector_dead_letters_total[1h]))", "connectors"),
                ),
                "short",
                kind="stat",
                width=4,
                height=5,
                decimals=0,
            ),
        ),
    ),
    Row(
        "Throughput",
        (
            Panel(
                "Posts by outcome",
                "gated: dropped undecoded, no word of any election. nothing: decoded, no claim. "
                "unlabelled: a claim without a label. stale: an older version came late.",
                (Query(_rate("hustings_posts_total", "outcome"), "{{outcome}}"),),
                "cps",
                stacked=True,
            ),
            Panel(
                "Posts past the gate by stage",
                "one: judged by words and stage one. two: read by the encoder. late: the encoder's "
                "time of a chunk was spent, stage one judged: start more workers.",
                (Query(_rate("hustings_detections_total", "stage"), "{{stage}}"),),
                "cps",
                stacked=True,
            ),
            Panel(
                "Chunk time",
                "From the hand-over of a chunk of up to 500 posts to the acknowledgement of all "
                "that it gave. Lag grows when this does.",
                _quantiles("hustings_chunk_seconds"),
                "s",
            ),
            Panel(
                "Where the time goes",
                "Share of a worker's time by stage: wait (for claims and state), decide, publish. "
                "Near 1 in all: start more workers.",
                (
                    Query(
                        f"sum by (instance, stage) (rate(hustings_stage_seconds_total[{_RATE}]))",
                        "{{instance}} {{stage}}",
                    ),
                ),
                "percentunit",
                stacked=True,
            ),
            Panel(
                "Workers",
                "Partitions that each worker has, and how often they were handed out anew.",
                (
                    Query(
                        "sum by (instance) (hustings_assigned_partitions)",
                        "{{instance}} partitions",
                    ),
                    Query(
                        "sum by (instance) (increase(hustings_rebalances_total[10m]))",
                        "{{instance}} rebalances in 10 min",
                    ),
                ),
                "short",
            ),
        ),
    ),
    Row(
        "Time to label",
        (
            Panel(
                "From receipt",
                "From the connector's receipt of a post to its label event: what this system adds.",
                _quantiles("hustings_receipt_to_label_seconds"),
                "s",
            ),
            Panel(
                "From the post's own time",
                "By the author's clock: what readers wait for. Replays of old posts show their "
                "age; the highest bucket ends at ten minutes.",
                _quantiles("hustings_post_to_label_seconds"),
                "s",
            ),
        ),
    ),
    Row(
        "Lag",
        (
            Panel(
                "Posts behind, by partition",
                "Records between the committed offset and the end. One partition that grows alone "
                "has a stuck worker.",
                (
                    Query(
                        "max by (partition) (hustings_consumer_lag_posts)",
                        "partition {{partition}}",
                    ),
                ),
                "short",
                stacked=True,
            ),
            Panel(
                "Commit age",
                "How long a worker has had posts to read without a commit that went forward; 0 "
                "without lag. It ends itself after two minutes.",
                (Query("max by (instance) (hustings_commit_age_seconds)", "{{instance}}"),),
                "s",
            ),
        ),
    ),
    Row(
        "Labels",
        (
            Panel(
                "Label events a minute, by kind and action",
                "A burst of retractions after a claim was corrected is right; one without is not.",
                (
                    Query(
                        f"60 * {_rate('hustings_label_events_total', 'kind, action')}",
                        "{{kind}} {{action}}",
                    ),
                ),
                "short",
                stacked=True,
            ),
            Panel(
                "Claims and label state",
                "Active claims that the workers match against, and labelled posts in their memory.",
                (
                    Query("min by (instance) (hustings_claims)", "{{instance}} claims"),
                    Query("min by (instance) (hustings_election_packs)", "{{instance}} packs"),
                    Query("sum(hustings_label_state_posts)", "posts in the label state"),
                ),
                "short",
            ),
        ),
    ),
    Row(
        "Corrections",
        (
            Panel(
                "Label events that no post caused, in 10 min",
                "By reason: claims and packs, the policy, people, the clock. And reviews that the "
                "workers acted on; after an assignment those are counted that changed something.",
                (
                    Query(
                        "sum by (reason) (increase(hustings_label_corrections_total[10m]))",
                        "{{reason}}",
                    ),
                    Query(
                        "sum by (decision) (increase(hustings_reviews_total[10m]))",
                        "reviews: {{decision}}",
                    ),
                ),
                "short",
            ),
            Panel(
                "The policy in force",
                "Its version, as each worker has it; they differ for two seconds after it is "
                "published.",
                (Query("max by (instance) (hustings_policy_version)", "{{instance}}"),),
                "short",
            ),
            Panel(
                "Time to see a partition's labels anew",
                "After claims or policy changed and after each assignment; posts go on meanwhile.",
                _quantiles("hustings_sweep_seconds"),
                "s",
            ),
        ),
    ),
    Row(
        "New claims",
        (
            Panel(
                "Posts for the queue",
                "observed: a claim that nothing known matches. withdrawn: an edit or a deletion. "
                "unread: new claims that the encoder had no time for; start more workers.",
                (
                    Query(
                        "sum by (outcome) (increase(hustings_observations_total[10m]))",
                        "{{outcome}}",
                    ),
                ),
                "short",
                stacked=True,
            ),
            Panel(
                "What became of them",
                "founded: the first post of a candidate. unknown: most deleted posts claim "
                "nothing. too-old: more came than is remembered. unreadable: another version's.",
                (
                    Query(
                        "sum by (outcome) (increase(hustings_candidate_observations_total[10m]))",
                        "{{outcome}}",
                    ),
                ),
                "short",
                stacked=True,
            ),
            Panel(
                "The fact-checkers' queue",
                "Candidates that stand, those that a known claim has caught up with, records "
                "published, posts that would be known again, and observations that wait.",
                (
                    Query("max(hustings_candidates)", "candidates"),
                    Query("max(hustings_candidates_retired)", "retired: known claims now"),
                    Query("max(hustings_candidates_unasked)", "not yet compared with claims"),
                    Query("sum(increase(hustings_candidate_records_total[10m]))", "in 10 min"),
                    Query("max(hustings_candidate_remembered_posts)", "posts remembered"),
                    Query("max(hustings_candidate_lag_observations)", "waiting"),
                ),
                "short",
            ),
        ),
    ),
    Row(
        "Dead letters",
        (
            Panel(
                "Dead letters of workers, by fault",
                "internal is a fault of ours; the others are the sources'.",
                (
                    Query(
                        "sum by (fault) (increase(hustings_dead_letters_total[10m]))",
                        "{{fault}}",
                    ),
                ),
                "short",
                stacked=True,
            ),
            Panel(
                "Dead letters of connectors, by fault",
                "Lines and frames that are no posts.",
                (
                    Query(
                        "sum by (source, fault) "
                        "(increase(hustings_connector_dead_letters_total[10m]))",
                        "{{source}} {{fault}}",
                    ),
                ),
                "short",
                stacked=True,
            ),
        ),
    ),
    Row(
        "Connectors",
        (
            Panel(
                "Posts into Kafka",
                "Committed posts a second, by source and operation.",
                (
                    Query(
                        _rate("hustings_connector_posts_total", "source, op"), "{{source}} {{op}}"
                    ),
                ),
                "cps",
                stacked=True,
            ),
            Panel(
                "Behind the source",
                "Age of the newest committed post by its author's clock when it was received, and "
                "the time since then.",
                (
                    Query(
                        "max by (source) (hustings_connector_source_lag_seconds)",
                        "{{source}} at receipt",
                    ),
                    Query(
                        "time() - "
                        "max by (source) (hustings_connector_last_post_timestamp_seconds > 0)",
                        "{{source}} since",
                    ),
                ),
                "s",
            ),
            Panel(
                "Transactions",
                "From the first send to the commit. Kafka ends transactions itself after 60 s.",
                _quantiles("hustings_connector_transaction_seconds", "source"),
                "s",
            ),
            Panel(
                "Reconnects, gaps and repeats in ten minutes",
                "Gaps are what the source knows that it missed. Repeats come after a reconnect "
                "and are dropped.",
                (
                    Query(
                        "sum by (source, reason) "
                        "(increase(hustings_connector_reconnects_total[10m]))",
                        "{{source}} reconnects {{reason}}",
                    ),
                    Query(
                        "sum by (source, reason) (increase(hustings_connector_gaps_total[10m]))",
                        "{{source}} gaps {{reason}}",
                    ),
                    Query(
                        "sum by (source) "
                        "(increase(hustings_connector_duplicates_dropped_total[10m]))",
                        "{{source}} repeats dropped",
                    ),
                ),
                "short",
            ),
        ),
    ),
)


def dashboard(title: str, uid: str, rows: tuple[Row, ...]) -> dict[str, Any]:
    """Return a dashboard as Grafana reads it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for row in rows:
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "panels": [],
                "gridPos": {"x": 0, "y": top, "w": _WIDTH, "h": 1},
            }
        )
        top += 1
        left = 0
        for panel in row.panels:
            if left + panel.width > _WIDTH:
                left, top = 0, top + panel.height
            panels.append(_panel(panel, number=len(panels) + 1, left=left, top=top))
            left += panel.width
        top += row.panels[-1].height
    return {
        "uid": uid,
        "title": title,
        "tags": ["hustings"],
        "timezone": "utc",
        "editable": False,
        "graphTooltip": 1,
        "refresh": "5s",
        "schemaVersion": 41,
        "time": {"from": "now-30m", "to": "now"},
        "templating": {"list": []},
        "annotations": {"list": []},
        "links": [],
        "panels": panels,
    }


def _panel(panel: Panel, *, number: int, left: int, top: int) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "unit": panel.unit,
        "color": {"mode": "palette-classic"},
        "custom": {},
    }
    if panel.minimum is not None:
        defaults["min"] = panel.minimum
    if panel.decimals is not None:
        defaults["decimals"] = panel.decimals
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "lineWidth": 1,
            "fillOpacity": 25 if panel.stacked else 0,
            "showPoints": "never",
            # A gap is a gap: a line across it would show figures that nobody measured.
            "spanNulls": False,
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        }
        options: dict[str, Any] = {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    else:
        defaults["color"] = {"mode": "fixed", "fixedColor": "text"}
        options = {
            "colorMode": "none",
            "graphMode": "area",
            "textMode": "value_and_name" if len(panel.queries) > 1 else "value",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": {"x": left, "y": top, "w": panel.width, "h": panel.height},
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": [
            {
                "refId": chr(ord("A") + at),
                "datasource": DATASOURCE,
                "editorMode": "code",
                "expr": query.expr,
                "legendFormat": query.legend,
                "range": True,
            }
            for at, query in enumerate(panel.queries)
        ],
    }


def files() -> dict[str, str]:
    """Return every dashboard file's name and text."""
    overview = dashboard("Hustings: overview", "hustings-overview", OVERVIEW)
    return {"overview.json": json.dumps(overview, ensure_ascii=False, indent=1) + "\n"}


def main() -> int:
    """Write the files; return the exit status."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"{name}: {len(text):,} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
