"""`hustings label`: run label workers and keep them running."""

from __future__ import annotations

from typing import Annotated

import structlog
import typer

from streams.lifeline import stop_on_signals, watch_parent
from streams.logs import configure_logs
from streams.settings import Settings
from streams.worker.supervisor import Supervisor

app = typer.Typer(add_completion=False)
log = structlog.get_logger(__name__)


@app.command()
def label(
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            "-n",
            min=1,
            max=256,
            help="Worker processes; at most one a partition works.",
        ),
    ] = 1,
    instance_prefix: Annotated[
        str,
        typer.Option(help="Workers are called PREFIX-0, PREFIX-1 …; unique in the consumer group."),
    ] = "label",
    metrics_port: Annotated[
        int,
        typer.Option(min=0, max=65000, help="Port of worker 0, counting up; 0: any free ports."),
    ] = 0,
) -> None:
    """Run label workers; each that leaves is started again with backoff.

    One process a worker, one worker a share of the partitions. Ctrl-C lets every
    worker finish its chunk and stops them.
    """
    settings = Settings()
    configure_logs(settings.log)
    watch_parent()
    stop = stop_on_signals()
    if workers > settings.kafka.partitions:
        log.warning(
            "more_workers_than_partitions", workers=workers, partitions=settings.kafka.partitions
        )
    Supervisor(workers, instance_prefix=instance_prefix, first_metrics_port=metrics_port).run(stop)
    log.info("workers_stopped", workers=workers)
