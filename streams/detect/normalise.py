"""Text as people read it, with the way back to the text as published.

Every step is linear in the text: posts are hostile.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.detect.folding import FOLDED, MIXED, TO_CYRILLIC, TO_LATIN
from streams.schema import Span

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTER = r"[^\W\d_]"
_DECOMPOSED = re.compile("[^\u0300-\u036f\u1161-\u11ff\u3099\u309a][\u1161-\u11ff\u3099\u309a]+")
_HASHTAG = re.compile(r"#\w+")
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPACED = re.compile(rf"(?<!\w){_LETTER}([ .\-_*|/·~+]){_LETTER}(?:\1{_LETTER}){{2,}}(?!\w)")
_STRETCHED = re.compile(rf"({_LETTER})\1{{2,}}")
_WORD = re.compile(r"\w+")
_LEET_WORD = re.compile(r"(?<![\w@$!|])[a-z0-9@$!|]*[a-z][a-z0-9@$!|]*(?![\w@$])")
_LEET_SIGN = re.compile(r"[a-z][0-9@$!|]+[a-z]|(?<![\w@$])[0-9@$][a-z]{3}")
_LEET = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l"}  # fmt: skip # noqa: E501
_LEET_LETTERS = 2
_VOWELS = frozenset("aeiou")


@dataclass(frozen=True, slots=True)
class Normalised:
    """Folded text; `span` finds the place in the text as published."""

    text: str
    original_length: int
    starts: tuple[int, ...] | None
    """Place of each character in the original; none when the lengths are the same."""

    def span(self, start: int, end: int) -> Span:
        """Return where `text[start:end]` stands in the original, in code points."""
        if self.starts is None:
            return Span(start=start, end=end)
        length = len(self.starts)
        first = self.starts[start] if start < length else self.original_length
        if end <= start:
            return Span(start=first, end=first)
        place = self.starts[end - 1]
        # One character may have become several: skip those that share its place.
        after = end
        while after < length and self.starts[after] == place:
            after += 1
        return Span(start=first, end=self.starts[after] if after < length else self.original_length)


class _Draft:
    """Text under way with the places of its characters."""

    __slots__ = ("starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: list[int] | None = None

    def replace(self, pieces: list[str]) -> None:
        """Take one piece for each character of the text."""
        text = "".join(pieces)
        if len(text) != len(pieces) or "" in pieces:
            old = self.starts if self.starts is not None else range(len(pieces))
            self.starts = [
                place for place, piece in zip(old, pieces, strict=True) for _ in range(len(piece))
            ]
        self.text = text

    def rewrite(self, pattern: re.Pattern[str], change: Callable[[str], list[str]]) -> None:
        """Replace each match by what `change` makes of it: one piece a character."""
        pieces: list[str] | None = None
        for match in pattern.finditer(self.text):
            found = match[0]
            changed = change(found)
            if len(changed) == len(found) and "".join(changed) == found:
                continue
            if pieces is None:
                pieces = list(self.text)
            pieces[match.start() : match.end()] = changed
        if pieces is not None:
            self.replace(pieces)


def normalise(text: str) -> Normalised:
    """Return the text folded: one case, one width, no accents, no hiding places."""
    draft = _Draft(text)
    if text.isascii():
        if "#" in text:
            draft.rewrite(_HASHTAG, _split_camel)
        draft.text = draft.text.lower()
        if not draft.text.isprintable():
            draft.replace([FOLDED[char] for char in draft.text])
    else:
        if not unicodedata.is_normalized("NFC", text):
            draft.rewrite(_DECOMPOSED, _compose)
        if "#" in text:
            draft.rewrite(_HASHTAG, _split_camel)
        draft.replace([FOLDED[char] for char in draft.text])
        if MIXED.search(draft.text):
            draft.rewrite(_WORD, _one_script)
    draft.rewrite(_SPACED, _join_letters)
    if _LEET_SIGN.search(draft.text):
        draft.rewrite(_LEET_WORD, _unleet)
    draft.rewrite(_STRETCHED, _squeeze)
    starts = None if draft.starts is None else tuple(draft.starts)
    return Normalised(draft.text, len(text), starts)


def _compose(cluster: str) -> list[str]:
    """Compose letters that were sent in pieces, such as Hangul syllables."""
    composed = unicodedata.normalize("NFC", cluster)
    return [composed] + [""] * (len(cluster) - 1)


def _split_camel(hashtag: str) -> list[str]:
    """Put a space between the words of `#StopTheSteal`."""
    pieces = list(hashtag)
    for match in _CAMEL.finditer(hashtag):
        pieces[match.start()] = " " + pieces[match.start()]
    return pieces


def _one_script(word: str) -> list[str]:
    """Return a word of mixed scripts in the one script that all its letters can be read in."""
    if not MIXED.search(word):
        return list(word)
    for table in (TO_LATIN, TO_CYRILLIC):
        latin = table is TO_LATIN
        letters = [table.get(char, char) for char in word]
        if all(char.isascii() == latin for char in letters if char.isalpha()):
            return letters
    return list(word)


def _join_letters(run: str) -> list[str]:
    """Take out the separators of `v o t e`."""
    return [char if place % 2 == 0 else "" for place, char in enumerate(run)]


def _unleet(word: str) -> list[str]:
    """Read digits and signs among letters as the letters that they look like.

    Digits at the end of a word without others (`covid19`), at the start of few letters (`2nd`) and
    numbers of three digits or more (`vote2024now`) are digits.
    """
    pieces = list(word)
    length = len(word)
    if sum(char.isalpha() for char in word) < _LEET_LETTERS:
        return pieces
    place = 0
    undone = False
    while place < length:
        if word[place].isalpha():
            place += 1
            continue
        end = place
        while end < length and not word[end].isalpha():
            end += 1
        inside = undone if end == length else place > 0 or length - end > _LEET_LETTERS
        if inside and end - place <= _LEET_LETTERS:
            for at in range(place, end):
                pieces[at] = _letter_of(pieces, word, at)
            undone = True
        place = end
    return pieces


def _letter_of(pieces: list[str], word: str, at: int) -> str:
    """`1` stands for l beside a vowel and for i between consonants."""
    sign = word[at]
    if sign == "1":
        before = pieces[at - 1] if at else ""
        after = word[at + 1] if at + 1 < len(word) else ""
        return "l" if before in _VOWELS or after in _VOWELS or after == "1" else "i"
    return _LEET.get(sign, sign)


def _squeeze(run: str) -> list[str]:
    """Keep one letter of `voooote`."""
    return [run[0]] + [""] * (len(run) - 1)
