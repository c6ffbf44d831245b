"""`hustings audit`: does the detector treat all sides alike?"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.measuring import load_catalogue, load_samples, progress
from streams.detect.detector import build_detector
from streams.evaluate.audit import Audit, audit, make_pairs
from streams.packs.folder import default_folder
from streams.up.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.evaluate.audit import Flip, Misplaced, SideRate
    from streams.evaluate.measures import Estimate

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Audits of the detector.")

SHOWN = 20
_MOST_PROCESSES = 4
_WIDTH = 160


@app.callback()
def group() -> None:
    """Audits of the detector."""


@app.command()
def neutrality(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help='NDJSON files of posts, {"id", "text", "lang"?} a line, plain or .gz: '
            "each is tried with its sides swapped."
        ),
    ] = None,
    packs: Annotated[
        Path | None,
        typer.Option(
            help="Folder of election packs and claims.", show_default="those that come along"
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Look at so many pairs, spread over all of them.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="Processes of some 400 MB each; none: one a core, four at most."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    show_text: Annotated[
        bool, typer.Option("--show-text", help="Show the texts of what was not answered alike.")
    ] = False,
) -> None:
    """Swap parties and candidates in posts and look whether anything changes.

    Every pack's mirrored names stand in posts of the audit's own, in the pack's
    claims and in the posts of the files. The exit status is 1 when a claim, a
    label, a type or a stance differs between two sides, when a claim that names
    one side is put beside a post about another, or when a claim of the packs
    names a side and does not say the same of another.
    """
    catalogue = load_catalogue("audit", packs)
    samples = load_samples("audit", files or [])
    pairs = make_pairs(catalogue, samples)
    if limit is not None and len(pairs) > limit:
        step = len(pairs) / limit
        pairs = [pairs[int(at * step)] for at in range(limit)]
    with progress("Posts with their sides swapped", 2 * len(pairs)) as advance:
        found = audit(
            build_detector(catalogue),
            build_detector,
            pairs,
            show_text=show_text,
            advance=advance,
            processes=processes or min(os.cpu_count() or 1, _MOST_PROCESSES),
        )
    places = _places(packs if packs is not None else default_folder())
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(_json(found, places)) + b"\n")
        sys.stdout.buffer.flush()
    else:
        _show(Console(), found, places)
    if not found.is_neutral:
        raise typer.Exit(1)


def _json(found: Audit, places: dict[str, str]) -> dict[str, object]:
    return {
        "detector": found.detector,
        "rule_set": found.rule_set,
        "neutral": found.is_neutral,
        "pairs": found.pairs,
        "flips_by_field": found.flips_by_field(),
        "flips": found.flips,
        "misplaced": [{**_dict(one), "place": places.get(one.claim_id)} for one in found.misplaced],
        "one_sided_claims": [
            {**_dict(one), "place": places.get(one.claim_id)} for one in found.one_sided
        ],
        "packs": found.packs,
        "rates": found.rates,
    }


def _dict(value: object) -> dict[str, object]:
    made: dict[str, object] = orjson.loads(orjson.dumps(value))
    return made


def _places(folder: Path) -> dict[str, str]:
    """Return file and line of each claim, for the person who is to reword it."""
    files = [folder] if folder.is_file() else sorted(folder.glob("*.y*ml"))
    found: dict[str, str] = {}
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            named = re.match(r"\s*(?:-\s+)?claim_id:\s*['\"]?([a-z0-9-]+)", line)
            if named:
                found.setdefault(named.group(1), f"{file}:{number}")
    return found


def _show(console: Console, found: Audit, places: dict[str, str]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("Pack", "Pairs", "Flips", "Mean difference", "Largest"):
        table.add_column(name, justify="left" if name == "Pack" else "right")
    for jurisdiction, pack in found.packs.items():
        table.add_row(
            jurisdiction,
            str(pack.pairs),
            Text(str(pack.flips), style="bold red" if pack.flips else ""),
            f"{pack.mean_difference:.4f}",
            f"{pack.largest_difference:.4f}",
        )
    console.print(table)
    console.print()
    console.print(_rate_table(found.rates))
    _show_flips(console, found.flips)
    _show_misplaced(console, found.misplaced, places)
    if found.one_sided:
        _line(console, "")
        _line(console, "Claims that name a side; say the same of all sides, or name none:")
        for one in found.one_sided:
            _line(console, f"  {places.get(one.claim_id, one.jurisdiction)}  {one.claim_id}")
    _line(console, "")
    pairs = ", ".join(f"{count} from {origin}s" for origin, count in found.pairs.items())
    flips = ", ".join(f"{field} {count}" for field, count in found.flips_by_field().items())
    _line(console, f"{sum(found.pairs.values())} pairs ({pairs}).")
    _line(
        console,
        f"{len(found.flips)} flips ({flips}); {len(found.misplaced)} misplaced claims; "
        f"{len(found.one_sided)} claims about one side.",
    )


def _rate_table(rates: Iterable[SideRate]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("Pack", "Kind", "Side", "Posts", "Claims", "Labels"):
        table.add_column(
            name, justify="right" if name == "Posts" else "left", no_wrap=name != "Side"
        )
    for rate in rates:
        table.add_row(
            rate.jurisdiction,
            rate.kind,
            Text(printable(rate.side, 40)),
            str(rate.posts),
            _percent(rate.claims),
            _percent(rate.labels),
        )
    return table


def _percent(value: Estimate | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value.value:5.1f} % ({100 * value.low:.1f}-{100 * value.high:.1f})"


def _show_flips(console: Console, flips: tuple[Flip, ...]) -> None:
    for flip in flips[:SHOWN]:
        changes = "; ".join(f"{f} {one} → {other}" for f, (one, other) in flip.differences.items())
        blame = f"  because of {', '.join(flip.claim_ids)}" if flip.claim_ids else ""
        _line(console, "", style="")
        _line(console, f"flip  {flip.jurisdiction}  {flip.pair_id}", style="bold")
        _line(console, f"  {changes}{blame}")
        _show_texts(console, flip.texts)
    if len(flips) > SHOWN:
        _line(console, f"… and {len(flips) - SHOWN} more flips: see --json")


def _show_misplaced(
    console: Console, misplaced: tuple[Misplaced, ...], places: dict[str, str]
) -> None:
    for one in misplaced[:SHOWN]:
        _line(console, "")
        _line(console, f"misplaced claim  {one.pair_id}", style="bold")
        place = places.get(one.claim_id, "")
        _line(console, f"  {one.claim_id} names a side and is put beside another's post  {place}")
        _show_texts(console, one.texts)
    if len(misplaced) > SHOWN:
        _line(console, f"… and {len(misplaced) - SHOWN} more misplaced claims: see --json")


def _show_texts(console: Console, texts: tuple[str, str] | None) -> None:
    for text in texts or ():
        _line(console, f"    {text}")


def _line(console: Console, text: str, *, style: str = "") -> None:
    """Print one line; posts and packs may hold what a terminal would obey."""
    kept = text if text.startswith("  ") else printable(text, 4 * _WIDTH)
    indent = len(kept) - len(kept.lstrip())
    safe = " " * indent + printable(kept, 4 * _WIDTH)
    console.print(safe, style=style, markup=False, highlight=False, soft_wrap=True)
