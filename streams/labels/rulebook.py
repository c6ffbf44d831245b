"""The rulebook: packs, claims of every status and the policy, as one value swapped whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Self, TypeVar

from streams.detect.shelf import ClaimShelf
from streams.schema import Claim, ElectionPack, Policy, stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Version = TypeVar("Version", Claim, ElectionPack, Policy)


def author_hash(author_id: str | None) -> str | None:
    """Return what a label's state keeps of an author: tells people apart, names nobody."""
    return stable_id("author", author_id)[:16] if author_id else None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What people decided that holds for all posts."""

    packs: Mapping[str, ElectionPack]
    """By jurisdiction."""
    claims: Mapping[str, Claim]
    """By id, of every status: a label falls for the reason that its claim gives."""
    policy: Policy
    policy_digest: str
    exempt: frozenset[str | None] = field(repr=False)
    """Hashes of authors that get no labels."""
    review_first: frozenset[str | None] = field(repr=False)
    """Hashes of authors whose labels a person confirms first."""

    @classmethod
    def of(
        cls,
        packs: Iterable[ElectionPack],
        claims: Iterable[Claim] | ClaimShelf,
        policy: Policy | None = None,
    ) -> Self:
        """Return the rulebook; of several versions of a claim or pack the highest counts."""
        policy = policy or Policy()
        accounts = policy.accounts
        newest_packs: dict[str, ElectionPack] = {}
        for pack in packs:
            newest_packs[pack.jurisdiction] = newest(newest_packs.get(pack.jurisdiction), pack)
        return cls(
            packs=MappingProxyType(newest_packs),
            claims=claims if isinstance(claims, ClaimShelf) else _newest_claims(claims),
            policy=policy,
            policy_digest=policy.digest,
            exempt=frozenset(map(author_hash, accounts.authors(accounts.exempt))),
            review_first=frozenset(map(author_hash, accounts.authors(accounts.review_first))),
        )

    def change_since(self, before: Rulebook | None) -> Change:
        """Return what is different from an earlier rulebook; from none: everything."""
        if before is None or self.policy_digest != before.policy_digest:
            return Change(everything=True)
        return Change(
            claims=_different(self.claims, before.claims),
            packs=_different(self.packs, before.packs),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What is different between two rulebooks."""

    everything: bool = False
    claims: frozenset[str] = frozenset()
    packs: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.claims) or bool(self.packs)

    @property
    def cited(self) -> frozenset[str]:
        """What labels cite that is different: claim ids, and jurisdictions of packs."""
        return self.claims | self.packs


def newest(known: Version | None, arrived: Version) -> Version:
    """Return the one that counts: versions, not the order of arrival, decide."""
    return known if known is not None and known.version > arrived.version else arrived


def _newest_claims(claims: Iterable[Claim]) -> Mapping[str, Claim]:
    found: dict[str, Claim] = {}
    for claim in claims:
        found[claim.claim_id] = newest(found.get(claim.claim_id), claim)
    return MappingProxyType(found)


def _different(
    ours: Mapping[str, Claim] | Mapping[str, ElectionPack],
    theirs: Mapping[str, Claim] | Mapping[str, ElectionPack],
) -> frozenset[str]:
    if isinstance(ours, ClaimShelf) and isinstance(theirs, ClaimShelf):
        return ours.different_from(theirs)
    return frozenset(
        key
        for key in ours.keys() | theirs.keys()
        if ours.get(key) is not theirs.get(key) and ours.get(key) != theirs.get(key)
    )
