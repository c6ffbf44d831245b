"""The live view in the terminal: five figures and the newest labels, drawn from a tally."""

from __future__ import annotations

import textwrap
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams.schema import Action, LabelKind, SourceStance
from streams.up.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from streams.packs.wording import Wording
    from streams.schema import ClaimSource, Label, Post
    from streams.up.tally import SeenEvent, Tally

_WINDOW_SECONDS = 5.0
_MINUTE = 60.0
_SOURCES_SHOWN = 3
_NARROW = 100
_INDENT = 11
_TROUBLE_LINES = 4
_ACTIONS = {
    Action.APPLY: "label",
    Action.UPDATE: "label updated",
    Action.RETRACT: "label withdrawn",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One label event with the post that it speaks about."""

    seen: SeenEvent
    post: Post | None


@dataclass(slots=True)
class Rates:
    """Posts a second over the last few seconds, from a growing count."""

    clock: Callable[[], float] = time.monotonic
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, count: int) -> float:
        """Take the newest count; return the rate."""
        now = self.clock()
        self._samples.append((now, count))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_SECONDS:  # noqa: PLR2004
            self._samples.popleft()
        then, before = self._samples[0]
        return (count - before) / (now - then) if now > then else 0.0


def figures(tally: Tally, posts_per_second: float, now: float) -> list[tuple[str, str]]:
    """Return the five figures of the wall screen as (name, value)."""
    lag_seconds = tally.lag / posts_per_second if posts_per_second > 0 else 0.0
    recent = [s for s in tally.newest if now - s.published_at < _MINUTE]
    by_kind = [f"{sum(s.event.label.kind is kind for s in recent)}" for kind in LabelKind]
    p99 = tally.quantile(0.99)
    return [
        ("posts/s", f"{posts_per_second:,.0f}"),
        ("time to label p99", "—" if p99 is None else seconds(p99)),
        ("lag", f"{tally.lag:,} posts" if posts_per_second <= 0 else seconds(lag_seconds)),
        ("labels/min D·R·V", "·".join(by_kind)),
        ("dead letters", f"{tally.dead_letters:,}"),
    ]


def seconds(value: float) -> str:
    """Return a duration with its unit."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < _MINUTE:
        return f"{value:.1f} s"
    return f"{value / _MINUTE:.1f} min"


def draw(
    tally: Tally,
    cards: list[Card],
    wording: Wording,
    *,
    title: str,
    posts_per_second: float,
    width: int,
    height: int,
    now: float,
    waits_for: str = "",
    trouble: str = "",
) -> RenderableType:
    """Return the whole screen; `waits_for` is what must come before the first post."""
    strip = Table.grid(expand=True)
    values = figures(tally, posts_per_second, now)
    for _ in values:
        strip.add_column(justify="center", ratio=1)
    strip.add_row(*(Text(value, style="bold") for _, value in values))
    strip.add_row(*(Text(name, style="dim") for name, _ in values))
    parts: list[RenderableType] = [
        Panel(strip, title=title, title_align="left", padding=(0, 1)),
    ]
    said = textwrap.wrap(printable(trouble, _TROUBLE_LINES * width), width)[:_TROUBLE_LINES]
    left = height - 6 - len(said)
    for card in reversed(cards):
        block = card_lines(card, wording, width=width, now=now)
        if left < len(block) + 1:
            break
        parts.extend((*block, Text("")))
        left -= len(block) + 1
    if waits_for:
        parts.append(Text(printable(waits_for, width), style="bold"))
    elif not cards:
        parts.append(Text("No labels yet: most posts make no election claim.", style="dim"))
    parts.extend(Text(line, style="yellow") for line in said)
    kinds = "D disputed-claim · R result-not-final · V voting-information · Ctrl-C stops"
    parts.append(Text(printable(kinds, width), style="dim"))
    return Group(*parts)


def card_lines(card: Card, wording: Wording, *, width: int, now: float | None = None) -> list[Text]:
    """Return one label event in three to six lines: what, the post, the claim, its sources."""
    event, label = card.seen.event, card.seen.event.label
    head = Text()
    moment = datetime.fromtimestamp(card.seen.published_at, UTC)
    age = "" if now is None else f" · {seconds(max(now - card.seen.published_at, 0))} ago"
    head.append(f"{moment:%H:%M:%S}Z ", style="dim")
    head.append(f"{_ACTIONS[event.action]}: {label.kind.value}", style="bold")
    head.append(
        f"  {label.jurisdiction} · {label.stance.value} · {label.score:.2f} · "
        f"after {seconds(card.seen.time_to_label_seconds)}{age}",
        style="dim",
    )
    head.truncate(width, overflow="ellipsis")
    lines = [head, *_post_lines(card, width)]
    if event.action is Action.RETRACT:
        lines.append(_row("why", event.reason.value.replace("-", " "), width))
        return lines
    language = _language(card)
    lines.append(_row("says", wording.headline(label, language), width))
    lines.extend(_source_rows(label, width))
    return lines


def _post_lines(card: Card, width: int) -> list[Text]:
    if card.post is None or not card.post.text:
        return [_row("post", f"({card.seen.event.post_id})", width)]
    return [_row("post", f"“{printable(card.post.text, width)}”", width)]


def _source_rows(label: Label, width: int) -> list[Text]:
    if label.authority is not None:
        return [_row("→", label.authority.url, width)]
    marks = {
        SourceStance.DISPUTES: "disputes",
        SourceStance.SUPPORTS: "supports",
        SourceStance.CONTEXT: "context",
        SourceStance.OFFICIAL: "official",
    }
    shown = label.sources[: _SOURCES_SHOWN if width >= _NARROW else 2]
    return [
        _row(marks[source.stance], _source_line(source, max(width - _INDENT, 10)), width)
        for source in shown
    ]


def _source_line(source: ClaimSource, width: int) -> str:
    """Return publisher, what it says and its address; the address is never cut for the rest."""
    address = f" — {printable(source.url, max(width // 2, 10))}"
    said = printable(f"{source.publisher} — {source.title}", max(width - len(address), 10))
    return said + address


def _row(name: str, text: str, width: int) -> Text:
    row = Text()
    row.append(f"  {name:<9}", style="dim")
    row.append(printable(text, max(width - _INDENT, 10)))
    row.truncate(width, overflow="ellipsis")
    return row


def _language(card: Card) -> str:
    if card.post is not None and card.post.languages:
        return card.post.languages[0].split("-")[0]
    return "en"
