"""Read labelled posts and retrieval sets from files."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

import orjson

from streams.evaluate.samples import BadSampleError, Sample, parse_sample
from streams.schema import stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


LINE_LIMIT = 4 * 1024 * 1024


class BadFileError(ValueError):
    """A file that cannot be used, with the line and the reason."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{place}: {reason}")


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Queries with their right claims, and all claims; texts by id."""

    queries: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]
    claims: Mapping[str, str]


def read_samples(path: Path) -> list[Sample]:
    """Return the labelled posts of an NDJSON file, plain or packed with gzip.

    Raises:
        BadFileError: it cannot be read, or a line is no labelled post.
    """
    samples = []
    for number, data in objects(path):
        try:
            samples.append(parse_sample(data))
        except BadSampleError as error:
            raise BadFileError(path, str(error), number) from None
    return samples


def read_retrieval(queries: Path, claims: Path) -> RetrievalSet:
    """Return a user's own retrieval set.

    Queries are rows `{"id", "text", "claim_ids"}`, claims `{"claim_id", "text"}`.

    Raises:
        BadFileError: a file is missing or bad.
    """
    texts: dict[str, str] = {}
    relevant: dict[str, frozenset[str]] = {}
    for number, data in objects(queries):
        right = data.get("claim_ids") if isinstance(data, dict) else None
        if not isinstance(right, list) or not all(isinstance(one, str) for one in right):
            raise BadFileError(queries, '"claim_ids" is no list of ids', number)
        query, texts[query] = _identified(queries, number, data, "id")
        relevant[query] = frozenset(right)
    known = dict(_identified(claims, number, data, "claim_id") for number, data in objects(claims))
    return checked(RetrievalSet(texts, relevant, known), queries)


def without_repeats(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Return the samples without those whose id another one had before."""
    return tuple({sample.sample_id: sample for sample in reversed(list(samples))}.values())[::-1]


def choose(samples: Sequence[Sample], limit: int | None) -> tuple[Sample, ...]:
    """Return at most so many samples: the same ones each time, from everywhere in the data."""
    if limit is None or len(samples) <= limit:
        return tuple(samples)
    ranked = sorted(range(len(samples)), key=lambda at: stable_id(samples[at].sample_id))
    return tuple(samples[at] for at in sorted(ranked[:limit]))


def objects(path: Path) -> Iterator[tuple[int, object]]:
    """Yield the lines of an NDJSON file with their numbers; blank ones are left out."""
    try:
        with _open(path) as stream:
            number = 0
            while line := stream.readline(LINE_LIMIT + 1):
                number += 1
                if len(line) > LINE_LIMIT:
                    raise BadFileError(path, f"line is longer than {LINE_LIMIT} bytes", number)
                if not line.strip():
                    continue
                try:
                    yield number, orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    reason = f"not JSON: {error.msg} at column {error.colno}"
                    raise BadFileError(path, reason, number) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadFileError(path, f"cannot be read: {reason}") from error


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _identified(path: Path, number: int, data: object, name: str) -> tuple[str, str]:
    if not isinstance(data, dict):
        raise BadFileError(path, "not a JSON object", number)
    one, text = data.get(name), data.get("text")
    if not isinstance(one, str) or not one or not isinstance(text, str):
        raise BadFileError(path, f'"{name}" and "text" are not both texts', number)
    return one, text


def checked(found: RetrievalSet, path: Path) -> RetrievalSet:
    """Refuse a set that would count a missing text as a fault of the detector."""
    if missing := sorted(set(found.relevant) - set(found.queries)):
        raise BadFileError(path, f"query without a text: {missing[0]}")
    right = {claim_id for ids in found.relevant.values() for claim_id in ids}
    if missing := sorted(right - set(found.claims)):
        raise BadFileError(path, f"right claim that is not among the claims: {missing[0]}")
    queries = {query: found.queries[query] for query in found.relevant}
    return RetrievalSet(queries, found.relevant, found.claims)
