"""`hustings claims import`: fact-checkers' ClaimReview feeds into known claims."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from streams.cli.pack_files import AsJson, print_json, printable, read_or_exit
from streams.detect.asking import Query
from streams.packs.claim_review.feed import MOST_BYTES, FeedError, elements
from streams.packs.claim_review.merge import Choices, Judgement, merge
from streams.packs.claim_review.review import BadReviewError, read_review
from streams.packs.claim_review.written import drafts_beside, write_claims, write_drafts
from streams.packs.errors import ClaimsTopicError
from streams.packs.folder import PackFolder
from streams.packs.placed import fold
from streams.schema import ClaimType
from streams.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streams.packs.claim_review.merge import Merged
    from streams.packs.claim_review.review import Review

_SUFFIXES = frozenset({".json", ".jsonld", ".ndjson", ".jsonl"})
_AT_A_TIME = 256
_SHOWN = 20


@dataclass(slots=True)
class _Read:
    """Reviews of all files, and what could not be taken."""

    reviews: list[Review] = field(default_factory=list)
    bad: list[tuple[str, str, str]] = field(default_factory=list)
    """File, place in it, reason."""


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="JSON, JSON-LD or NDJSON files, folders of them, or - for standard input."
        ),
    ],
    jurisdiction: Annotated[
        str | None,
        typer.Option("--jurisdiction", "-j", help="Of all claims; else what each text names."),
    ] = None,
    type_: Annotated[
        ClaimType | None, typer.Option("--type", help="Of claims whose type cannot be told.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a file of claims to be reviewed, and NAME.drafts.yaml beside it."),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="To the topic `claims`, all or nothing.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Keep claims that are not about elections, too.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad reviews out instead of refusing all.")
    ] = False,
    packs: Annotated[
        Path | None,
        typer.Option(help="Packs with known claims.", show_default="those that come along"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make known claims of ClaimReview feeds (schema.org).

    Reviews of the same claim become one claim with several sources. A claim holds
    when two publishers reviewed it, one of them disputes it, and a jurisdiction and a
    type are known; all others are drafts, never published. Claims about something
    other than elections are left out. Nothing is taken from input with a bad review,
    unless they are to be skipped (status 1 and nothing written).
    """
    if out is not None and (taken := [p for p in (out, drafts_beside(out)) if p.exists()]):
        _end(f"{taken[0]} is there already; name another file, or move it away", 2)
    folder = read_or_exit(packs, as_json=as_json)
    place = jurisdiction.upper() if jurisdiction else None
    languages = {pack.jurisdiction: frozenset(pack.languages) for pack in folder.packs}
    if place is not None and place not in languages:
        _end(f"no pack for jurisdiction {printable(place)}: {' '.join(sorted(languages))}", 2)
    read = _read_all(files)
    _say_bad(read, as_json=as_json)
    if read.bad and not skip_bad:
        _end(f"{len(read.bad)} bad; nothing was imported (--skip-bad leaves them out)", 1)
    known = frozenset(
        fold(text) for claim in folder.claims for said in claim.statements.values() for text in said
    )
    merged = merge(
        read.reviews,
        _judge(folder),
        languages=languages,
        known=known,
        choices=Choices(place, type_, everything),
    )
    if out is not None:
        try:
            write_claims(out, merged.claims)
            if merged.drafts:
                write_drafts(drafts_beside(out), merged.drafts)
        except OSError as error:
            _end(f"{out}: {error.strerror or error}", 2)
    written = _publish(merged) if publish else 0
    _report(read, merged, written, out=out, publish=publish, as_json=as_json)


def _end(reason: str, status: int) -> None:
    typer.echo(f"hustings claims import: {reason}", err=True)
    raise typer.Exit(status)


def _read_all(files: Sequence[Path]) -> _Read:
    read = _Read()
    for name, load in _sources(files, read):
        try:
            found = elements(load())
        except FeedError as error:
            read.bad.append((name, error.place, str(error)))
            continue
        except OSError as error:
            read.bad.append((name, "$", error.strerror or str(error)))
            continue
        for element in found:
            try:
                read.reviews.append(read_review(element))
            except BadReviewError as error:
                read.bad.append((name, element.place, str(error)))
    return read


def _sources(files: Sequence[Path], read: _Read) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for path in files:
        if str(path) == "-":
            yield "stdin", lambda: _bounded(sys.stdin.buffer.read(MOST_BYTES + 1))
            continue
        inside = [path]
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix in _SUFFIXES and p.is_file())
            if not inside:
                read.bad.append((str(path), "$", f"no file with {' '.join(sorted(_SUFFIXES))}"))
        for one in inside:
            yield str(one), lambda one=one: _loaded(one)  # type: ignore[misc] # mypy cannot infer defaults of lambdas


def _loaded(path: Path) -> bytes:
    with path.open("rb") as file:
        return _bounded(file.read(MOST_BYTES + 1))


def _bounded(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise FeedError("$", f"larger than {MOST_BYTES} bytes")
    return data


def _judge(
    folder: PackFolder,
) -> Callable[[Sequence[tuple[str, str]]], list[Judgement]]:
    """Return the detector's judgement of claims; claims known already do not sway it."""

    def judge(claims: Sequence[tuple[str, str]]) -> list[Judgement]:
        # Loading models takes seconds: bad input must not wait for them.
        from streams.detect.detector import build_detector  # noqa: PLC0415

        if not claims:
            return []
        detector = build_detector(PackFolder(folder.packs, ()).catalogue())
        console = Console(stderr=True)
        starts = track(
            range(0, len(claims), _AT_A_TIME),
            description=f"Judging {len(claims)} claims",
            console=console,
            disable=not console.is_terminal,
        )
        found = [
            one
            for at in starts
            for one in detector.detect_all(
                [Query(text, (language,), None) for language, text in claims[at : at + _AT_A_TIME]]
            )
        ]
        return [Judgement(one.election.is_, one.types, one.jurisdictions) for one in found]

    return judge


def _publish(merged: Merged) -> int:
    # Clients of Kafka take a second to import.
    from streams.packs.publish import publish  # noqa: PLC0415

    if not merged.claims:
        return 0
    try:
        return publish(PackFolder((), merged.claims), Settings().kafka).written
    except ClaimsTopicError as error:
        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(1) from error


def _say_bad(read: _Read, *, as_json: bool) -> None:
    for file, place, reason in read.bad:
        if as_json:
            print_json({"file": file, "place": place, "reason": reason})
        else:
            typer.echo(printable(f"{file}: {place}: {reason}"), err=True)


def _report(
    read: _Read, merged: Merged, written: int, *, out: Path | None, publish: bool, as_json: bool
) -> None:
    lacks = Counter(lack for draft in merged.drafts for lack in draft.lacks)
    if as_json:
        print_json(
            {
                "reviews": len(read.reviews),
                "bad": len(read.bad),
                "hold": len(merged.claims),
                "drafts": len(merged.drafts),
                "not_election": merged.elsewhere,
                "known": merged.known,
                "published": written,
                "lacks": dict(lacks.most_common()),
            }
        )
        return
    console = Console()
    if merged.claims:
        table = Table(box=None, pad_edge=False)
        for name in ("Claim", "Sources", "Types", "Statement"):
            table.add_column(name, justify="right" if name == "Sources" else "left")
        for claim in merged.claims[:_SHOWN]:
            ((language, said),) = claim.statements.items()
            table.add_row(
                claim.claim_id,
                str(len(claim.sources)),
                " ".join(claim.types),
                Text(printable(f"{language}: {said[0]}"), overflow="ellipsis", no_wrap=True),
            )
        console.print(table)
        if len(merged.claims) > _SHOWN:
            console.print(f"… and {len(merged.claims) - _SHOWN} more.", highlight=False)
    for lack, count in lacks.most_common(_SHOWN):
        console.print(f"{count:>6} lack: {printable(lack)}", markup=False, highlight=False)
    console.print(
        f"{len(read.reviews)} reviews ({len(read.bad)} bad left out): {len(merged.claims)} claims"
        f" hold, {len(merged.drafts)} drafts; {merged.elsewhere} not about elections, "
        f"{merged.known} known already.",
        highlight=False,
    )
    if publish:
        console.print(f"Published {written} claims in one transaction.", highlight=False)
    elif out is None:
        console.print("Nothing was written: give --out FILE or --publish.", highlight=False)
    if out is not None:
        beside = f" and {drafts_beside(out)}" if merged.drafts else ""
        console.print(f"Written: {out}{beside}", markup=False, highlight=False)
