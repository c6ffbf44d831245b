"""How far a connector has come: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from typing import TYPE_CHECKING

import structlog
from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from connectors.replay import ReplaySource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.runner import Progress
    from connectors.source import Source

_LOG = structlog.stdlib.get_logger(__name__)
_LINE_SECONDS = 5.0


@contextlib.contextmanager
def progress_display(source: Source) -> Iterator[Callable[[Progress], None]]:
    """Give what the runner's `on_progress` calls."""
    if sys.stderr.isatty():
        with _bar(source) as show:
            yield show
    else:
        yield _lines(source)


@contextlib.contextmanager
def _bar(source: Source) -> Iterator[Callable[[Progress], None]]:
    columns = (
        [BarColumn(bar_width=None), TaskProgressColumn(), TimeRemainingColumn(compact=True)]
        if _total_bytes(source) is not None
        else [SpinnerColumn(), TimeElapsedColumn()]
    )
    # Nothing of the source goes into the markup: names of files may hold brackets.
    counts = TextColumn("{task.fields[counts]}", markup=False)
    with Bar(counts, *columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, counts="waiting for Kafka …")
        with _logs_above(bar):

            def show(progress: Progress) -> None:
                counts = f"{progress.posts:,} posts  {_rate(progress):,.0f}/s"
                if progress.dead_letters:
                    counts += f"  {progress.dead_letters:,} dead letters"
                bar.update(
                    task,
                    counts=counts,
                    total=_total_bytes(source) or None,
                    completed=source.read_bytes if isinstance(source, ReplaySource) else 0,
                )

            yield show


@contextlib.contextmanager
def _logs_above(bar: Bar) -> Iterator[None]:
    """Send log lines through the bar's own standard error, which keeps them off the bar."""
    del bar  # while it lives, rich has put a stand-in for sys.stderr
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    before = [handler.setStream(sys.stderr) for handler in handlers]
    try:
        yield
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            if stream is not None:
                handler.setStream(stream)


def _lines(source: Source) -> Callable[[Progress], None]:
    last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _LINE_SECONDS:
            return
        last = now
        fields: dict[str, float] = {
            "posts": progress.posts,
            "dead_letters": progress.dead_letters,
            "posts_per_second": round(_rate(progress)),
        }
        total = _total_bytes(source)
        if total and isinstance(source, ReplaySource):
            share = source.read_bytes / total
            fields["percent"] = round(100 * share)
            fields["seconds_left"] = round(progress.seconds * (1 - share) / share) if share else 0
        _LOG.info("connector.progress", **fields)

    return show


def _total_bytes(source: Source) -> int | None:
    """Return the bytes to read, 0 before that is known, None for what has no end."""
    if not isinstance(source, ReplaySource) or source.is_endless:
        return None
    return source.total_bytes


def _rate(progress: Progress) -> float:
    return progress.posts / progress.seconds if progress.seconds else 0.0
