"""Packs and claims of a folder for a command: read whole, or every problem said and the end."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.packs.errors import PackErrors
from streams.packs.folder import default_folder, read_packs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.packs.folder import PackFolder

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="Folder of .yaml files, or one file; without it the packs that came with Hustings.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]


def read_or_exit(folder: Path | None, *, as_json: bool) -> PackFolder:
    """Return the checked packs and claims of a folder, or of those that came along.

    Raises:
        typer.Exit: something is wrong; every problem is said with its file and line,
            and the exit status is 1.
    """
    with problems_or_exit(as_json=as_json):
        return read_packs(folder if folder is not None else default_folder())


@contextmanager
def problems_or_exit(*, as_json: bool) -> Iterator[None]:
    """Say every problem of files that are read within, and end.

    Raises:
        typer.Exit: something is wrong; the exit status is 1.
    """
    try:
        yield
    except PackErrors as errors:
        for problem in errors.problems:
            if as_json:
                print_json(
                    {
                        "file": str(problem.file),
                        "line": problem.line or None,
                        "reason": problem.reason,
                    }
                )
            else:
                typer.echo(printable(str(problem)), err=True)
        if not as_json:
            count = len(errors.problems)
            ending = "" if count == 1 else "s"
            typer.echo(f"{count} problem{ending}; nothing was loaded.", err=True)
        raise typer.Exit(1) from errors


def printable(text: str) -> str:
    """Return a text without what a terminal would obey: files and topics may hold it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def print_json(value: dict[str, object]) -> None:
    """Print one line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False))
