"""`hustings candidates`: cluster new claims, and look at the fact-checkers' queue."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import structlog
import typer
from prometheus_client import CollectorRegistry

from streams.candidates.errors import CandidatesError
from streams.candidates.record import burst_now
from streams.cli.candidate_queue import WIDTH, Texts, find_or_exit, read_queue
from streams.cli.lines import LINE_LIMIT, read_chunks
from streams.cli.pack_files import AsJson, Folder, read_or_exit
from streams.cli.promote import promote
from streams.lifeline import stop_on_signals, watch_parent
from streams.logs import configure_logs
from streams.schema import Candidate, Observation, Stance
from streams.settings import Settings
from streams.telemetry import Health, TelemetryServer
from streams.up.printable import printable

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Claims that match nothing known: the fact-checkers' queue.",
)
app.command()(promote)
log = structlog.stdlib.get_logger(__name__)

_AT_A_TIME = 64


@app.command()
def run(
    metrics_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of /metrics, /livez, /readyz; 0: any free one.")
    ] = 0,
) -> None:
    """Cluster observations into candidates until Ctrl-C; one process is enough.

    A newer process takes over from an older one, which ends with status 76.
    Status 75 asks for a restart: Kafka did not answer.
    """
    # Kafka's client only when it is needed: `cluster` and `measure` do without.
    from streams.candidates.metrics import CandidateMetrics  # noqa: PLC0415
    from streams.candidates.run import CandidateRun  # noqa: PLC0415

    settings = Settings()
    configure_logs(settings.log)
    watch_parent()
    stop = stop_on_signals()
    registry = CollectorRegistry()
    clustering = CandidateRun(settings, CandidateMetrics(registry))

    def ready() -> Health:
        waits = () if clustering.ready else ("the queue is not read yet",)
        return Health(ok=not waits, reasons=waits)

    with TelemetryServer(settings.worker.metrics_host, metrics_port, registry, ready=ready) as web:
        log.info("candidates_started", metrics=f"http://{web.host}:{web.port}/metrics")
        try:
            clustering.run(stop)
        except CandidatesError as error:
            log.error("candidates_stopped", error=str(error))  # noqa: TRY400 - the message is whole
            raise typer.Exit(error.exit_code) from None
    log.info("candidates_ended")


@app.command(name="list")
def list_(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most candidates.")] = 20,
    language: Annotated[
        str | None, typer.Option(help="Only those with posts in this language.")
    ] = None,
    least: Annotated[int, typer.Option("--least", min=1, help="Least people.")] = 1,
    text: Annotated[
        bool, typer.Option("--text/--no-text", help="Look an example up in posts.")
    ] = True,
    retired: Annotated[
        bool, typer.Option("--retired", help="Those that a known claim has caught up with.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the queue: the most surprising first, then what most people say."""
    now = int(time.time())
    chosen = [
        one
        for one in read_queue().values()
        if one.posts >= 1
        and (one.retired_by is not None) is retired
        and one.authors >= least
        and (language is None or language in one.languages)
    ]
    chosen.sort(key=lambda one: (-burst_now(one, now), -one.authors, one.candidate_id))
    with Texts(wanted=text) as texts:
        for one in chosen[:limit]:
            if as_json:
                _write(_public(one, now))
                continue
            typer.echo(_line(one, now))
            for said in texts.of(one, 1):
                typer.echo(f"    {said}")
    typer.echo(f"{len(chosen)} candidates", err=True)


@app.command()
def show(
    candidate_id: Annotated[str, typer.Argument(help="As `hustings candidates list` prints it.")],
    text: Annotated[
        bool, typer.Option("--text/--no-text", help="Look the examples up in posts.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Print one candidate with its examples; an id that was merged leads to where it went."""
    one = find_or_exit(read_queue(), candidate_id)
    now = int(time.time())
    if as_json:
        _write(_public(one, now))
        return
    typer.echo(_line(one, now))
    if one.retired_by is not None:
        typer.echo(f"  {'retired':14} its posts match the claim {printable(one.retired_by, 128)}")
    for name in ("languages", "sources", "stances", "jurisdictions", "types"):
        counted: dict[str, int] = getattr(one, name)
        listed = ", ".join(f"{printable(what, 40)} {posts}" for what, posts in counted.items())
        typer.echo(f"  {name:14} {listed or '—'}")
    typer.echo(f"  {'seen':14} {_moment(one.first_at)} to {_moment(one.last_at)}")
    with Texts(wanted=text) as texts:
        for said in texts.of(one, len(one.examples)):
            typer.echo(f"    {said}")


@app.command()
def cluster(
    threshold: Annotated[
        float | None, typer.Option(min=-1.0, max=1.0, help="Least cosine; none: as shipped.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Cluster NDJSON posts {"id","text"} of standard input with the encoder that ships.

    Takes every post for a claim. One line a cluster, the largest first.
    """
    from streams.candidates.clusterer import MERGE_THRESHOLD, THRESHOLD, Clusterer  # noqa: PLC0415
    from streams.candidates.lens import load_lens, packed  # noqa: PLC0415
    from streams.detect.encoder import ENCODER  # noqa: PLC0415
    from streams.detect.language import tell_language  # noqa: PLC0415

    posts, bad = _read_posts()
    bare = _Bare(None)
    least = THRESHOLD if threshold is None else threshold
    clusterer = Clusterer(
        load_lens(), ENCODER, threshold=least, merge_threshold=least + MERGE_THRESHOLD - THRESHOLD
    )
    texts = [bare.of(text) for _, text in posts]
    for (post_id, _), said, vector in zip(posts, texts, bare.vectors(texts), strict=True):
        clusterer.take(
            Observation(
                post_id=post_id,
                post_version="1",
                post_source="stdin",
                received_at=datetime(2000, 1, 1, tzinfo=UTC),
                language=tell_language(said, ()).code,
                stance=Stance.ASSERTS,
                encoder=ENCODER,
                vector=packed(vector),
            )
        )
    members: dict[str, list[tuple[str, str]]] = {}
    for post_id, text in posts:
        # Blank texts have no direction and no candidate.
        members.setdefault(clusterer.home(post_id) or "none", []).append((post_id, text))
    found = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    for candidate_id, ones in found:
        if as_json:
            _write({"candidate_id": candidate_id, "posts": [post_id for post_id, _ in ones]})
            continue
        typer.echo(f"{candidate_id}  {len(ones)} posts")
        for post_id, text in ones[:5]:
            typer.echo(f"    {printable(post_id, 24)}: {printable(text, WIDTH)}")
    typer.echo(f"{len(posts)} posts, {len(found)} clusters, {bad} bad lines", err=True)
    raise typer.Exit(1 if bad else 0)


@app.command()
def measure(
    folder: Folder = None,
    write_lens_to: Annotated[
        Path | None, typer.Option(help="Also fit the lens on all packs and write it here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the threshold: cluster the statements of packs that the lens has not seen."""
    from streams.candidates.lens import Statement, fit_lens, write_lens  # noqa: PLC0415
    from streams.candidates.measure import measure as measured  # noqa: PLC0415

    packs = read_or_exit(folder, as_json=as_json)
    said = [
        (claim.claim_id, claim.jurisdiction, language, wording)
        for claim in packs.claims
        for language, wordings in claim.statements.items()
        for wording in wordings
    ]
    bare = _Bare(folder)
    vectors = bare.vectors([bare.of(wording) for *_, wording in said])
    statements = [
        Statement(claim, jurisdiction, language, vector)
        for (claim, jurisdiction, language, _), vector in zip(said, vectors, strict=True)
    ]
    for one in measured(statements):
        row = {
            "threshold": one.threshold,
            "pairs_together": one.together,
            "precision": round(one.precision, 3),
            "recall": round(one.recall, 3),
            "recall_across_languages": round(one.recall_across, 3),
        }
        if as_json:
            _write(row)
        else:
            typer.echo("  ".join(f"{name} {value}" for name, value in row.items()))
    if write_lens_to is not None:
        write_lens_to.write_bytes(write_lens(fit_lens(statements)))
        typer.echo(f"Wrote the lens of {len(statements)} statements to {write_lens_to}", err=True)


class _Bare:
    """Texts as the worker's encoder reads them: without disguises and sides."""

    def __init__(self, folder: Path | None) -> None:
        from streams.detect.sides import Sides  # noqa: PLC0415

        self._sides = Sides(read_or_exit(folder, as_json=False).catalogue().packs)

    def of(self, text: str) -> str:
        return self._sides.bare(text)

    def vectors(self, texts: Sequence[str]) -> Iterator[Any]:
        from streams.detect.model.assemble import load_second  # noqa: PLC0415
        from streams.detect.model.errors import ModelError  # noqa: PLC0415

        try:
            second = load_second()
        except ModelError as error:
            typer.echo(f"hustings candidates: {error}", err=True)
            raise typer.Exit(2) from None
        for at in range(0, len(texts), _AT_A_TIME):
            yield from second.encode(texts[at : at + _AT_A_TIME])


def _public(one: Candidate, now: int) -> dict[str, Any]:
    """Return a candidate as it concerns people: with the burst of now, without the memory."""
    fresh = one.model_copy(update={"memory": None, "burst": burst_now(one, now)})
    return dict(orjson.loads(fresh.to_json()))


def _line(one: Candidate, now: int) -> str:
    languages = " ".join(printable(name, 12) for name in list(one.languages)[:6])
    return (
        f"{one.candidate_id}  burst {burst_now(one, now):.1f}  {one.authors} people  "
        f"{one.posts} posts  {languages}"
    )


def _moment(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M UTC") if when is not None else "—"


def _write(value: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
    sys.stdout.buffer.flush()


def _read_posts() -> tuple[list[tuple[str, str]], int]:
    """Return id and text of each line, the last of each id, and how many lines were bad."""
    posts: dict[str, str] = {}
    bad = 0
    with os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) as stream:
        for line in (one for chunk in read_chunks(stream) for one in chunk):
            try:
                data = orjson.loads(line.value)
                post_id, text = str(data["id"]), data["text"]
            except (orjson.JSONDecodeError, TypeError, KeyError):
                post_id, text = "", None
            if not post_id or not isinstance(text, str) or line.too_long:
                bad += 1
                typer.echo(
                    f'stdin:{line.number}: not {{"id","text"}} of at most {LINE_LIMIT} bytes',
                    err=True,
                )
            else:
                posts[post_id] = text
    return list(posts.items()), bad
