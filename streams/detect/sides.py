"""Sides: parties and candidates that packs mirror, hidden before anything is scored.

Two posts that differ in nothing but these names look the same to every stage:
none of them can favour a side (promise of even-handedness).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from streams.detect.model.text import PLACEHOLDER, clean
from streams.detect.normalise import MOST_SHOWN, readable
from streams.detect.words import AFTER_WORD, BEFORE_WORD
from streams.schema import stable_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from streams.schema import Claim, ElectionPack

CANDIDATE = "candidate"
_NEVER = r"(?!)"
_JOINED = re.compile(
    "[\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
"""Scripts in which a name need not begin or end where a word does."""
_WORD = re.compile(f"[^\\W{_JOINED.pattern[1:-1]}]+")
"""Not with the letters of such scripts: in `LDPが` the name ends where they begin."""
_BEFORE = re.compile(BEFORE_WORD)
_AFTER = re.compile(AFTER_WORD)
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_GLUED = ("HANGUL",)
"""Particles stand right behind a name."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A way to write a name, told without a pattern of its own.

    A thousand patterns take seconds to compile, each time that packs or claims change.
    """

    text: str
    begins: bool
    """A word must begin where it does."""
    ends: bool

    @classmethod
    def of(cls, name: str) -> Self:
        return cls(name, not _in(name[0], _UNSPACED), not _in(name[-1], _UNSPACED + _GLUED))

    def stands(self, text: str, at: int) -> bool:
        return (
            text.startswith(self.text, at)
            and (not self.begins or _BEFORE.match(text, at) is not None)
            and (not self.ends or _AFTER.match(text, at + len(self.text)) is not None)
        )

    def pattern(self) -> str:
        before = BEFORE_WORD if self.begins else ""
        return before + re.escape(self.text) + (AFTER_WORD if self.ends else "")


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
        self.digest = stable_id(*sorted(spelled))
        """Of the names alone: packs may change in all else."""
        # The longest first, else `Labour Party` would be read as `Labour`.
        ordered = sorted(spelled, key=lambda name: (-len(name), name))
        self._by_first_word: dict[str, list[_Name]] = {}
        joined = []
        for name in ordered:
            first = _WORD.match(name)
            if first is None or _JOINED.search(name):
                joined.append(name)
            else:
                self._by_first_word.setdefault(first[0], []).append(_Name.of(name))
        self._joined = re.compile("|".join(_Name.of(name).pattern() for name in joined) or _NEVER)

    def mask(self, text: str) -> str:
        """Return the text with one placeholder for each name."""
        return self._hide(text, lambda _: PLACEHOLDER)

    def bare(self, text: str) -> str:
        """Return the text as the models read it: without disguises and sides."""
        # Before disguises are undone too: a name one letter from an election word is no slip.
        return self.mask(clean(readable(self.mask(text[: 2 * MOST_SHOWN]))))

    def cover(self, text: str) -> str:
        """Return the text with its names hidden and every other character in its place."""
        return self._hide(text, PLACEHOLDER.ljust)

    def names(self, text: str) -> bool:
        """Does the text name a side?"""
        return self.mask(text) != text

    def _hide(self, text: str, by: Callable[[int], str]) -> str:
        """Put what `by` gives for a name's length in its place.

        A look-up for each word, and a look at the few names that it begins: hundreds
        of names tried at each place would cost a millisecond a post.
        """
        pieces = []
        done = 0
        for word in _WORD.finditer(text):
            names = self._by_first_word.get(word[0])
            if names is None or word.start() < done:
                continue
            for name in names:
                if name.stands(text, word.start()):
                    pieces += [text[done : word.start()], by(len(name.text))]
                    done = word.start() + len(name.text)
                    break
        if pieces:
            text = "".join(pieces) + text[done:]
        if _JOINED.search(text):
            text = self._joined.sub(lambda name: by(len(name[0])), text)
        return text

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


def _in(char: str, scripts: tuple[str, ...]) -> bool:
    return unicodedata.name(char, "").startswith(scripts)
