"""What `hustings evaluate` and `hustings audit` share: reading, and showing how far it is."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from streams.evaluate.reading import BadFileError, read_samples
from streams.packs.errors import PackErrors
from streams.packs.folder import default_folder, read_packs
from streams.up.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.detect.catalogue import Catalogue
    from streams.evaluate.judging import Advance
    from streams.evaluate.samples import Sample


def load_catalogue(command: str, folder: Path | None) -> Catalogue:
    """Return packs and claims, or end the run with every problem."""
    try:
        return read_packs(folder if folder is not None else default_folder()).catalogue()
    except (PackErrors, OSError) as error:
        fail(command, f"cannot read the election packs:\n{error}")


def load_samples(command: str, files: Sequence[Path]) -> list[Sample]:
    """Return the posts of all files, or end the run at the first bad line."""
    try:
        return [sample for file in files for sample in read_samples(file)]
    except BadFileError as error:
        fail(command, str(error))


def fail(command: str, reason: str) -> NoReturn:
    """Say why nothing was measured and end with status 2."""
    for line in reason.splitlines():
        typer.echo(printable(f"hustings {command}: {line}", 1_000), err=True)
    raise typer.Exit(2)


@contextmanager
def progress(name: str, total: int) -> Iterator[Advance]:
    """Show on standard error how much is done; nothing where that is no terminal."""
    shown = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with shown if shown.console.is_terminal else _nothing():
        task = shown.add_task(name, total=total)
        yield lambda done: shown.advance(task, done)


@contextmanager
def _nothing() -> Iterator[None]:
    yield None
