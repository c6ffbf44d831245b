"""What training never saw of the folder of data that it reads."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.detect.train.rows import (
    HELD_OUT_BACKGROUND,
    is_held_out,
    read_background,
    read_checkworthy,
    read_labelled,
)
from streams.evaluate.reading import BadFileError, RetrievalSet, checked, objects
from streams.evaluate.samples import Sample
from streams.schema import ClaimType, Stance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from streams.detect.train.rows import Row

_LABELLED = ("election_labels.jsonl.gz", "written_posts.jsonl.gz")
_POOLS = ("labelled.jsonl.gz", "background.jsonl.gz")
_QUERIES = "claims/CT2022-Task2A-EN-Train-Dev_Queries.tsv"
_RELEVANT = "claims/CT2022-Task2A-EN-Dev_QRELs.tsv"
_CLAIMS = "claims/vclaims_2a_en.jsonl.gz"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Posts and queries that measure what training cannot have learnt by heart."""

    labelled: tuple[Sample, ...] = ()
    background: tuple[Sample, ...] = ()
    checkworthy: tuple[Sample, ...] = ()
    retrieval: RetrievalSet | None = None


def read_held_out(shared: Path, own: Path) -> HeldOut:
    """Return what training never saw of the folder of data that it reads.

    The split is the training's own (`streams.detect.train.rows`); the texts are those
    of the files, as published, not as training cleans them.

    Raises:
        BadFileError: a file is missing or bad.
    """
    for name in (*_LABELLED, *_POOLS):
        if not (shared / name).is_file():
            raise BadFileError(shared / name, "no such file")
    try:
        labelled = read_labelled(shared, own)
        held = [row for row in labelled if is_held_out(row)]
        background = [
            row
            for row in read_background(shared, labelled)
            if is_held_out(row, share=HELD_OUT_BACKGROUND)
        ]
        checkworthy = [row for row in read_checkworthy(shared) if is_held_out(row)]
    except (OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise BadFileError(shared, f"not in the form that training reads: {error!r}") from error
    texts = _texts(shared, own, {row.row_id for row in (*held, *background)})
    return HeldOut(
        tuple(_of_row(row, texts) for row in held),
        tuple(_of_row(row, texts) for row in background),
        tuple(_of_row(row, {}) for row in checkworthy),
        read_checkthat(shared) if (shared / _CLAIMS).is_file() else None,
    )


def read_checkthat(shared: Path) -> RetrievalSet:
    """Return the CheckThat! 2022 task 2A development queries and all its claims.

    Raises:
        BadFileError: a file is missing or bad.
    """
    queries = dict(_pairs(shared / _QUERIES, columns=2))
    relevant: dict[str, frozenset[str]] = {}
    for query, claim_id in _pairs(shared / _RELEVANT, columns=4):
        relevant[query] = relevant.get(query, frozenset()) | {claim_id}
    claims = {}
    for number, data in objects(shared / _CLAIMS):
        try:
            parts = (data["vclaim"], data["title"], data["subtitle"])  # type: ignore[index]
            claims[str(data["vclaim_id"])] = " ".join(part for part in parts if part)  # type: ignore[index]
        except (KeyError, TypeError) as error:
            raise BadFileError(shared / _CLAIMS, f"no claim: {error!r}", number) from None
    return checked(RetrievalSet(queries, relevant, claims), shared / _RELEVANT)


def _of_row(row: Row, texts: Mapping[str, str]) -> Sample:
    return Sample(
        sample_id=row.row_id,
        text=texts.get(row.row_id, row.text),
        language=row.language,
        set_=row.set_,
        country=row.country,
        claim=_known(row.claim),
        topic=_known(row.topic),
        stance=Stance(row.stance) if row.stance and row.stance != Stance.NONE else None,
        types=tuple(sorted(ClaimType(kind) for kind in row.types)),
        checkworthy=_known(row.checkworthy),
    )


def _known(value: int) -> bool | None:
    return bool(value) if value in {0, 1} else None


def _texts(shared: Path, own: Path, wanted: set[str]) -> dict[str, str]:
    """Return the texts of these ids; where two files name one id, the first file's."""
    found: dict[str, str] = {}
    ours = sorted((own / "posts").glob("*.jsonl"))
    for path in (*(shared / name for name in _LABELLED), *ours, *(shared / n for n in _POOLS)):
        for _, data in objects(path):
            if isinstance(data, dict) and data.get("id") in wanted:
                found.setdefault(data["id"], data["text"])
    return found


def _pairs(path: Path, *, columns: int) -> Iterator[tuple[str, str]]:
    """Yield id and text of a two-column table, query and claim of a four-column one."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines, delimiter="\t"):
                if len(row) != columns:
                    raise BadFileError(path, f"a row without {columns} columns: {row[:1]}")
                yield row[0], row[2 if columns > 2 else 1]  # noqa: PLR2004 - as the docstring says
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFileError(path, f"cannot be read: {error}") from error
