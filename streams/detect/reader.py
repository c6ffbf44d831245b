"""The reader of claims: remembers what it read, so that an index of many is soon there again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streams.detect.index import ClaimIndex
from streams.detect.statements import Numbers, packed, read_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streams.detect.catalogue import Catalogue
    from streams.detect.ear import Hearing
    from streams.detect.lexicon import Lexicon
    from streams.detect.sides import Sides
    from streams.detect.statements import ReadClaim, Statement
    from streams.schema import Claim

    Elsewhere = Callable[[Sequence[str], Catalogue], Iterator[list[Statement]]]
    """Reads claims of a catalogue in another process; in order."""

MANY: Final = 2_000
"""Claims that are read in another process: here they would take every second turn."""
_OUTGROWN: Final = 4
"""Terms of claims that are gone may stay, up to so many times those in use."""


class ClaimReader:
    """Makes indexes; one at a time.

    Args:
        lexicon: words of the language files.
        ear: tells what is let pass without the index; see `read_statements`.
        elsewhere: reads many claims at once; none: all are read here.
    """

    def __init__(self, lexicon: Lexicon, ear: Hearing, elsewhere: Elsewhere | None = None) -> None:
        self._lexicon = lexicon
        self._ear = ear
        self._elsewhere = elsewhere
        self._sides = ""
        self._terms, self._tags = Numbers(), Numbers()
        self._read: dict[str, tuple[str, ReadClaim]] = {}

    def index(self, catalogue: Catalogue, sides: Sides) -> ClaimIndex:
        """Return the index of a catalogue; reads only what changed since the last one."""
        if self._sides != sides.digest:
            self._forget(sides.digest)
        marks = catalogue.marks
        self._read = {
            claim_id: kept
            for claim_id, kept in self._read.items()
            if marks.get(claim_id) == kept[0]
        }
        changed = [claim_id for claim_id in marks if claim_id not in self._read]
        for claim, statements in self._statements(changed, catalogue, sides):
            read = packed(claim, statements, terms=self._terms, tags=self._tags)
            self._read[claim.claim_id] = (marks[claim.claim_id], read)
        index = ClaimIndex(
            ((claim_id, self._read[claim_id][1]) for claim_id in marks),
            terms=self._terms,
            tags=self._tags,
        )
        if len(self._terms) > MANY + _OUTGROWN * index.terms:
            self._forget("")
        return index

    def _statements(
        self, changed: Sequence[str], catalogue: Catalogue, sides: Sides
    ) -> Iterator[tuple[Claim, Iterable[Statement]]]:
        claims = catalogue.claims
        if self._elsewhere is not None and len(changed) > MANY:
            for claim_id, read in zip(changed, self._elsewhere(changed, catalogue), strict=True):
                yield claims[claim_id], read
            return
        for claim_id in changed:
            claim = claims[claim_id]
            yield claim, read_statements(claim, sides, self._lexicon, self._ear)

    def _forget(self, digest: str) -> None:
        # An index that serves still uses the old numbers.
        self._sides = digest
        self._terms, self._tags = Numbers(), Numbers()
        self._read = {}
