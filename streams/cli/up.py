"""`hustings up`: the whole main job on this machine, with a live view."""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live

from streams.broker.errors import BrokerError
from streams.cli.kafka import fetch_with_progress
from streams.logs import configure_logs
from streams.packs.errors import ClaimsTopicError, PackErrors
from streams.packs.folder import default_folder
from streams.packs.wording import default_wording_folder, load_wording
from streams.settings import LogSettings, Settings
from streams.up.job import CONNECTOR_ID, JobFailedError, MainJob, Plan
from streams.up.monitor import Monitor
from streams.up.printable import printable
from streams.up.screen import Card, Rates, card_lines, draw, seconds
from streams.up.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.packs.wording import Wording
    from streams.up.tally import SeenEvent

app = typer.Typer(add_completion=False)

LIVE_SOURCES = frozenset({"bluesky"})
DEMO_RATE = 150.0
_POLL_SECONDS = 0.2
_PLAIN_EVERY_SECONDS = 5.0
_CARDS_KEPT = 30
_LINE_WIDTH = 160
_TROUBLE_WIDTH = 600
_CARDS_A_POLL = 5
"""Looking a post up is a request of its own: a flood of labels shows a part of them."""


class _Stopped(Exception):  # noqa: N818 - not a fault: the user asked for it
    """Ctrl-C or SIGTERM while things start."""


class _StopAsked(threading.Event):
    """Ctrl-C or SIGTERM: raised out of a slow start, but only noted while topics are read.

    An exception in the middle of a Kafka client's work would leave its locks held.
    """

    raises = True

    def on_signal(self, _number: int, _frame: object) -> None:
        """Handle a signal."""
        self.set()
        if self.raises:
            raise _Stopped


@app.command()
def up(
    source: Annotated[
        str, typer.Argument(help="demo, bluesky, a file or a folder to replay, or - for stdin.")
    ] = "demo",
    workers: Annotated[
        int, typer.Option("--workers", "-n", min=1, max=64, help="Label worker processes.")
    ] = 1,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.1, help="Replay so many posts a second; the demo: 150, files: flat out."
        ),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="Replay by event time, so many times faster.")
    ] = None,
    packs: Annotated[
        Path | None, typer.Option(help="Folder of election packs; none: those that come with it.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Keep Kafka's data here. Without it replays start fresh; live sources keep "
            ".hustings/live."
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Kafka's port; none: any free one.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only the summary, as one JSON line, last.")
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines even on a terminal.")] = False,
) -> None:
    """Run the main job here: Kafka, a connector, label workers, and a live view of them.

    A replay ends by itself when every post is decided; a live source goes on
    until Ctrl-C. Everything it started is stopped when it ends.
    """
    settings = Settings()
    configure_logs(LogSettings(level="error", format=settings.log.format))
    # The view's clients see the broker go at the end: no news to the user.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    console = Console(stderr=as_json, highlight=False, soft_wrap=not sys.stdout.isatty())
    pace = _pace(source, rate, speed)
    plan = Plan(
        source=source,
        connector_args=pace,
        workers=workers,
        packs=packs or default_folder(),
        data_dir=data or (settings.data_dir / "live" if source in LIVE_SOURCES else None),
        port=port,
    )
    job = MainJob(plan, settings, say=lambda line: console.print(line, style="dim", markup=False))
    live = sys.stdout.isatty() and not plain and not as_json
    status = 0
    tally = Tally()
    stop = _StopAsked()
    try:
        with _stop_signals(stop):
            fetch_with_progress(settings.data_dir, console)
            job.start()
            stop.raises = False
            _follow(job, tally, console, stop, live=live, quiet=as_json)
            if stop.is_set():
                console.print("Stopping …", style="dim")
    except _Stopped:
        console.print("Stopping …", style="dim")
    except (BrokerError, ClaimsTopicError, JobFailedError, PackErrors, OSError) as exc:
        console.print(str(exc), style="red", markup=False)
        status = 1
    finally:
        # A second Ctrl-C must not leave half of the processes behind.
        with _signals_ignored():
            job.stop()
    _print_summary(tally, console, as_json=as_json, failed=bool(status))
    raise typer.Exit(status)


def _pace(source: str, rate: float | None, speed: float | None) -> tuple[str, ...]:
    if rate is not None and speed is not None:
        raise typer.BadParameter("--rate and --speed exclude each other")
    if speed is not None:
        return ("--speed", str(speed))
    if rate is None and source == "demo":
        rate = DEMO_RATE
    return () if rate is None else ("--rate", str(rate))


def _follow(
    job: MainJob,
    tally: Tally,
    console: Console,
    stop: threading.Event,
    *,
    live: bool,
    quiet: bool,
) -> None:
    """Show what happens until the source is at its end and every post is decided."""
    wording = load_wording(default_wording_folder())
    monitor = Monitor(job.kafka_settings, CONNECTOR_ID, tally)
    try:
        if live:
            _follow_on_screen(job, monitor, tally, wording, console, stop)
        else:
            _follow_in_lines(job, monitor, tally, wording, console, stop, quiet=quiet)
        if not stop.is_set():
            monitor.settle()
    finally:
        with contextlib.suppress(Exception):  # the summary matters more than a clean goodbye
            monitor.close()


def _follow_on_screen(
    job: MainJob,
    monitor: Monitor,
    tally: Tally,
    wording: Wording,
    console: Console,
    stop: threading.Event,
) -> None:
    cards: deque[Card] = deque(maxlen=_CARDS_KEPT)
    rates = Rates()
    with Live(console=console, screen=True, auto_refresh=False) as screen:
        while not tally.done and not stop.is_set():
            cards.extend(_cards(monitor, monitor.poll(_POLL_SECONDS)))
            _tend(job, tally)
            width, height = console.size
            screen.update(
                draw(
                    tally,
                    list(cards),
                    wording,
                    title=f"Hustings · {job.plan.source} · {tally.posts:,} posts",
                    posts_per_second=rates.add(tally.decided),
                    width=width,
                    height=height,
                    now=time.time(),
                    waits_for=job.waits_for,
                    trouble=job.trouble(),
                ),
                refresh=True,
            )
    if trouble := job.trouble():
        console.print(printable(trouble, _TROUBLE_WIDTH), style="yellow", markup=False)
    for card in list(cards)[-3:]:
        for line in card_lines(card, wording, width=console.width):
            console.print(line)


def _follow_in_lines(
    job: MainJob,
    monitor: Monitor,
    tally: Tally,
    wording: Wording,
    console: Console,
    stop: threading.Event,
    *,
    quiet: bool,
) -> None:
    rates = Rates()
    due = 0.0
    told = ""
    while not tally.done and not stop.is_set():
        seen = monitor.poll(_POLL_SECONDS)
        _tend(job, tally)
        posts_per_second = rates.add(tally.decided)
        if (trouble := job.trouble()) != told:
            told = trouble
            if trouble:
                console.print(printable(trouble, _TROUBLE_WIDTH), style="yellow", markup=False)
        if quiet:
            continue
        for card in _cards(monitor, seen):
            for line in card_lines(card, wording, width=_LINE_WIDTH):
                console.print(line)
        if len(seen) > _CARDS_A_POLL:
            console.print(f"  … and {len(seen) - _CARDS_A_POLL} more label events", style="dim")
        if time.monotonic() >= due:
            due = time.monotonic() + _PLAIN_EVERY_SECONDS
            console.print(_standing(job, tally, posts_per_second), style="dim", markup=False)


def _tend(job: MainJob, tally: Tally) -> None:
    job.tend()
    if job.source_ended:
        tally.on_source_end()


def _standing(job: MainJob, tally: Tally, posts_per_second: float) -> str:
    if job.waits_for:
        return job.waits_for
    p99 = tally.quantile(0.99)
    return (
        f"{tally.posts:,} posts in · {tally.decided:,} decided · "
        f"{posts_per_second:,.0f} posts/s · time to label p99 "
        f"{'—' if p99 is None else seconds(p99)} · lag {tally.lag:,} · "
        f"dead letters {tally.dead_letters:,}"
    )


def _cards(monitor: Monitor, seen: list[SeenEvent]) -> list[Card]:
    return [Card(one, monitor.find_post(one)) for one in seen[-_CARDS_A_POLL:]]


def _print_summary(tally: Tally, console: Console, *, as_json: bool, failed: bool) -> None:
    summary = tally.summary(time.time())
    if as_json:
        sys.stdout.write(json.dumps(summary.to_dict()) + "\n")
        sys.stdout.flush()
        return
    if failed and not summary.posts:
        return
    labels = ", ".join(f"{count} {kind}" for kind, count in summary.labels.items())
    p50, p99 = summary.time_to_label_p50_seconds, summary.time_to_label_p99_seconds
    console.print(
        f"{summary.posts:,} posts: {summary.decided:,} decided, "
        f"{summary.dead_letters:,} dead letters; {summary.posts_per_second:,.0f} posts/s"
    )
    console.print(f"Labels that stand: {labels}")
    if p50 is not None and p99 is not None:
        console.print(f"Time to label: half within {seconds(p50)}, 99 % within {seconds(p99)}")


@contextlib.contextmanager
def _stop_signals(stop: _StopAsked) -> Iterator[None]:
    before = {n: signal.signal(n, stop.on_signal) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _signals_ignored() -> Iterator[None]:
    before = {n: signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
