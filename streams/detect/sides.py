"""Sides: parties and candidates that packs mirror, hidden before anything is scored.

Two posts that differ in nothing but these names look the same to every stage:
none of them can favour a side (promise of even-handedness).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from streams.detect.model.text import PLACEHOLDER, clean
from streams.detect.normalise import readable
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
        self.digest = stable_id(*sorted(spelled))
        """Of the names alone: packs may change in all else."""
        # The longest first, else `Labour Party` would be read as `Labour`.
        ordered = sorted(spelled, key=lambda name: (-len(name), name))
        self._by_first_word: dict[str, list[re.Pattern[str]]] = {}
        joined = []
        for name in ordered:
            first = _WORD.match(name)
            if first is None or _JOINED.search(name):
                joined.append(name)
            else:
                self._by_first_word.setdefault(first[0], []).append(re.compile(_bounded(name)))
        self._joined = re.compile("|".join(map(_bounded, joined)) or _NEVER)

    def mask(self, text: str) -> str:
        """Return the text with one placeholder for each name."""
        return self._hide(text, lambda _: PLACEHOLDER)

    def bare(self, text: str) -> str:
        """Return the text as the models read it: without disguises and sides."""
        return self.mask(clean(readable(text)))

    def cover(self, text: str) -> str:
        """Return the text with its names hidden and every other character in its place."""
        return self._hide(text, PLACEHOLDER.ljust)

    def names(self, text: str) -> bool:
        """Does the text name a side?"""
        return self.mask(text) != text

    def _hide(self, text: str, by: Callable[[int], str]) -> str:
        """Put what `by` gives for a name's length in its place.

        A look-up for each word, and patterns for the few that begin a name: hundreds
        of names tried at each place would cost a millisecond a post.
        """
        pieces = []
        done = 0
        for word in _WORD.finditer(text):
            patterns = self._by_first_word.get(word[0])
            if patterns is None or word.start() < done:
                continue
            for pattern in patterns:
                name = pattern.match(text, word.start())
                if name is not None:
                    pieces += [text[done : name.start()], by(len(name[0]))]
                    done = name.end()
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


def _bounded(name: str) -> str:
    """Return a pattern for the name as a word; where words are not spaced, anywhere."""
    before = "" if _in(name[0], _UNSPACED) else BEFORE_WORD
    after = "" if _in(name[-1], _UNSPACED + _GLUED) else AFTER_WORD
    return before + re.escape(name) + after


def _in(char: str, scripts: tuple[str, ...]) -> bool:
    return unicodedata.name(char, "").startswith(scripts)
