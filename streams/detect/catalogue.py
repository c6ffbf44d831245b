"""The catalogue: election packs and known claims as one immutable value, swapped whole."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from streams.schema import ClaimStatus, stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.schema import Claim, ElectionPack


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Packs by jurisdiction and active claims by id."""

    packs: Mapping[str, ElectionPack]
    claims: Mapping[str, Claim]
    digest: str
    """Depends on the content alone, not on the order of arrival."""

    @classmethod
    def of(cls, packs: Iterable[ElectionPack], claims: Iterable[Claim]) -> Self:
        """Return the catalogue; of claims only the active ones, sorted by id."""
        pack_map = {pack.jurisdiction: pack for pack in sorted(packs, key=lambda p: p.jurisdiction)}
        claim_map = {
            claim.claim_id: claim
            for claim in sorted(claims, key=lambda c: c.claim_id)
            if claim.status is ClaimStatus.ACTIVE
        }
        digest = stable_id(
            *(pack.to_json().decode() for pack in pack_map.values()),
            *(claim.to_json().decode() for claim in claim_map.values()),
        )
        return cls(MappingProxyType(pack_map), MappingProxyType(claim_map), digest)


EMPTY_CATALOGUE = Catalogue.of((), ())
