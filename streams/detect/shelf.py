"""Claims in few bytes: a hundred thousand of them as objects would take half a gigabyte."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from streams.schema import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEVEL: Final = 1
_REMEMBERED: Final = 1_024

Folded = tuple[str, bytes]
"""A claim's mark and its record, compressed; nothing that the garbage collector must walk."""


def fold_claim(claim: Claim) -> Folded:
    """Return a claim in few bytes."""
    record = claim.to_json()
    return mark_of(record), zlib.compress(record, _LEVEL)


@lru_cache(_REMEMBERED)
def _unfold(folded: bytes) -> Claim:
    return Claim.from_json(zlib.decompress(folded))


def mark_of(record: bytes) -> str:
    """Return what tells a claim's record from every other."""
    return hashlib.blake2b(record, digest_size=16).hexdigest()


class ClaimShelf(Mapping[str, Claim]):
    """Claims by ascending id, unfolded when somebody asks for one; immutable."""

    def __init__(self, folded: Mapping[str, Folded]) -> None:
        self._folded = {claim_id: folded[claim_id] for claim_id in sorted(folded)}

    def __getitem__(self, claim_id: str) -> Claim:
        """Return a claim.

        Raises:
            KeyError: there is none of this id.
        """
        return _unfold(self._folded[claim_id][1])

    def __contains__(self, claim_id: object) -> bool:
        return claim_id in self._folded

    def __iter__(self) -> Iterator[str]:
        return iter(self._folded)

    def __len__(self) -> int:
        return len(self._folded)

    def record(self, claim_id: str) -> bytes:
        """Return a claim's JSON.

        Raises:
            KeyError: there is none of this id.
        """
        return zlib.decompress(self._folded[claim_id][1])

    def marks(self) -> dict[str, str]:
        """Return the mark of each claim by ascending id."""
        return {claim_id: mark for claim_id, (mark, _) in self._folded.items()}

    def different_from(self, other: ClaimShelf) -> frozenset[str]:
        """Return the ids of the claims that only one of both holds, or each in another form."""
        ours, theirs = self._folded, other._folded
        gone = theirs.keys() - ours.keys()
        return frozenset(gone) | {
            claim_id
            for claim_id, folded in ours.items()
            if (known := theirs.get(claim_id)) is not folded
            and (known is None or known[0] != folded[0])
        }
