"""`hustings kafka`: the embedded Kafka by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from streams.broker.embedded import EmbeddedKafka
from streams.broker.errors import BrokerError
from streams.broker.jars import ensure_jars, load_lock
from streams.lifeline import stop_on_signals
from streams.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Run the embedded Kafka by itself."
)

_CHECK_SECONDS = 1.0


@app.command()
def fetch() -> None:
    """Download Kafka's jars, so that later starts need no network."""
    console = Console(stderr=True)
    lock = load_lock()
    try:
        jars = fetch_with_progress(Settings().data_dir, console)
    except BrokerError as error:
        _fail(console, error)
    megabytes = sum(jar.stat().st_size for jar in jars) / 2**20
    typer.echo(
        f"Kafka {lock.kafka_version}: {len(jars)} jars, {megabytes:.0f} MB, checked, in "
        f"{jars[0].parent}"
    )


@app.command()
def start(
    nodes: Annotated[int, typer.Option(help="1, or 3 with three copies of each record.")] = 1,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65533,
            help="Of the first node, the others follow; any free ports when not given.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Data folder; HUSTINGS_DATA_DIR/kafka when not given.", show_default=False
        ),
    ] = None,
) -> None:
    """Start Kafka on 127.0.0.1, print its address, run until Ctrl-C."""
    console = Console(stderr=True)
    if nodes not in {1, 3}:
        raise typer.BadParameter("one or three nodes", param_hint="--nodes")
    settings = Settings()
    ports = None if port is None else [port + number for number in range(nodes)]
    try:
        jars = fetch_with_progress(settings.data_dir, console)
        kafka = EmbeddedKafka(
            data or settings.data_dir / "kafka", nodes=nodes, ports=ports, jars=jars
        )
        with kafka:
            stopping = stop_on_signals()
            typer.echo(kafka.bootstrap_servers)
            console.print(f"Kafka is ready. Log: {kafka.log_path}. Ctrl-C stops it.", markup=False)
            while not stopping.wait(_CHECK_SECONDS):
                kafka.check()
    except BrokerError as error:
        _fail(console, error)
    console.print("Kafka has stopped.")


def fetch_with_progress(data_dir: Path, console: Console) -> tuple[Path, ...]:
    """Return Kafka's jars; show a bar while missing ones are fetched.

    Raises:
        BrokerError: they cannot be had.
    """
    if not console.is_terminal:
        return ensure_jars(data_dir, on_progress=_line(console))
    with Progress(
        TextColumn("Fetching Kafka's jars (once)"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
    ) as progress:
        return ensure_jars(data_dir, on_progress=_bar(progress))


def _line(console: Console) -> Callable[[int, int], None]:
    def update(done: int, total: int) -> None:
        if done in {0, total}:
            console.print(f"Fetching Kafka's jars (once): {done} of {total}", style="dim")

    return update


def _bar(progress: Progress) -> Callable[[int, int], None]:
    def update(done: int, total: int) -> None:
        # Made at the first call: when nothing is fetched no bar may flash up.
        task = progress.task_ids[0] if progress.task_ids else progress.add_task("", total=total)
        progress.update(task, completed=done, total=total)

    return update


def _fail(console: Console, error: BrokerError) -> NoReturn:
    console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1) from error
