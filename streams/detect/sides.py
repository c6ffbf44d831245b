"""Sides: parties and candidates that packs mirror, hidden before anything is scored.

Two posts that differ in nothing but these names look the same to every stage:
none of them can favour a side (promise of even-handedness).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from streams.detect.model.text import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.schema import Claim, ElectionPack

CANDIDATE = "candidate"
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_GLUED = ("HANGUL",)
"""Particles stand right behind a name."""


class Sides:
    """Finds the names of all packs in a text; immutable."""

    def __init__(self, packs: Mapping[str, ElectionPack]) -> None:
        spelled = {
            form
            for pack in packs.values()
            for group in pack.mirrored_names
            for side in group.sides
            for name in side
            for form in _spellings(name, group.kind)
        }
        # The longest first, else `Labour Party` would be read as `Labour`.
        ordered = sorted(spelled, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(_bounded, ordered))) if ordered else None

    def mask(self, text: str) -> str:
        """Return the text with one placeholder for each name."""
        if self._pattern is None:
            return text
        return self._pattern.sub(PLACEHOLDER, text)

    def cover(self, text: str) -> str:
        """Return the text with its names hidden and every other character in its place."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda name: PLACEHOLDER.ljust(len(name[0])), text)

    def names(self, text: str) -> bool:
        """Does the text name a side?"""
        return self._pattern is not None and self._pattern.search(text) is not None

    def fair(self, claims: Mapping[str, Claim]) -> dict[str, Claim]:
        """Return the claims as posts are compared with them: covered, and none about one side.

        A statement about one side would, covered, fit the same said of another: its
        sources speak of somebody else then. It stays when the claim says it of
        more than one side. A claim without any statement left is for people to match.
        """
        kept = {}
        for claim_id, claim in claims.items():
            statements = {
                language: fair
                for language, said in claim.statements.items()
                if (fair := self._fair(said))
            }
            if statements:
                kept[claim_id] = claim.model_copy(update={"statements": statements})
        return kept

    def _fair(self, statements: Iterable[str]) -> tuple[str, ...]:
        covered = [(self.names(one), self.mask(one)) for one in statements]
        said = Counter(one.casefold() for _, one in covered)
        return tuple(
            dict.fromkeys(one for named, one in covered if not named or said[one.casefold()] > 1)
        )


def _spellings(name: str, kind: str) -> set[str]:
    """Return how people write a name.

    A party's name in small letters is a word of the language for some (`labour`,
    `union`); a candidate's hardly ever.
    """
    return {name, name.upper()} | ({name.lower()} if kind == CANDIDATE else set())


def _bounded(name: str) -> str:
    """Return a pattern for the name as a word; where words are not spaced, anywhere."""
    before = "" if _in(name[0], _UNSPACED) else r"(?<!\w)"
    after = "" if _in(name[-1], _UNSPACED + _GLUED) else r"(?!\w)"
    return before + re.escape(name) + after


def _in(char: str, scripts: tuple[str, ...]) -> bool:
    return unicodedata.name(char, "").startswith(scripts)
