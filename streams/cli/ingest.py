"""`hustings ingest`: posts from a network or from files into Kafka."""

from __future__ import annotations

import contextlib
import importlib.resources
import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer
from prometheus_client import CollectorRegistry, ProcessCollector

from connectors.capture import CaptureWriter
from connectors.errors import ConnectorError, Fatal, Fenced
from connectors.folder import files_of
from connectors.metrics import ConnectorMetrics
from connectors.pace import FlatOut, Rate, Speed
from connectors.replay import STANDARD_INPUT, ReplaySource
from connectors.runner import liveness, readiness, run
from streams.cli.ingest_progress import progress_display
from streams.lifeline import watch_parent
from streams.logs import configure_logs
from streams.settings import Settings
from streams.telemetry import TelemetryServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.runner import Progress, Summary
    from connectors.source import Source

app = typer.Typer(add_completion=False)
_LOG = structlog.stdlib.get_logger(__name__)

FENCED_EXIT_STATUS = 76
_INTERRUPTED_STATUS = 130
_DEMO = "demo"
_BLUESKY = "bluesky"


@app.command()
def ingest(
    source: Annotated[
        str,
        typer.Argument(
            help="A file or folder of posts, - for standard input, demo, or bluesky.",
            show_default=False,
        ),
    ],
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="Files: so many posts a second.")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(min=0.001, help="Files: by the posts' own times, so many times as fast."),
    ] = None,
    connector_id: Annotated[
        str | None,
        typer.Option(
            help="Name under which the position is kept; one process each.",
            show_default="made from the source",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many posts.")] = None,
    host: Annotated[
        str | None, typer.Option(help="bluesky: the Jetstream host.", show_default="a public one")
    ] = None,
    capture: Annotated[
        Path | None,
        typer.Option(help="bluesky: also keep every frame in files of this folder."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as one JSON line.")
    ] = False,
) -> None:
    """Write posts to Kafka, exactly once, going on where the last run stopped.

    Reads NDJSON of ours ({"id", "text", "lang"?, "created_at"?, "op"?}), tweets
    (both API forms, twarc pages, archive collections), Jetstream captures; plain
    or packed with gzip, zstd or bzip2. Lines that are no posts become dead letters.

    Exit status: 0 done or stopped, 1 it cannot work, 75 Kafka did not commit for
    too long (start it again), 76 another process runs the same connector.
    """
    if rate is not None and speed is not None:
        raise typer.BadParameter("--rate and --speed exclude each other")
    settings = Settings()
    configure_logs(settings.log)
    watch_parent()
    stop = _stop_on_signals()
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    with contextlib.ExitStack() as cleanup:
        try:
            made, metrics = cleanup.enter_context(
                _source(
                    source,
                    registry,
                    pace=_pace(rate, speed),
                    connector_id=connector_id,
                    limit=limit,
                    host=host,
                    capture=capture,
                )
            )
            server = cleanup.enter_context(
                TelemetryServer(
                    settings.connector.metrics_host,
                    settings.connector.metrics_port,
                    registry,
                    live=lambda: liveness(metrics, settings.connector.stuck_seconds),
                    ready=lambda: readiness(metrics),
                )
            )
            _LOG.info("connector.telemetry", host=server.host, port=server.port)
            show = cleanup.enter_context(progress_display(made))

            def on_progress(progress: Progress) -> None:
                show(progress)
                if limit is not None and progress.posts >= limit:
                    stop.set()

            summary = run(made, settings, metrics=metrics, stop=stop, on_progress=on_progress)
        except (ConnectorError, OSError) as error:
            cleanup.close()
            typer.echo(f"hustings ingest: {error}", err=True)
            raise typer.Exit(FENCED_EXIT_STATUS if isinstance(error, Fenced) else 1) from None
    _print_summary(made.connector_id, summary, as_json=as_json)


def _pace(rate: float | None, speed: float | None) -> FlatOut | Rate | Speed:
    if rate is not None:
        return Rate(rate)
    return FlatOut() if speed is None else Speed(speed)


@contextlib.contextmanager
def _source(
    name: str,
    registry: CollectorRegistry,
    *,
    pace: FlatOut | Rate | Speed,
    connector_id: str | None,
    limit: int | None,
    host: str | None,
    capture: Path | None,
) -> Iterator[tuple[Source, ConnectorMetrics]]:
    """Raises Fatal."""
    if name == _BLUESKY:
        # Here, so that replays do without the WebSocket client.
        from connectors import bluesky  # noqa: PLC0415

        metrics = ConnectorMetrics(bluesky.BlueskySource.name, registry)
        with contextlib.ExitStack() as cleanup:
            options: dict[str, Any] = {"metrics": metrics}
            if capture is not None:
                writer = cleanup.enter_context(CaptureWriter(capture, "jetstream-v1"))
                options["capture"] = writer.write
            if connector_id is not None:
                options["connector_id"] = connector_id
            yield bluesky.BlueskySource(host or bluesky.DEFAULT_HOST, **options), metrics
        return
    if capture is not None or host is not None:
        raise Fatal("--capture and --host are for bluesky")
    path: str | Path = name
    with contextlib.ExitStack() as cleanup:
        if name == _DEMO:
            posts = importlib.resources.files("connectors") / "demo" / "posts.ndjson.gz"
            if not posts.is_file():
                raise Fatal("this installation has no demonstration posts: name a file instead")
            path = cleanup.enter_context(importlib.resources.as_file(posts))
            connector_id = connector_id or "replay-demo"
        if name != STANDARD_INPUT:
            # Before Kafka is asked: a wrong name must not wait for a broker that is away.
            files_of(Path(path))
        replay = ReplaySource(str(path), connector_id=connector_id, pace=pace, limit=limit)
        yield replay, ConnectorMetrics(replay.name, registry)


def _stop_on_signals() -> threading.Event:
    """Stop in order at the first signal, at once at the second."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(_INTERRUPTED_STATUS)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return stop


def _print_summary(connector_id: str, summary: Summary, *, as_json: bool) -> None:
    rate = summary.posts / summary.seconds if summary.seconds else 0.0
    if as_json:
        line = {
            "connector_id": connector_id,
            "posts": summary.posts,
            "dead_letters": summary.dead_letters,
            "skipped": summary.skipped,
            "seconds": round(summary.seconds, 3),
            "posts_per_second": round(rate, 1),
            "finished": summary.finished,
            "total_posts": summary.total_posts,
            "total_dead_letters": summary.total_dead_letters,
        }
        typer.echo(json.dumps(line))
        return
    ended = "Done" if summary.finished else "Stopped"
    typer.echo(
        f"{ended}: {summary.posts:,} posts, {summary.dead_letters:,} dead letters, "
        f"{summary.skipped:,} skipped in {summary.seconds:.1f} s ({rate:,.0f} posts/s). "
        f"Connector {connector_id}: {summary.total_posts:,} posts in all."
    )
