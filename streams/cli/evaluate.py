"""`hustings evaluate`: how good the detector is on labelled posts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.measuring import fail, load_catalogue, load_samples, progress
from streams.detect.detector import build_detector
from streams.evaluate.attacking import load_attacks
from streams.evaluate.matching import load_ranker
from streams.evaluate.page import page
from streams.evaluate.reading import BadFileError, choose, read_retrieval, without_repeats
from streams.evaluate.report import Source
from streams.evaluate.run import PARTS, Given, evaluate
from streams.evaluate.tables import sheets
from streams.up.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.evaluate.reading import RetrievalSet
    from streams.evaluate.report import Report
    from streams.evaluate.samples import Sample

app = typer.Typer(add_completion=False)

OWN = Path(__file__).resolve().parent.parent.parent / "deploy" / "training"
_WIDTH = 400
_COMMAND = "evaluate"

Files = Annotated[list[Path] | None, typer.Option(help="NDJSON file, plain or .gz.")]


@app.command(name="evaluate")
def evaluate_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help='NDJSON files of labelled posts, plain or .gz: {"id", "text", "lang"?, "claim"?, '
            '"topic"?, "stance"?, "types"?, "checkworthy"?} a line.'
        ),
    ] = None,
    held_out: Annotated[
        Path | None,
        typer.Option(help="Folder of the data of training: take what training never sees."),
    ] = None,
    background: Annotated[
        list[Path] | None,
        typer.Option(help="NDJSON files of posts about anything: any claim found is false."),
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(help='Queries for known claims: {"id", "text", "claim_ids"} a line.'),
    ] = None,
    claims: Annotated[
        Path | None,
        typer.Option(help='The claims that they are looked for in: {"claim_id", "text"} a line.'),
    ] = None,
    packs: Annotated[
        Path | None,
        typer.Option(
            help="Folder of election packs and claims.", show_default="those that come along"
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Only these parts: {', '.join(PARTS)}.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many posts of each kind; always the same.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of intervals and attacks.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with plots to this file.")] = None,
    show_text: Annotated[
        bool,
        typer.Option("--show-text", help="Show the texts of false alerts, in all forms of it."),
    ] = False,
) -> None:
    """Measure the detector against labelled posts and write a report.

    Precision, recall and F1 with intervals by language and type, false alerts in
    100,000 posts, stance, evasion, swapped sides, check-worthiness and retrieval:
    each part whose data are given. A bad line ends the run with its place; nothing
    is measured then and the exit status is 2.
    """
    if unknown := sorted(set(only or ()) - set(PARTS)):
        fail(_COMMAND, f"no such part: {unknown[0]}; there are {', '.join(PARTS)}")
    if not files and held_out is None and not background and queries is None:
        fail(_COMMAND, "nothing to measure on: name files, --held-out, --background or --queries")
    if (queries is None) != (claims is None):
        fail(_COMMAND, "--queries and --claims need each other")
    catalogue = load_catalogue(_COMMAND, packs)
    given = _given(
        files or [], background or [], held_out, _retrieval(queries, claims), limit=limit
    )
    report = evaluate(
        build_detector(catalogue),
        build_detector,
        Given(
            labelled=given.labelled,
            background=given.background,
            checkworthy=given.checkworthy,
            retrieval=given.retrieval,
            sources=given.sources,
            attacks=load_attacks(),
            ranker=load_ranker(),
            parts=frozenset(only or PARTS),
            seed=seed,
            show_text=show_text,
        ),
        progress,
    )
    if html is not None:
        _write(html, page(report))
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(report) + b"\n")
        sys.stdout.buffer.flush()
    else:
        _show(Console(), report)


def _given(
    files: Sequence[Path],
    background: Sequence[Path],
    held_out: Path | None,
    own_retrieval: RetrievalSet | None,
    *,
    limit: int | None,
) -> Given:
    """Return the posts of all files and of the data that training never sees."""
    labelled: list[Sample] = []
    anything: list[Sample] = []
    checkworthy: list[Sample] = []
    retrieval = own_retrieval
    sources: list[Source] = []
    for file in files:
        samples = load_samples(_COMMAND, [file])
        if not any(s.claim is not None or s.checkworthy is not None for s in samples):
            fail(_COMMAND, f'{file}: no post has a label ("claim" or "checkworthy")')
        labelled += [sample for sample in samples if sample.claim is not None]
        checkworthy += [sample for sample in samples if sample.checkworthy is not None]
        sources.append(Source(file.name, len(samples), unseen=None))
    for file in background:
        samples = load_samples(_COMMAND, [file])
        anything += samples
        sources.append(Source(file.name, len(samples), unseen=None))
    if held_out is not None:
        # What training reads with takes a second to import: not for a user's own files.
        from streams.evaluate.held_out import read_held_out  # noqa: PLC0415

        try:
            found = read_held_out(held_out, OWN)
        except BadFileError as error:
            fail(_COMMAND, str(error))
        labelled += found.labelled
        anything += found.background
        checkworthy += found.checkworthy
        retrieval = retrieval or found.retrieval
        sources += [
            Source("labelled, held out", len(found.labelled), unseen=True),
            Source("background, held out", len(found.background), unseen=True),
            Source("check-worthiness, held out", len(found.checkworthy), unseen=True),
        ]
    return Given(
        labelled=choose(without_repeats(labelled), limit),
        background=choose(without_repeats(anything), limit),
        checkworthy=choose(without_repeats(checkworthy), limit),
        retrieval=retrieval,
        sources=tuple(sources),
    )


def _retrieval(queries: Path | None, claims: Path | None) -> RetrievalSet | None:
    if queries is None or claims is None:
        return None
    try:
        return read_retrieval(queries, claims)
    except BadFileError as error:
        fail(_COMMAND, str(error))


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(_COMMAND, f"{file}: {error.strerror or error}")
    typer.echo(f"Report: {file}", err=True)


def _show(console: Console, report: Report) -> None:
    for sheet in sheets(report):
        console.print(Text(sheet.title, style="bold"))
        if sheet.note:
            console.print(printable(sheet.note, _WIDTH), style="dim", markup=False, highlight=False)
        table = Table(box=None, pad_edge=False)
        for at, name in enumerate(sheet.head):
            words = at == 0 or at in sheet.words
            table.add_column(name, justify="left" if words else "right", overflow="fold")
        for row in sheet.rows:
            table.add_row(*(Text(printable(cell, _WIDTH)) for cell in row))
        console.print(table)
        console.print()
    for note in report.notes:
        console.print(f"Left out: {note}.", markup=False, highlight=False)
