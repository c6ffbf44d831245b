"""What packs and claims must hold beyond their models, each check with its reason.

Every check takes placed values and tells what it finds; none stops at the first.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from streams.packs.jurisdictions import is_known
from streams.packs.languages import KNOWN, UNSPACED, base
from streams.packs.names import check_mirrored_names, check_words, check_words_without_sides
from streams.packs.placed import fold
from streams.packs.verdicts import verdict_in
from streams.schema import SourceStance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from streams.packs.placed import Placed
    from streams.packs.yaml_tree import Tree, Where
    from streams.schema import Claim, ElectionPack

MIN_WORDS: Final = 3
"""Shorter statements match posts that say something else."""
MIN_CHARACTERS: Final = 6
"""The same for languages that put no spaces between words."""
MAX_ELECTION_DAYS: Final = 366
"""From the first polling place to certification; what takes longer has a wrong year."""

_JOINERS = frozenset("\u200c\u200d")  # Indic scripts spell with them


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
    check_words(packs)


def _check_pack(pack: Placed[ElectionPack]) -> None:
    value = pack.value
    if not is_known(value.jurisdiction):
        pack.problem(("jurisdiction",), f"unknown jurisdiction {value.jurisdiction!r}")
    _check_address(pack, ("authority", "url"), value.authority.url)
    for at, election in enumerate(value.elections):
        if (election.certified_by - election.polls_open).days > MAX_ELECTION_DAYS:
            pack.problem(
                ("elections", at, "certified_by"),
                f"more than {MAX_ELECTION_DAYS} days after polls_open",
            )
    _check_pack_languages(pack)
    check_mirrored_names(pack)
    check_words_without_sides(pack)


def _check_pack_languages(pack: Placed[ElectionPack]) -> None:
    value = pack.value
    for at, language in enumerate(value.languages):
        _check_language(pack, ("languages", at), language)
        if language in value.languages[:at]:
            pack.problem(("languages", at), f"language {language} stands twice")
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
        if language not in value.languages:
            pack.problem(("words", language), f"words in {language}, no language of the pack")


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
    elif len({source.url for source in sources}) < 2:  # noqa: PLR2004 - the same
        claim.problem(("sources",), "fewer than two addresses")
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
