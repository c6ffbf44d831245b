"""The report as one HTML page that needs nothing else: no script, no address to load from."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from streams.evaluate.charts import Bar, bar_chart, curve_chart
from streams.evaluate.tables import Sheet, figure, sheets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.evaluate.measures import Estimate
    from streams.evaluate.report import Report

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1b1f24",
    "quiet": "#57606a",
    "rule": "#d0d7de",
    "trace": "#0550ae",
    "mark": "#9a3412",
}
DARK = {
    "paper": "#14181d",
    "ink": "#e6edf3",
    "quiet": "#9aa5b1",
    "rule": "#3a434d",
    "trace": "#79b8ff",
    "mark": "#ffb27a",
}
MOST_ROWS = 2_000
_CHARTED = 30
_STYLE = """
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:72rem;background:var(--paper);
color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.5rem 0 .25rem}
p{margin:.25rem 0 .75rem;color:var(--quiet);overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;
font-variant-numeric:tabular-nums}
th,td{padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--rule);text-align:right;
vertical-align:top;white-space:nowrap}
th{font-weight:600}th:first-child,td:first-child,.words{text-align:left}
td.words{white-space:normal;overflow-wrap:anywhere;max-width:32rem}
svg{display:block;width:100%;max-width:44rem;height:auto;margin:.5rem 0 1rem}
svg text{fill:var(--ink);font:13px system-ui,sans-serif}svg .tick{fill:var(--quiet)}
svg .grid{stroke:var(--rule);stroke-width:1}svg .trace{fill:none;stroke:var(--trace);
stroke-width:2.5}svg .range{stroke:var(--trace);stroke-width:2.5}svg .dot{fill:var(--trace)}
svg .mark{fill:var(--mark);stroke:var(--paper);stroke-width:2}
@media print{body{max-width:none}section{break-inside:avoid}}
"""


def page(report: Report) -> str:
    """Return the page. Everything that comes from data is escaped."""
    drawn = dict(_charts(report))
    sections = "".join(_section(sheet, drawn.get(sheet.title, "")) for sheet in sheets(report))
    notes = "".join(f"<p>Left out: {escape(note)}.</p>" for note in report.notes)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        # Whatever a post says, the page loads and runs nothing.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Evaluation of the detector</title><style>{_colours()}{_STYLE}</style></head>"
        f"<body><main><h1>Evaluation of the detector</h1>{notes}{sections}</main></body></html>\n"
    )


def _colours() -> str:
    light, dark = (";".join(f"--{n}:{v}" for n, v in some.items()) for some in (LIGHT, DARK))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _section(sheet: Sheet, chart: str) -> str:
    head = "".join(
        f'<th scope="col"{_class(sheet, at)}>{escape(name)}</th>'
        for at, name in enumerate(sheet.head)
    )
    rows = "".join(f"<tr>{_row(sheet, row)}</tr>" for row in sheet.rows[:MOST_ROWS])
    more = len(sheet.rows) - MOST_ROWS
    left = f"<p>… and {more} more rows: see the JSON report.</p>" if more > 0 else ""
    note = f"<p>{escape(sheet.note)}</p>" if sheet.note else ""
    return (
        f"<section><h2>{escape(sheet.title)}</h2>{note}{chart}"
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(sheet.title)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{left}</section>"
    )


def _row(sheet: Sheet, row: tuple[str, ...]) -> str:
    # Text of a post keeps its own direction and cannot turn that of its neighbours.
    return "".join(
        f"<td{_class(sheet, at)}><bdi>{escape(cell)}</bdi></td>" for at, cell in enumerate(row)
    )


def _class(sheet: Sheet, at: int) -> str:
    return ' class="words"' if at in sheet.words else ""


def _charts(report: Report) -> Iterator[tuple[str, str]]:
    """Yield plots with the title of the table that they stand above."""
    if report.claims is not None:
        claims = report.claims
        precision, recall = claims.overall.precision, claims.overall.recall
        here = (recall.value, precision.value) if precision and recall else None
        words = f"shipped: F1 {_value(claims.overall.f1)}"
        if claims.curve:
            area = figure(claims.average_precision)
            title = f"Precision against recall of election claims, average precision {area}"
            yield "Election claims", curve_chart(title, claims.curve, here, words)
        for name, scores in (("language", claims.by_language), ("type", claims.by_type)):
            bars = [
                Bar(key, one.f1, f"{_value(one.f1)}  of {one.positives}")
                for key, one in scores.items()
                if one.f1 is not None
            ]
            yield f"By {name}", bar_chart(f"F1 by {name}, with 95 % intervals", bars[:_CHARTED])
    if report.stances is not None:
        bars = [
            Bar(key, one.right_of_found, f"{_value(one.right_of_found)}  of {one.found}")
            for key, one in report.stances.by_language.items()
            if one.right_of_found is not None
        ]
        yield "Stance", bar_chart("Stance right, of claims that were found", bars[:_CHARTED])
    if report.evasion:
        bars = [
            Bar(name, one.recall, f"{_value(one.recall)}  plain {figure(one.plain_recall)}")
            for name, one in report.evasion.items()
        ]
        yield "Evasion", bar_chart("Recall on disguised claims, with 95 % intervals", bars)


def _value(estimate: Estimate | None) -> str:
    return figure(estimate.value if estimate else None)
