"""`hustings packs`: check election packs, and show what each of them holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.pack_files import AsJson, Folder, print_json, printable, read_or_exit

if TYPE_CHECKING:
    from streams.packs.folder import PackFolder
    from streams.schema import Claim, Election, ElectionPack

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Check election packs and show what they hold."
)


@app.callback()
def _group() -> None:
    """Check election packs and show what they hold."""


@app.command()
def check(folder: Folder = None, as_json: AsJson = False) -> None:
    """Check packs with their claims and show what each holds; change nothing.

    Jurisdictions and languages exist; dates and windows are in order; every
    claim has two publishers with addresses; no id, word or statement stands
    twice; every mirrored name leads to one counterpart. Says every problem
    with its file and line; then the exit status is 1.
    """
    found = read_or_exit(folder, as_json=as_json)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for claim in found.claims:
        claims[claim.jurisdiction].append(claim)
    if as_json:
        for pack in found.packs:
            print_json(_as_json(pack, claims[pack.jurisdiction]))
        print_json({"packs": len(found.packs), "claims": len(found.claims)})
        return
    _print_table(found, claims)


def _as_json(pack: ElectionPack, claims: list[Claim]) -> dict[str, object]:
    statements = Counter(
        language for claim in claims for language, said in claim.statements.items() for _ in said
    )
    return {
        "jurisdiction": pack.jurisdiction,
        "version": pack.version,
        "languages": list(pack.languages),
        "authority": pack.authority.url,
        "elections": [
            {
                "election_id": election.election_id,
                "polls_open": election.polls_open.isoformat(),
                "polls_close": election.polls_close.isoformat(),
                "certified_by": election.certified_by.isoformat(),
            }
            for election in pack.elections
        ],
        "words": {language: len(words) for language, words in pack.words.items()},
        "mirrored_names": [[list(side) for side in group.sides] for group in pack.mirrored_names],
        "claims": len(claims),
        "statements": dict(statements),
        "least_sources": _least_sources(claims),
    }


def _print_table(found: PackFolder, claims: dict[str, list[Claim]]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("Pack")
    table.add_column("Languages", min_width=9)
    table.add_column("Last polls", no_wrap=True)
    for name in ("Claims", "Sources≥", "Sides"):
        table.add_column(name, justify="right", no_wrap=True)
    # At 80 columns the languages take a second line, never half an address.
    table.add_column("Authority", no_wrap=True)
    for pack in found.packs:
        ours = claims[pack.jurisdiction]
        authority = (urlsplit(pack.authority.url).hostname or "").removeprefix("www.")
        table.add_row(
            pack.jurisdiction,
            " ".join(pack.languages),
            _latest(pack).polls_close.date().isoformat(),
            str(len(ours)),
            str(_least_sources(ours) or "-"),
            str(sum(len(group.sides) for group in pack.mirrored_names)),
            Text(printable(authority)),
        )
    console = Console()
    console.print(table)
    console.print(f"{len(found.packs)} packs and {len(found.claims)} claims hold.", highlight=False)


def _latest(pack: ElectionPack) -> Election:
    return max(pack.elections, key=lambda election: election.polls_close)


def _least_sources(claims: list[Claim]) -> int:
    return min((len(claim.sources) for claim in claims), default=0)
