"""Swap the sides of a text: parties with parties, candidates with candidates.

A pack's mirrored names come in groups of sides. Turning every group on by the
same number of places gives another text that says the same of other people:
with two sides each stands for the other, with more a text has several mirrors.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.detect.catalogue import Catalogue
from streams.detect.words import AFTER_WORD, BEFORE_WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streams.schema import Claim, ElectionPack

CANDIDATE = "candidate"
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_GLUED = ("HANGUL",)


@dataclass(frozen=True, slots=True, order=True)
class Side:
    """One side of one group of a pack, by the first of its names."""

    jurisdiction: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a spelling stands in the pack, and how the name in its place is spelled."""

    group: int
    side: int
    name: int
    spell: Callable[[str], str]


class Mirror:
    """The names of one pack, found in a text and turned on."""

    def __init__(self, pack: ElectionPack) -> None:
        self.pack = pack
        self._groups = pack.mirrored_names
        self._places = _spellings(pack)
        self._pattern = _pattern(self._places)
        self.turns = range(1, max(len(group.sides) for group in self._groups))
        """All the ways to turn that leave at least one group changed."""

    def sides(self, text: str) -> frozenset[Side]:
        """Return the sides that a text names."""
        return frozenset(self._side(self._places[match.group()]) for match in self._find(text))

    def turned(self, text: str, by: int) -> str:
        """Return the text with every group of names turned on by so many sides.

        Letters keep their case: capitals stay capitals. Endings stay as they are.
        """
        return self._turned(text, list(self._find(text)), by)

    def _turned(self, text: str, found: Sequence[re.Match[str]], by: int) -> str:
        parts: list[str] = []
        end = 0
        for match in found:
            place = self._places[match.group()]
            sides = self._groups[place.group].sides
            name = sides[(place.side + by) % len(sides)][place.name]
            parts += (text[end : match.start()], place.spell(name))
            end = match.end()
        return "".join((*parts, text[end:]))

    def mirrors(self, text: str) -> dict[int, str]:
        """Return every other text that turning gives, by the turn."""
        found: dict[int, str] = {}
        # Most posts name nobody: looked for first, and once for all turns.
        named = list(self._find(text))
        for by in self.turns if named else ():
            other = self._turned(text, named, by)
            if other != text and other not in found.values():
                found[by] = other
        return found

    def _find(self, text: str) -> Iterator[re.Match[str]]:
        # A plain search for each name takes a hundredth of what all of them as one pattern take.
        if not any(name in text for name in self._places):
            return
        for match in self._pattern.finditer(text):
            # A vowel sign after a name makes it part of another word.
            after = text[match.end() : match.end() + 1]
            if not (after and unicodedata.category(after).startswith("M")):
                yield match

    def _side(self, place: _Place) -> Side:
        group = self._groups[place.group]
        return Side(self.pack.jurisdiction, group.kind, group.sides[place.side][0])


def is_one_sided(claim: Claim, mirror: Mirror) -> bool:
    """Do the claim's statements name a side without saying the same of another?

    A label that rests on such a claim cannot be the same for the mirrored post.
    """
    for statements in claim.statements.values():
        said = {_plain(one) for one in statements}
        for statement in statements:
            others = mirror.mirrors(statement).values()
            # `Reds and Blues vote on other days` speaks of both as it stands.
            about_one = len(mirror.sides(statement)) == 1
            if about_one and not any(_plain(other) in said for other in others):
                return True
    return False


def names_a_side(text: str, mirror: Mirror) -> bool:
    """Would the text be another one with the sides swapped?"""
    return bool(mirror.mirrors(text))


def mirrored_catalogue(catalogue: Catalogue, mirror: Mirror, by: int) -> Catalogue:
    """Return the catalogue as it would be if the other sides had been written about."""
    return Catalogue.of(
        [_turned_pack(pack, mirror, by) for pack in catalogue.packs.values()],
        [_turned_claim(claim, mirror, by) for claim in catalogue.claims.values()],
    )


def _turned_claim(claim: Claim, mirror: Mirror, by: int) -> Claim:
    return claim.model_copy(update={"statements": _turned_all(claim.statements, mirror, by)})


def _turned_pack(pack: ElectionPack, mirror: Mirror, by: int) -> ElectionPack:
    return pack.model_copy(update={"words": _turned_all(pack.words, mirror, by)})


def _turned_all(
    texts: Mapping[str, tuple[str, ...]], mirror: Mirror, by: int
) -> dict[str, tuple[str, ...]]:
    return {
        language: tuple(mirror.turned(text, by) for text in some)
        for language, some in texts.items()
    }


def _spellings(pack: ElectionPack) -> dict[str, _Place]:
    """Return where each spelling of a name stands; the first of equal spellings counts."""
    places: dict[str, _Place] = {}
    for group_at, group in enumerate(pack.mirrored_names):
        for side_at, side in enumerate(group.sides):
            for name_at, name in enumerate(side):
                # In capitals `Trump` becomes `HARRIS`; `PT` is written so by itself.
                for spell in _cases(group.kind):
                    place = _Place(group_at, side_at, name_at, spell)
                    places.setdefault(spell(name), place)
    return places


def _cases(kind: str) -> tuple[Callable[[str], str], ...]:
    """Return the spellings that stand for a name, the pack's own first.

    A party's name in small letters is a word of the language for some (`labour`,
    `union`); a candidate's hardly ever.
    """
    return (str, str.upper, str.lower) if kind == CANDIDATE else (str, str.upper)


def _pattern(places: Mapping[str, _Place]) -> re.Pattern[str]:
    # The longest first, else `Labour Party` would be read as `Labour`.
    ordered = sorted(places, key=lambda name: (-len(name), name))
    return re.compile("|".join(_bounded(name) for name in ordered))


def _bounded(name: str) -> str:
    """Return a pattern for the name as a word; where words are not spaced, anywhere."""
    before = "" if _script(name[0], _UNSPACED) else BEFORE_WORD
    # Korean puts its particles right behind a name.
    after = "" if _script(name[-1], _UNSPACED + _GLUED) else AFTER_WORD
    return before + re.escape(name) + after


def _script(char: str, scripts: tuple[str, ...]) -> bool:
    return unicodedata.name(char, "").startswith(scripts)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def mirror_all(packs: Mapping[str, ElectionPack]) -> dict[str, Mirror]:
    """Return the mirrors of all packs, by jurisdiction."""
    return {jurisdiction: Mirror(pack) for jurisdiction, pack in sorted(packs.items())}
