"""Plots as inline SVG: axes, words and marks that take their colours from the page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.evaluate.curve import Point
    from streams.evaluate.measures import Estimate

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 16, 48
_ROW = 26
_NAMES = 150
_VALUES = 150
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart of shares: a dot with its interval, and the words at its end."""

    name: str
    share: Estimate | None
    words: str


def curve_chart(
    title: str, points: Sequence[Point], here: tuple[float, float] | None, here_words: str
) -> str:
    """Return a precision-recall curve with a mark at the shipped threshold.

    Args:
        title: says what is shown, for those who do not see it too.
        points: the curve.
        here: recall and precision of the shipped threshold.
        here_words: what stands beside the mark.
    """
    plot_x, plot_y = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(recall: float, precision: float) -> tuple[float, float]:
        return _LEFT + recall * plot_x, _TOP + (1 - precision) * plot_y

    parts = []
    for tick in _TICKS:
        x, y = place(tick, tick)
        parts += [
            _line(x, _TOP, x, _TOP + plot_y, "grid"),
            _line(_LEFT, y, _LEFT + plot_x, y, "grid"),
            _text(x, _TOP + plot_y + 18, f"{tick:.1f}", "tick", "middle"),
            _text(_LEFT - 8, y + 4, f"{tick:.1f}", "tick", "end"),
        ]
    parts.append(_text(_LEFT + plot_x / 2, _HEIGHT - 8, "Recall", "axis", "middle"))
    parts.append(
        f'<text class="axis" text-anchor="middle" '
        f'transform="translate(14 {_TOP + plot_y / 2:.0f}) rotate(-90)">Precision</text>'
    )
    ordered = sorted(points, key=lambda point: -point.threshold)
    trace = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(p.recall, p.precision) for p in ordered))
    parts.append(f'<polyline class="trace" points="{trace}"/>')
    if here is not None:
        x, y = place(*here)
        parts.append(f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="6"/>')
        anchor = "end" if x > _WIDTH / 2 else "start"
        beside = x - 12 if anchor == "end" else x + 12
        parts.append(_text(beside, min(y + 24, _TOP + plot_y - 8), here_words, "note", anchor))
    return _svg(title, _WIDTH, _HEIGHT, parts)


def bar_chart(title: str, bars: Iterable[Bar]) -> str:
    """Return shares as dots with their intervals, one a row, from 0 to 1."""
    rows = list(bars)
    plot = _WIDTH - _NAMES - _VALUES
    height = _TOP + _ROW * len(rows) + 32
    bottom = _TOP + _ROW * len(rows)

    def place(value: float) -> float:
        return _NAMES + value * plot

    parts = []
    for tick in _TICKS:
        x = place(tick)
        parts += [
            _line(x, _TOP, x, bottom, "grid"),
            _text(x, bottom + 18, f"{tick:.1f}", "tick", "middle"),
        ]
    for at, bar in enumerate(rows):
        y = _TOP + _ROW * at + _ROW / 2
        parts.append(_text(_NAMES - 10, y + 4, _short(bar.name), "name", "end"))
        if (one := bar.share) is not None:
            parts.append(_line(place(one.low), y, place(one.high), y, "range"))
            parts.append(f'<circle class="dot" cx="{place(one.value):.1f}" cy="{y:.1f}" r="5"/>')
        parts.append(_text(_WIDTH - _VALUES + 14, y + 4, bar.words, "value", "start"))
    return _svg(title, _WIDTH, height, parts)


def _svg(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _short(name: str) -> str:
    most = 20
    return name if len(name) <= most else name[: most - 1] + "…"
