"""What packs and claims must hold beyond their models, each check with its reason.

Every check takes placed values and tells what it finds; none stops at the first.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from streams.packs.languages import KNOWN, UNSPACED, base
from streams.packs.verdicts import verdict_in
from streams.schema import SourceStance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from streams.packs.yaml_tree import Tree, Where
    from streams.schema import Claim, ElectionPack

MIN_WORDS: Final = 3
"""Shorter statements match posts that say something else."""
MIN_CHARACTERS: Final = 6
"""The same for languages that put no spaces between words."""
MIRROR_KINDS: Final = frozenset({"party", "candidate"})

_JOINERS = frozenset("\u200c\u200d")  # Indic scripts spell with them

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Model]):
    """A valid pack or claim with its place in a file."""

    value: Model
    tree: Tree
    path: Where

    def problem(self, where: Where, reason: str) -> None:
        """Report something wrong with a part of it."""
        self.tree.problem((*self.path, *where), reason)

    def place(self, *where: str | int) -> str:
        """Return `file:line` of a part, to point at it from elsewhere."""
        return f"{self.tree.file.name}:{self.tree.line((*self.path, *where))}"


def fold(text: str) -> str:
    """Return a text's letters and digits in one case, single spaces between words."""
    kept = (
        c if unicodedata.category(c)[0] in "LMN" else " "
        for c in unicodedata.normalize("NFKC", text).casefold()
    )
    return " ".join("".join(kept).split())


def check_characters(tree: Tree) -> None:
    """Refuse characters that a reader of the file cannot see but a terminal obeys."""
    for where, text in _texts(tree.value, ()):
        if text != text.strip() or not text:
            tree.problem(where, "empty, or with space at an end")
        for c in text:
            if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in _JOINERS:
                tree.problem(where, f"holds the invisible character U+{ord(c):04X}")
                break


def _texts(value: Any, where: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*where, key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _texts(part, (*where, at))


def check_packs(packs: Sequence[Placed[ElectionPack]]) -> None:
    """Check each pack, and all of them beside each other."""
    for pack in packs:
        _check_pack(pack)
    _once("pack", packs, lambda pack: [(("jurisdiction",), pack.jurisdiction)])
    _once(
        "election",
        packs,
        lambda pack: [
            (("elections", at, "election_id"), election.election_id)
            for at, election in enumerate(pack.elections)
        ],
    )
    _check_words(packs)


def _check_pack(pack: Placed[ElectionPack]) -> None:
    value = pack.value
    for at, language in enumerate(value.languages):
        _check_language(pack, ("languages", at), language)
        if language in value.languages[:at]:
            pack.problem(("languages", at), f"language {language} stands twice")
    _check_address(pack, ("authority", "url"), value.authority.url)
    by_language: list[tuple[Where, Mapping[str, Any]]] = [
        (("name",), value.name),
        (("authority", "name"), value.authority.name),
        *((("elections", at, "name"), e.name) for at, e in enumerate(value.elections)),
    ]
    for where, names in by_language:
        for language in names:
            _check_language(pack, (*where, language), language)
    for language in value.languages:
        for where, names in by_language[:2]:
            if language not in names:
                pack.problem(where, f"no {where[0]} in {language}, a language of the pack")
    for language in value.words:
        _check_language(pack, ("words", language), language)
    _check_mirrored_names(pack)


def _check_words(packs: Sequence[Placed[ElectionPack]]) -> None:
    """A word of two packs would point to neither."""
    owner: dict[str, tuple[Placed[ElectionPack], str]] = {}
    for pack in packs:
        for language, words in pack.value.words.items():
            seen: set[str] = set()
            for at, word in enumerate(words):
                folded = fold(word)
                where = ("words", language, at)
                if not folded:
                    pack.problem(where, "a word without letters")
                elif folded in seen:
                    pack.problem(where, f"word {word!r} stands twice")
                seen.add(folded)
                first, place = owner.setdefault(folded, (pack, pack.place(*where)))
                if first.value.jurisdiction != pack.value.jurisdiction:
                    pack.problem(
                        where, f"word {word!r} belongs to {first.value.jurisdiction} too ({place})"
                    )


def _check_mirrored_names(pack: Placed[ElectionPack]) -> None:
    """A name must lead to one counterpart, or swapping it would not be defined."""
    taken: dict[str, int] = {}
    for at, group in enumerate(pack.value.mirrored_names):
        if group.kind not in MIRROR_KINDS:
            pack.problem(
                ("mirrored_names", at, "kind"),
                f"kind {group.kind!r} is none of {', '.join(sorted(MIRROR_KINDS))}",
            )
        for number, side in enumerate(group.sides):
            for name_at, name in enumerate(side):
                folded = fold(name)
                where: Where = ("mirrored_names", at, "sides", number, name_at)
                if folded in taken:
                    pack.problem(where, f"name {name!r} stands in line {taken[folded]} too")
                taken.setdefault(folded, pack.tree.line((*pack.path, *where)))
    if not any(group.kind == "party" for group in pack.value.mirrored_names):
        pack.problem(("mirrored_names",), "no group of kind party")


def check_claims(claims: Sequence[Placed[Claim]], languages: Mapping[str, frozenset[str]]) -> None:
    """Check each claim, and all of them beside each other.

    Args:
        claims: of all files.
        languages: the pack's languages by jurisdiction, for every pack there is.
    """
    for claim in claims:
        _check_claim(claim, languages)
    _once("claim", claims, lambda claim: [(("claim_id",), claim.claim_id)])
    _check_statements(claims)


def _check_claim(claim: Placed[Claim], languages: Mapping[str, frozenset[str]]) -> None:
    value = claim.value
    spoken = languages.get(value.jurisdiction)
    if spoken is None:
        claim.problem(("jurisdiction",), f"no pack for jurisdiction {value.jurisdiction}")
    elif spoken and not spoken & value.statements.keys():
        claim.problem(
            ("statements",), f"no statement in a language of the pack ({', '.join(sorted(spoken))})"
        )
    for language, statements in value.statements.items():
        _check_language(claim, ("statements", language), language)
        if language not in value.topic:
            claim.problem(("topic",), f"no topic in {language}, a language of the statements")
        if not statements:
            claim.problem(("statements", language), "no statement")
        for at, statement in enumerate(statements):
            _check_length(claim, ("statements", language, at), statement, language)
    for language, topic in value.topic.items():
        _check_language(claim, ("topic", language), language)
        _check_verdict(claim, ("topic", language), topic, language)
    if len(set(value.types)) != len(value.types):
        claim.problem(("types",), "a type stands twice")
    _check_sources(claim)


def _check_sources(claim: Placed[Claim]) -> None:
    sources = claim.value.sources
    if len({fold(source.publisher) for source in sources}) < 2:  # noqa: PLR2004 - the promise
        claim.problem(("sources",), "fewer than two publishers")
    if not any(s.stance in (SourceStance.DISPUTES, SourceStance.OFFICIAL) for s in sources):
        claim.problem(("sources",), "no source disputes the claim or is official")
    for at, source in enumerate(sources):
        _check_language(claim, ("sources", at, "language"), source.language)
        _check_verdict(claim, ("sources", at, "title"), source.title, source.language)
        _check_address(claim, ("sources", at, "url"), source.url)


def _check_statements(claims: Sequence[Placed[Claim]]) -> None:
    """The same words in two claims would match either by chance."""
    owner: dict[str, tuple[str, str]] = {}
    for claim in claims:
        for language, statements in claim.value.statements.items():
            for at, statement in enumerate(statements):
                where: Where = ("statements", language, at)
                here = claim.place(*where)
                first, place = owner.setdefault(fold(statement), (claim.value.claim_id, here))
                if place != here:
                    claim.problem(where, f"the same statement as one of {first} ({place})")


def _once(kind: str, placed: Iterable[Placed[Any]], ids_of: Any) -> None:
    seen: dict[str, str] = defaultdict(str)
    for item in placed:
        for where, identity in ids_of(item.value):
            if identity in seen:
                item.problem(where, f"{kind} {identity} stands in {seen[identity]} too")
            else:
                seen[identity] = item.place(*where)


def _check_language(item: Placed[Any], where: Where, language: str) -> None:
    if base(language) not in KNOWN:
        item.problem(where, f"unknown language {language!r}")


def _check_verdict(item: Placed[Any], where: Where, text: str, language: str) -> None:
    word = verdict_in(text, language)
    if word:
        item.problem(where, f"{word!r} is a judgement; say what is in dispute or what is so")


def _check_length(item: Placed[Any], where: Where, statement: str, language: str) -> None:
    folded = fold(statement)
    if base(language) in UNSPACED:
        if len(folded) < MIN_CHARACTERS:
            item.problem(where, f"statement shorter than {MIN_CHARACTERS} characters")
    elif len(folded.split()) < MIN_WORDS:
        item.problem(where, f"statement shorter than {MIN_WORDS} words")


def _check_address(item: Placed[Any], where: Where, url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        item.problem(where, "an address that cannot be read")
        return
    if parts.username is not None or parts.password is not None:
        item.problem(where, "an address with a user name")
    elif not _is_public_name(host):
        item.problem(where, f"no public host in the address: {host!r}")


def _is_public_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.rstrip(".").split(".")
        reserved = {"localhost", "local", "internal", "invalid", "test", "example"}
        return len(labels) > 1 and all(labels) and labels[-1] not in reserved
    return False
