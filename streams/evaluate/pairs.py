"""Mirrored pairs: two posts that differ in nothing but the sides that they name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from streams.evaluate.judging import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from streams.detect.catalogue import Catalogue
    from streams.evaluate.mirror import Mirror
    from streams.evaluate.samples import Sample
    from streams.schema import ElectionPack, MirroredNames

SLOT = "{side}"
_COMMON_LANGUAGE = "en"


class Origin(StrEnum):
    """Where a pair comes from."""

    TEMPLATE = "template"
    STATEMENT = "statement"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Pair:
    """A post and the same post about another side."""

    pair_id: str
    origin: Origin
    jurisdiction: str
    turn: int
    """How many sides lie between the two."""
    first: Asked
    second: Asked


@cache
def load_templates() -> Mapping[str, tuple[str, ...]]:
    """Return the posts with a slot for a side, by language."""
    raw = resources.files("streams.evaluate").joinpath("templates.toml").read_bytes()
    return {
        language: tuple(table["posts"]) for language, table in tomllib.loads(raw.decode()).items()
    }


def template_pairs(pack: ElectionPack) -> Iterator[Pair]:
    """Yield each template of the pack's languages with each side beside the first side.

    The posts date from the night of the pack's first election: counting goes on,
    so that every kind of label is possible.
    """
    templates = load_templates()
    moment = pack.elections[0].polls_close
    spoken = [language for language in pack.languages if language in templates]
    for language in spoken or [_COMMON_LANGUAGE]:
        for number, template in enumerate(templates[language], start=1):
            for group in pack.mirrored_names:
                name = f"{pack.jurisdiction}:{language}-{number}:{group.kind}"
                yield from _filled(
                    Asked(template, (language,), moment), group, name, pack.jurisdiction
                )


def statement_pairs(catalogue: Catalogue, mirrors: Mapping[str, Mirror]) -> Iterator[Pair]:
    """Yield each statement of a claim that names a side, beside its mirrors."""
    for claim in catalogue.claims.values():
        mirror = mirrors.get(claim.jurisdiction)
        if mirror is None:
            continue
        moment = claim.valid_from or mirror.pack.elections[0].polls_close
        for language, statements in claim.statements.items():
            for number, text in enumerate(statements, start=1):
                name = f"{claim.claim_id}:{language}-{number}"
                like = Asked(text, (language,), moment)
                yield from _turned(like, mirror, name, Origin.STATEMENT)


def post_pairs(samples: Iterable[Sample], mirrors: Mapping[str, Mirror]) -> Iterator[Pair]:
    """Yield each post that names a side of a pack of its language, beside its mirrors."""
    for sample in samples:
        for mirror in mirrors.values():
            if sample.language and sample.language not in mirror.pack.languages:
                continue
            like = Asked(sample.text, sample.languages)
            yield from _turned(like, mirror, sample.sample_id, Origin.POST)


def _filled(like: Asked, group: MirroredNames, name: str, jurisdiction: str) -> Iterator[Pair]:
    """Yield the template with each name of the group in its slot."""
    for names in zip(*group.sides, strict=True):
        first, *others = (replace(like, text=like.text.replace(SLOT, side)) for side in names)
        for turn, other in enumerate(others, start=1):
            pair_id = f"{name}:{names[0]}/{names[turn]}"
            yield Pair(pair_id, Origin.TEMPLATE, jurisdiction, turn, first, other)


def _turned(like: Asked, mirror: Mirror, name: str, origin: Origin) -> Iterator[Pair]:
    """Yield the post beside its mirrors."""
    for turn, other in mirror.mirrors(like.text).items():
        jurisdiction = mirror.pack.jurisdiction
        yield Pair(name, origin, jurisdiction, turn, like, replace(like, text=other))
