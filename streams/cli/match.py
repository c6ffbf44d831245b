"""`hustings match`: which claims of a file posts are about."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import orjson
import typer
from rich.console import Console
from rich.progress import track

from streams.cli.lines import LINE_LIMIT, Line, read_chunks
from streams.detect.model.assemble import cache_folder, load_second
from streams.detect.model.errors import ModelError
from streams.detect.model.text import clean
from streams.detect.ranking import ClaimRanker

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from streams.detect.encoder import Encoder

app = typer.Typer(add_completion=False)

_MOST_CLAIMS = 100_000
_AT_A_TIME = 64
_MOST_CHARACTERS = 100_000


class BadLineError(ValueError):
    """A line that is no claim or query, with the reason for the person who made it."""


@app.command()
def match(
    claims: Annotated[Path, typer.Option(help='NDJSON of {"claim_id", "text"}.')],
    top: Annotated[int, typer.Option(min=1, max=1000, help="Claims for each query.")] = 5,
    lexical: Annotated[
        bool, typer.Option("--lexical", help="By words alone: no vectors, one language.")
    ] = False,
) -> None:
    """Rank known claims for each post on standard input.

    Reads one JSON object a line: {"id", "text"}. Writes one a line in the same
    order: {"id", "matches": [{"claim_id", "score"}]}, best first. A line that is no
    query gives an object with "error" and a message on standard error; the exit
    status is then 1. A file of claims with a bad line is refused whole (status 2).
    Vectors of claims are kept in the user's cache.
    """
    known = _read_claims(claims)
    try:
        encoder = None if lexical else load_second()
    except ModelError as error:
        typer.echo(f"hustings match: {error}; or rank by words alone: --lexical", err=True)
        raise typer.Exit(2) from None
    vectors = _vectors(known, encoder) if encoder is not None else None
    ranker = ClaimRanker(known, encoder, vectors)
    bad = 0
    try:
        with os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) as stream:
            for chunk in read_chunks(stream):
                bad += _answer(ranker, chunk, top)
    except BrokenPipeError:
        # The reader has what it wanted; the interpreter must not flush into the closed pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    if bad:
        raise typer.Exit(1)


def _answer(ranker: ClaimRanker, chunk: Sequence[Line], top: int) -> int:
    """Write one line for each line of the chunk; return how many were bad."""
    asked: list[tuple[str, str] | dict[str, Any]] = []
    bad = 0
    for line in chunk:
        try:
            asked.append(_read(line, "id"))
        except BadLineError as error:
            bad += 1
            place = f"stdin:{line.number}"
            typer.echo(f"{place}: {error}", err=True)
            asked.append({"id": None, "error": {"place": place, "reason": str(error)}})
    queries = [one for one in asked if isinstance(one, tuple)]
    ranked = iter(ranker.rank([text for _, text in queries], top))
    for one in asked:
        answer = one
        if isinstance(one, tuple):
            matches = [{"claim_id": hit.claim_id, "score": hit.score} for hit in next(ranked)]
            answer = {"id": one[0], "matches": matches}
        sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()
    return bad


def _read_claims(path: Path) -> list[tuple[str, str]]:
    """Return the claims of a file, or end the command with every bad line's place and reason."""
    claims: dict[str, str] = {}
    problems: list[str] = []
    try:
        with path.open("rb", buffering=0) as stream:
            for line in (one for chunk in read_chunks(stream) for one in chunk):
                try:
                    claim_id, text = _read(line, "claim_id")
                    if claim_id in claims:
                        raise BadLineError(f"claim {claim_id!r} stands in the file twice")  # noqa: TRY301
                    claims[claim_id] = text
                except BadLineError as error:
                    problems.append(f"{path}:{line.number}: {error}")
    except OSError as error:
        problems.append(f"{path}: {error.strerror or error}")
    if len(claims) > _MOST_CLAIMS:
        problems.append(f"{path}: {len(claims)} claims; the most are {_MOST_CLAIMS}")
    if problems:
        typer.echo("\n".join(["hustings match: nothing was matched:", *problems[:20]]), err=True)
        raise typer.Exit(2)
    return list(claims.items())


def _read(line: Line, name: str) -> tuple[str, str]:
    """Return id and text of a line.

    Raises:
        BadLineError: it has none.
    """
    if line.too_long:
        raise BadLineError(f"line is longer than {LINE_LIMIT} bytes")
    try:
        data = orjson.loads(line.value)
    except orjson.JSONDecodeError as error:
        raise BadLineError(f"not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(data, dict):
        raise BadLineError("not a JSON object")
    identity, text = data.get(name), data.get("text")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str) or not identity:
        raise BadLineError(f'"{name}" is not a text')
    if not isinstance(text, str):
        raise BadLineError('"text" is not a text')
    if len(text) > _MOST_CHARACTERS:
        raise BadLineError(f'"text" is longer than {_MOST_CHARACTERS} characters')
    return identity, text


def _vectors(claims: Sequence[tuple[str, str]], encoder: Encoder) -> npt.NDArray[np.float32]:
    """Return the claims' vectors, from the cache if these texts were read before."""
    texts = [clean(text) for _, text in claims]
    digest = hashlib.sha256(orjson.dumps([encoder.version, texts])).hexdigest()[:24]
    path = cache_folder().parent / "claim-vectors" / f"{digest}.npy"
    try:
        kept: npt.NDArray[np.float32] = np.load(path)
        if kept.shape == (len(texts), encoder.dimensions):
            return kept
    except (OSError, ValueError, EOFError):
        pass  # Not there, or damaged: made again.
    console = Console(stderr=True)
    starts = track(
        range(0, len(texts), _AT_A_TIME),
        description=f"Reading {len(texts)} claims (once)",
        console=console,
        disable=not console.is_terminal,
    )
    parts = [encoder.encode(texts[at : at + _AT_A_TIME], role="passage") for at in starts]
    vectors = np.concatenate(parts) if parts else np.zeros((0, encoder.dimensions), np.float32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.npy")
        np.save(draft, vectors)
        draft.replace(path)
    except OSError as error:
        typer.echo(f"hustings match: vectors are not kept: {error}", err=True)
    return vectors
