"""`hustings candidates promote`: a claim from a candidate, as a draft or published."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from streams.cli.candidate_queue import Texts, find_or_exit, read_queue
from streams.cli.pack_files import AsJson, print_json
from streams.packs.draft import (
    BadSourceError,
    Draft,
    DraftSource,
    authority_source,
    check_draft,
    parse_source,
)
from streams.packs.errors import ClaimsTopicError, PackErrors
from streams.packs.folder import PackFolder
from streams.packs.languages import KNOWN, base
from streams.packs.placed import fold
from streams.schema import Candidate, ClaimType, ElectionPack
from streams.settings import Settings
from streams.up.printable import printable

if TYPE_CHECKING:
    from streams.packs.claims_topic import Published

_STATEMENT_CHARACTERS = 300
_NOT_SAID = re.compile(r"https?://\S+|@[\w.@-]+|\bRT\b")


def promote(
    candidate_id: Annotated[str, typer.Argument(help="As `hustings candidates list` prints it.")],
    claim_id: Annotated[str, typer.Option(help="Of the new claim, for example us-vans-lake.")],
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL | 'URL|PUBLISHER|STANCE|LANGUAGE|TITLE'",
            help="What says something about it; STANCE is disputes, official, supports or "
            "context; TITLE is what it says, in one line. Repeat it.",
        ),
    ] = None,
    authority: Annotated[
        str | None,
        typer.Option(metavar="TITLE", help="Add the pack's authority as an official source."),
    ] = None,
    statement: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE=TEXT", help="How people word the claim. Repeat it for more."
        ),
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE=TEXT", help="'Sources dispute this claim about TEXT'."),
    ] = None,
    types: Annotated[
        list[ClaimType] | None,
        typer.Option("--type", help="What it is about; none: what its posts are."),
    ] = None,
    jurisdiction: Annotated[
        str | None,
        typer.Option("--jurisdiction", "-j", help="Its pack; none: what most posts name."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a draft with the posts' words here, to be reviewed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a candidate a known claim: a draft for review with --out, else published.

    What is published holds as packs do: two publishers, one of which disputes it
    or is official, a topic and a statement in a language of the pack. Words of
    posts go into drafts only. Once its posts match, the candidate leaves the queue.
    """
    # Kafka's client only when it is needed: other commands of the group do without.
    from streams.packs.claims_topic import read_claims_topic  # noqa: PLC0415

    if out is not None and out.exists():
        _fail(f"{out} is there already: name a new file")
    one = find_or_exit(read_queue(), candidate_id)
    try:
        published = read_claims_topic(Settings().kafka)
    except ClaimsTopicError as error:
        _fail(str(error))
    packs = {pack.jurisdiction: pack for pack in published.packs}
    code = (jurisdiction or next(iter(one.jurisdictions), "")).upper()
    if code not in packs:
        _fail(
            f"no pack {code!r} is published"
            if code
            else "its posts name no pack: say --jurisdiction",
            f"published: {' '.join(packs) or 'none'}",
        )
    said = _by_language("--statement", statement)
    draft = Draft(
        claim_id=claim_id,
        jurisdiction=code,
        types=tuple(types or (ClaimType(next(iter(one.types), ClaimType.PROCEDURE)),)),
        topic={language: texts[-1] for language, texts in _by_language("--topic", topic).items()},
        statements=said or (_words_of(one, packs[code]) if out is not None else {}),
        sources=_sources(source or (), authority, packs[code]),
        notes=_notes(one),
    )
    if out is not None:
        _write(draft, out, published, as_json=as_json)
    else:
        _publish(draft, one, published, as_json=as_json)


def _write(draft: Draft, out: Path, published: Published, *, as_json: bool) -> None:
    try:
        out.write_text(draft.to_yaml(), encoding="utf-8")
    except OSError as error:
        _fail(f"cannot write {out}: {error.strerror}")
    try:
        check_draft(out, published)
        problems = []
    except PackErrors as errors:
        problems = [str(problem) for problem in errors.problems]
    if as_json:
        print_json({"claim_id": draft.claim_id, "draft": str(out), "open": problems})
        return
    typer.echo(f"Wrote a draft of {draft.claim_id} to {out}.")
    if problems:
        typer.echo("Before it can be loaded:")
    for problem in problems:
        typer.echo(f"  {printable(problem, 400)}")
    typer.echo(
        "When it is ready: put it into your folder of packs and `hustings claims load` that."
    )


def _publish(draft: Draft, one: Candidate, published: Published, *, as_json: bool) -> None:
    from streams.packs.publish import publish  # noqa: PLC0415 - as above

    if not draft.statements or not draft.topic:
        _fail(
            "to publish say --statement LANGUAGE=TEXT and --topic LANGUAGE=TEXT; or write a draft "
            "with --out FILE, with the posts' words, and review it"
        )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "promoted.yaml"
        file.write_text(draft.to_yaml(), encoding="utf-8")
        try:
            claim = check_draft(file, published)
            publish(PackFolder((), (claim,)), Settings().kafka)
        except PackErrors as errors:
            _fail("nothing was published", *(problem.reason for problem in errors.problems))
        except ClaimsTopicError as error:
            _fail(str(error))
    if as_json:
        print_json(
            {"claim_id": claim.claim_id, "candidate_id": one.candidate_id, "published": True}
        )
        return
    typer.echo(
        f"Published claim {claim.claim_id} from candidate {one.candidate_id}. Workers take it up "
        "within two seconds; once its posts match, the candidate leaves the queue."
    )


def _sources(
    given: Sequence[str], authority: str | None, pack: ElectionPack
) -> tuple[DraftSource, ...]:
    language = pack.languages[0]
    try:
        sources = [parse_source(one, pack, language) for one in given]
    except BadSourceError as error:
        _fail(str(error))
    if authority is not None:
        sources.append(authority_source(pack, language, authority))
    return tuple(sources)


def _by_language(option: str, given: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in given or ():
        language, equals, text = one.partition("=")
        if not equals or base(language.strip()) not in KNOWN:
            _fail(f"{option} {one!r}: write LANGUAGE=TEXT, for example en=…")
        found[language.strip()] = (*found.get(language.strip(), ()), text.strip())
    return found


def _words_of(one: Candidate, pack: ElectionPack) -> dict[str, tuple[str, ...]]:
    """Return what the examples say, by language, without addresses and people's handles."""
    said: dict[str, dict[str, str]] = {}
    with Texts() as texts:
        for example, post in texts.posts(one, len(one.examples)):
            language = example.language if base(example.language) in KNOWN else pack.languages[0]
            words = _NOT_SAID.sub(" ", post.text) if post is not None else ""
            if text := printable(words, _STATEMENT_CHARACTERS).rstrip("… "):
                said.setdefault(language, {}).setdefault(fold(text), text)
    return {language: tuple(by_fold.values()) for language, by_fold in said.items()}


def _notes(one: Candidate) -> tuple[str, ...]:
    seen = f"{one.authors} people, {one.posts} posts, {' '.join(one.languages)}"
    return (
        f"A draft from candidate {one.candidate_id}: {printable(seen, 200)}.",
        "Statements are posts' own words: reword them, keep what is claimed, name no person, no",
        "party and no candidate. Give each language a topic, and each source what it says.",
    )


def _fail(reason: str, *more: str) -> NoReturn:
    for line in (f"hustings candidates promote: {reason}", *(f"  {one}" for one in more)):
        indent = "  " if line.startswith("  ") else ""
        typer.echo(indent + printable(line, 400), err=True)
    raise typer.Exit(1)
