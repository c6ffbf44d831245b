"""The catalogue: election packs and known claims as one immutable value, swapped whole."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from streams.detect.shelf import mark_of
from streams.schema import ClaimStatus, stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.detect.shelf import ClaimShelf
    from streams.schema import Claim, ElectionPack


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Packs by jurisdiction and active claims by ascending id."""

    packs: Mapping[str, ElectionPack]
    claims: Mapping[str, Claim]
    marks: Mapping[str, str]
    """By claim, in the same order: changes with anything in it."""
    digest: str
    """Depends on the content alone, not on the order of arrival."""

    @classmethod
    def of(cls, packs: Iterable[ElectionPack], claims: Iterable[Claim]) -> Self:
        """Return the catalogue; of claims only the active ones, sorted by id."""
        claim_map = {
            claim.claim_id: claim
            for claim in sorted(claims, key=lambda c: c.claim_id)
            if claim.status is ClaimStatus.ACTIVE
        }
        marks = {claim_id: mark_of(claim.to_json()) for claim_id, claim in claim_map.items()}
        return cls._of(packs, MappingProxyType(claim_map), marks)

    @classmethod
    def shelved(cls, packs: Iterable[ElectionPack], claims: ClaimShelf) -> Self:
        """Return the catalogue of active claims that are kept folded."""
        return cls._of(packs, claims, claims.marks())

    @classmethod
    def _of(
        cls, packs: Iterable[ElectionPack], claims: Mapping[str, Claim], marks: dict[str, str]
    ) -> Self:
        pack_map = {pack.jurisdiction: pack for pack in sorted(packs, key=lambda p: p.jurisdiction)}
        digest = stable_id(
            *(pack.to_json().decode() for pack in pack_map.values()),
            # Neither ids nor marks hold spaces: one text says as much as many, much sooner.
            " ".join(f"{claim_id} {mark}" for claim_id, mark in marks.items()),
        )
        return cls(MappingProxyType(pack_map), claims, MappingProxyType(marks), digest)


EMPTY_CATALOGUE = Catalogue.of((), ())
