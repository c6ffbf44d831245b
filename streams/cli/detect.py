"""`hustings detect`: what the detector says about posts, without any Kafka."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import orjson
import typer

from streams.cli.lines import LINE_LIMIT, Line, read_chunks
from streams.detect.asking import Query
from streams.detect.detection import NOTHING
from streams.detect.detector import build_detector
from streams.labels.decide import decide
from streams.packs.errors import PackErrors
from streams.packs.folder import default_folder, read_packs
from streams.schema import Op, Post
from streams.schema.post import MAX_TEXT_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Detection
    from streams.detect.detector import Detector

app = typer.Typer(add_completion=False)

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_LANGUAGES = 16


@dataclass(frozen=True, slots=True)
class _Asked:
    """A line that is a post."""

    post_id: str
    text: str
    languages: tuple[str, ...]
    created_at: datetime | None

    @property
    def query(self) -> Query:
        """Return what the detector is asked."""
        return Query(self.text, self.languages, self.created_at)


class BadLineError(ValueError):
    """A line that is not a post, with the reason in words for the person who made it."""

    def __init__(self, reason: str, post_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.post_id = post_id


@app.command()
def detect(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="NDJSON files of posts; none or - for standard input."),
    ] = None,
    packs: Annotated[
        Path | None,
        typer.Option(
            help="Folder of election packs and claims.", show_default="those that come along"
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Read every post with the encoder, whatever the gate says; 30 a second."
        ),
    ] = False,
) -> None:
    """Say for each post whether it makes an election claim, which, and what label it would get.

    Reads one JSON object a line: {"id", "text", "lang"?, "created_at"?}. Writes
    one JSON object a line in the same order. A line that is no post gives an
    object with "error" and a message on standard error; the exit status is then 1.
    """
    detector = build_detector(_catalogue(packs))
    bad = 0
    try:
        for name, stream in _streams(files or []):
            with stream:
                for chunk in read_chunks(stream):
                    bad += _answer(detector, name, chunk, everything=everything)
    except BrokenPipeError:
        # The reader has what it wanted; the interpreter must not flush into the closed pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    if bad:
        raise typer.Exit(1)


def _catalogue(folder: Path | None) -> Catalogue:
    try:
        return read_packs(folder if folder is not None else default_folder()).catalogue()
    except (PackErrors, OSError) as error:
        typer.echo(f"hustings detect: cannot read the election packs:\n{error}", err=True)
        raise typer.Exit(2) from None


def _streams(files: list[Path]) -> Iterator[tuple[str, BinaryIO]]:
    """Open one after the other; a file that cannot be opened ends the run with its name."""
    if not files:
        files = [Path("-")]
    for path in files:
        if str(path) == "-":
            # A copy of the descriptor without Python's buffer: what has come is answered at once.
            yield "stdin", os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
            continue
        try:
            stream = path.open("rb", buffering=0)
        except OSError as error:
            typer.echo(f"hustings detect: {path}: {error.strerror or error}", err=True)
            raise typer.Exit(2) from None
        yield str(path), stream


def _answer(detector: Detector, name: str, chunk: list[Line], *, everything: bool) -> int:
    """Write one line for each line of the chunk; return how many were bad."""
    asked: list[_Asked | BadLineError] = []
    for line in chunk:
        try:
            asked.append(_parse(line))
        except BadLineError as error:
            asked.append(error)
    out: list[bytes] = []
    bad = 0
    looked_at: Sequence[int] = range(len(asked))
    if not everything:
        looked_at = detector.gate([_text_bytes(one) for one in asked])
    posts = {at: one for at in looked_at if isinstance(one := asked[at], _Asked)}
    detections = detector.detect_all([one.query for one in posts.values()], thorough=everything)
    found = dict(zip(posts, detections, strict=True))
    for index, (line, one) in enumerate(zip(chunk, asked, strict=True)):
        if isinstance(one, BadLineError):
            bad += 1
            place = f"{name}:{line.number}"
            typer.echo(f"{place}: {one.reason}", err=True)
            answer: dict[str, Any] = {
                "id": one.post_id,
                "error": {"place": place, "reason": one.reason},
            }
        else:
            answer = _judge(detector, one, found.get(index, NOTHING))
        out.append(orjson.dumps(answer))
    sys.stdout.buffer.write(b"".join(one + b"\n" for one in out))
    sys.stdout.buffer.flush()
    return bad


def _text_bytes(one: _Asked | BadLineError) -> bytes:
    """Return what the gate looks at: the text alone, for other fields may hold any word."""
    return b"{}" if isinstance(one, BadLineError) else b"{" + one.text.encode()


def _judge(detector: Detector, asked: _Asked, detection: Detection) -> dict[str, Any]:
    label = None
    if detection.claim.is_:
        post = Post(
            post_id=asked.post_id[:512],
            op=Op.CREATE,
            version="1",
            source="stdin",
            text=asked.text,
            languages=asked.languages,
            created_at=asked.created_at,
            received_at=asked.created_at or _UNDATED,
        )
        proposal = decide(post, detection, detector.catalogue)
        label = proposal.kind if proposal is not None else None
    return _shown(asked.post_id, detection, label)


def _shown(post_id: str, detection: Detection, label: str | None) -> dict[str, Any]:
    return {
        "id": post_id,
        "language": detection.language,
        "election": {"is": detection.election.is_, "score": detection.election.score},
        "claim": {"is": detection.claim.is_, "score": detection.claim.score},
        "types": list(detection.types),
        "stance": detection.stance,
        "spans": [[span.start, span.end] for span in detection.spans],
        "matches": [
            {"claim_id": match.claim_id, "score": match.score} for match in detection.matches
        ],
        "label": label,
        "checkworthy": detection.checkworthy,
        "stage": detection.stage,
    }


def _parse(line: Line) -> _Asked:
    """Return the post of a line.

    Raises:
        BadLineError: it is not a post.
    """
    if line.too_long:
        raise BadLineError(f"line is longer than {LINE_LIMIT} bytes")
    try:
        data = orjson.loads(line.value)
    except orjson.JSONDecodeError as error:
        raise BadLineError(f"not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(data, dict):
        raise BadLineError("not a JSON object")
    post_id = data.get("id")
    if isinstance(post_id, int) and not isinstance(post_id, bool):
        post_id = str(post_id)
    if not isinstance(post_id, str) or not post_id:
        raise BadLineError('"id" is not a text')
    text = data.get("text")
    if not isinstance(text, str):
        raise BadLineError('"text" is not a text', post_id)
    if len(text) > MAX_TEXT_CHARACTERS:
        raise BadLineError(f'"text" is longer than {MAX_TEXT_CHARACTERS} characters', post_id)
    if "\0" in text:
        raise BadLineError('"text" holds a NUL character', post_id)
    return _Asked(
        post_id=post_id,
        text=text,
        languages=_languages(data.get("lang"), post_id),
        created_at=_date(data.get("created_at"), post_id),
    )


def _languages(value: object, post_id: str) -> tuple[str, ...]:
    if value is None:
        return ()
    tags = [value] if isinstance(value, str) else value
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise BadLineError('"lang" is not a language tag', post_id)
    return tuple(tags[:_MOST_LANGUAGES])


def _date(value: object, post_id: str) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None:
            zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadLineError('"created_at" is not a date with time', post_id)
