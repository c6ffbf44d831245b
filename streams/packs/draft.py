"""A claim that is being written: as YAML of the packs' form, and checked beside what is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import yaml

from streams.packs.errors import PackErrors, Problem
from streams.packs.folder import read_claims
from streams.packs.placed import fold
from streams.schema import SourceStance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from streams.packs.claims_topic import Published
    from streams.schema import Claim, ClaimType, ElectionPack

_SOURCE_PARTS: Final = 5
_WIDTH: Final = 96


class BadSourceError(ValueError):
    """A source that cannot be read; the message says how one is written."""


@dataclass(frozen=True, slots=True)
class DraftSource:
    """A source as far as it is known; what is not is empty and will be asked for."""

    url: str
    publisher: str = ""
    stance: str = SourceStance.DISPUTES
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim as far as it is written."""

    claim_id: str
    jurisdiction: str
    types: tuple[ClaimType, ...]
    topic: Mapping[str, str]
    statements: Mapping[str, tuple[str, ...]]
    sources: tuple[DraftSource, ...]
    notes: tuple[str, ...] = field(default=())
    """Comments at the top, for who goes on writing."""

    def to_yaml(self) -> str:
        """Return a file of packs that holds nothing but this claim."""
        claim: dict[str, Any] = {
            "claim_id": self.claim_id,
            "jurisdiction": self.jurisdiction,
            "types": [kind.value for kind in self.types],
            "topic": {language: self.topic.get(language, "") for language in self._languages()},
            "statements": {language: list(said) for language, said in self.statements.items()},
            "sources": [
                {
                    "publisher": one.publisher,
                    "stance": str(one.stance),
                    "language": one.language,
                    "url": one.url,
                    "title": one.title,
                }
                for one in self.sources
            ],
        }
        body = yaml.safe_dump(
            {"claims": [claim]}, allow_unicode=True, sort_keys=False, width=_WIDTH
        )
        return "".join(f"# {note}\n" for note in self.notes) + body

    def _languages(self) -> list[str]:
        return list(dict.fromkeys([*self.topic, *self.statements]))


def parse_source(text: str, pack: ElectionPack | None, language: str) -> DraftSource:
    """Return the source of `URL` or `URL|PUBLISHER|STANCE|LANGUAGE|TITLE`.

    An address of the pack's authority is official and has its name.

    Raises:
        BadSourceError: it has another number of parts.
    """
    parts = [part.strip() for part in text.split("|", _SOURCE_PARTS - 1)]
    if len(parts) == _SOURCE_PARTS:
        url, publisher, stance, spoken, title = parts
        return DraftSource(url, publisher, stance, spoken, title)
    if len(parts) > 1:
        raise BadSourceError(
            f"a source is URL or 'URL|PUBLISHER|STANCE|LANGUAGE|TITLE', not {len(parts)} parts"
        )
    if pack is not None and _host(text) == _host(pack.authority.url):
        return authority_source(pack, language, "", url=text)
    return DraftSource(text, language=language)


def authority_source(
    pack: ElectionPack, language: str, title: str, *, url: str | None = None
) -> DraftSource:
    """Return what the pack's authority says as a source."""
    names = pack.authority.name
    spoken = language if language in names else next(iter(names))
    return DraftSource(
        pack.authority.url if url is None else url,
        names[spoken],
        SourceStance.OFFICIAL,
        spoken,
        title,
    )


def check_draft(file: Path, published: Published) -> Claim:
    """Return the one claim of a file, checked as packs are and beside what is published.

    Raises:
        PackErrors: with every problem and its line.
    """
    languages = {pack.jurisdiction: frozenset(pack.languages) for pack in published.packs}
    claims = read_claims(file, languages)
    problems = [Problem(file, 0, "not one claim")] if len(claims) != 1 else []
    problems += [problem for claim in claims for problem in _beside(file, claim, published.claims)]
    if problems:
        raise PackErrors(problems)
    return claims[0]


def _beside(file: Path, claim: Claim, known: Iterable[Claim]) -> Iterable[Problem]:
    said = {fold(one): one for statements in claim.statements.values() for one in statements}
    for other in known:
        if other.claim_id == claim.claim_id:
            yield Problem(
                file,
                0,
                f"claim {claim.claim_id} is published as version {other.version}: change it where "
                "it was written, or take another id",
            )
            continue
        for statements in other.statements.values():
            for statement in statements:
                if fold(statement) in said:
                    yield Problem(
                        file, 0, f"the same statement as one of {other.claim_id}: {statement!r}"
                    )


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return url
    return host.removeprefix("www.")
