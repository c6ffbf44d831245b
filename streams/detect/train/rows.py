"""Labelled posts: read, stripped of give-aways, de-duplicated and split."""

# ruff: noqa: RUF001 - letters and dashes of other scripts, on purpose

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

import yaml

from streams.detect.model.tasks import TYPES
from streams.detect.model.text import PLACEHOLDER, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

HELD_OUT = 12
"""Of a hundred groups of near-duplicates: those that no training sees."""
TUNING = 8
"""Of a hundred groups: those that neither stage learns from, on which both are put together."""
HELD_OUT_BACKGROUND = 50
HARD_WEIGHT = 3.0
"""Of a post written to look like a claim: they are few, and each stands for many."""
LEARNED_ONLY = "own2-"
"""How the ids begin of posts that no score counts: one hand wrote them all."""
UNKNOWN = -1

_NAME = re.compile(r"(?<=[^\W\d_] )[^\W\d_a-zа-яα-ω]\w+(?: [^\W\d_a-zа-яα-ω]\w+)*")

# Fact-checkers' own style: left in, a model finds fact-checks and not claims.
_STYLE = re.compile(
    r"^\W*(?:fact[- ]?check(?:ed|ing)?|verifica(?:mos|do|ndo)?|é (?:falso|fake|verdade) que"
    r"|es falso que|\[?(?:salah|hoa[xk]s|fakta|false|fake|misleading|satire|cek fakta)\]?"
    r"|faktencheck|fake news|no,)"
    r"\s*[:\]\-–—!]*\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One text with what is known of it; `UNKNOWN` where nobody said."""

    row_id: str
    set_: str
    language: str
    text: str
    claim: int = UNKNOWN
    topic: int = UNKNOWN
    stance: str = ""
    types: tuple[str, ...] = ()
    checkworthy: int = UNKNOWN
    weight: float = 1.0
    country: str = ""
    licence: str = "open"

    @property
    def group(self) -> int:
        """Return the hundredth part that the text and all its near-duplicates fall into."""
        letters = re.sub(r"[^\w]|\d", "", self.text.casefold())[:60]
        return int.from_bytes(hashlib.sha256(letters.encode()).digest()[:4]) % 100


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of an NDJSON file, packed or plain."""
    with _open(path) as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def labelled(data: dict[str, Any], *, set_: str = "") -> Row:
    """Return a row that a person labelled for this project."""
    return Row(
        row_id=str(data["id"]),
        set_=set_ or str(data.get("set") or "written"),
        language=data["lang"],
        text=clean(data["text"]),
        claim=int(data["claim"]),
        topic=int(data["topic"]),
        stance=data["stance"] if data["claim"] else "",
        types=tuple(kind for kind in data["types"] if kind in TYPES),
        country=data.get("country", ""),
    )


def read_labelled(shared: Path, own: Path) -> list[Row]:
    """Return all hand-labelled posts.

    Args:
        shared: the folder of data that never ships.
        own: the project's own folder: labels of posts in `shared` by id, and written posts.
    """
    rows = [labelled(data) for data in read_lines(shared / "election_labels.jsonl.gz")]
    rows += [
        labelled(data, set_="written") for data in read_lines(shared / "written_posts.jsonl.gz")
    ]
    for path in sorted((own / "posts").glob("*.jsonl")):
        rows += [labelled(data, set_="own") for data in read_lines(path)]
    ours = {
        data["id"]: data
        for path in sorted((own / "labels").glob("*.jsonl"))
        for data in read_lines(path)
    }
    known = {row.row_id for row in rows}
    for name in ("labelled.jsonl.gz", "background.jsonl.gz"):
        for data in read_lines(shared / name):
            label = ours.get(data["id"])
            if label is not None and data["id"] not in known:
                known.add(data["id"])
                rows.append(labelled({**data, **label}))
    return without_duplicates(rows)


def read_background(shared: Path, known: Iterable[Row]) -> list[Row]:
    """Return the posts about anything that nobody labelled."""
    seen = {row.row_id for row in known}
    return without_duplicates(
        Row(data["id"], data["set"], data["lang"], clean(data["text"]), claim=0)
        for data in read_lines(shared / "background.jsonl.gz")
        if data["id"] not in seen
    )


def read_checkworthy(shared: Path) -> list[Row]:
    """Return the posts whose check-worthiness somebody judged; checkers' style stripped."""
    return without_duplicates(
        Row(
            data["id"],
            data["set"],
            data["lang"],
            _STYLE.sub("", clean(data["text"])),
            checkworthy=int(data["checkworthy"]),
            licence=data["licence"],
        )
        for data in read_lines(shared / "labelled.jsonl.gz")
        if data["checkworthy"] is not None and data["set"].startswith("ct")
    )


def read_statements(packs: Path) -> list[Row]:
    """Return the statements of the packs' claims: what posts that match them say."""
    rows = []
    for path in sorted(packs.glob("*.yaml")):
        for claim in yaml.safe_load(path.read_text(encoding="utf-8")).get("claims", ()):
            for language, statements in claim["statements"].items():
                rows += [
                    Row(
                        row_id=f"{claim['claim_id']}-{language}-{number}",
                        set_="packs",
                        language=language,
                        text=clean(statement),
                        claim=1,
                        topic=1,
                        stance="asserts",
                        types=tuple(claim["types"]),
                    )
                    for number, statement in enumerate(statements)
                ]
    return rows


def without_duplicates(rows: Iterable[Row]) -> list[Row]:
    """Return the rows without those whose words another one had before."""
    seen: set[str] = set()
    kept = []
    for row in rows:
        key = re.sub(r"[\W\d]+", "", row.text.casefold())[:120] or row.text
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def is_held_out(row: Row, *, share: int = HELD_OUT) -> bool:
    """Is this a row that training must never see?

    Near-duplicates fall on the same side. Sets that come with a split keep it.
    """
    if row.set_.endswith(("-dev", "-valid", "-test")):
        return True
    if row.row_id.startswith(LEARNED_ONLY):
        return False
    return row.group < share


def is_for_tuning(row: Row) -> bool:
    """Is this a row that no stage learns from, and on which thresholds and fusion are fitted?"""
    if is_held_out(row) or row.row_id.startswith(LEARNED_ONLY):
        return False
    return row.group < HELD_OUT + TUNING


def is_hard(row: Row) -> bool:
    """Was the post written to look like an election claim, and is none?"""
    return row.set_ in {"written", "own"} and row.topic == 0


def weighed(row: Row, weight: float) -> Row:
    """Return the row with a weight."""
    return replace(row, weight=weight)


def masked(row: Row, mask: Callable[[str], str]) -> Row:
    """Return the row without the sides that packs mirror, as the detector reads posts."""
    return replace(row, text=mask(row.text))


def without_names(row: Row) -> Row:
    """Return the row with capitalised words inside its sentences masked.

    Otherwise a candidate's name becomes the class.
    """
    return replace(row, text=_NAME.sub(PLACEHOLDER, row.text))


def read_names(folder: Path) -> list[str]:
    """Return the names that the packs of a folder mirror."""
    names: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        pack = data.get("pack", data)
        for group in pack.get("mirrored_names", ()):
            names += [str(name) for side in group["sides"] for name in side]
    return names
