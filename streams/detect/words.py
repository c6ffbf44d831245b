"""Words of a text: what rules and the claim index look at, with places and sentences."""

# ruff: noqa: RUF001 - full stops and question marks of many scripts

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.detect.draft import Normalised
    from streams.schema import Span

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # noqa: E501
"""Scripts without spaces between words: each character counts as a word."""
BEFORE_WORD = rf"(?<![^\W{UNSPACED}])"
AFTER_WORD = rf"(?![^\W{UNSPACED}\u1100-\u11ff\uac00-\ud7af])"
"""Where a word ends, and before particles of Japanese and Korean: `LDPが`."""
_SIGNS = "\u0900-\u0963\u0966-\u0dff"  # vowel signs are not \w to `re`; without them words break
_TOKEN = re.compile(
    r"(?P<skip>https?://\S+|www\.\S+|@[\w.]+)"
    r"|(?P<number>\d[\d.,:]*(?<=\d)%?)"
    rf"|(?P<word>[{UNSPACED}]|(?:(?![{UNSPACED}])(?:[^\W\d_]|[{_SIGNS}]))+)"
    r"|(?P<stop>[!?؟？！。।॥…\n;።፧۔]+|\.(?=\s|$)|\.\.+)"
)
QUESTION = frozenset("?؟？፧")
_GREEK_QUESTION = ";"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text, in order."""

    normalised: Normalised
    texts: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sentences: tuple[int, ...]
    """Number of the sentence that each word stands in."""
    questions: frozenset[int]
    """Sentences that end with a question mark."""

    def between(self, place: int) -> str:
        """Return what stands between the word at `place` and the next, cut after two characters."""
        end = self.ends[place]
        return self.normalised.text[end : min(self.starts[place + 1], end + 2)]

    def span(self, first: int, last: int) -> Span:
        """Return the place of the words `first` to `last`, both included, in the original."""
        return self.normalised.span(self.starts[first], self.ends[last])


def split(normalised: Normalised) -> Words:
    """Return the words of a folded text: letters, numbers; addresses and names left out."""
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    questions: set[int] = set()
    sentence = 0
    for match in _TOKEN.finditer(normalised.text):
        kind = match.lastgroup
        if kind == "stop":
            greek = bool(texts) and "α" <= texts[-1][-1] <= "ω" and _GREEK_QUESTION in match[0]
            if greek or not QUESTION.isdisjoint(match[0]):
                questions.add(sentence)
            if sentences and sentences[-1] == sentence:
                sentence += 1
        elif kind != "skip":
            texts.append(match[0])
            starts.append(match.start())
            ends.append(match.end())
            sentences.append(sentence)
    return Words(
        normalised, tuple(texts), tuple(starts), tuple(ends), tuple(sentences), frozenset(questions)
    )


_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")


def is_unspaced(word: str) -> bool:
    """Does the word hold characters of a script without spaces?"""
    return _UNSPACED_CHARACTER.search(word) is not None


def is_number(word: str) -> bool:
    """Is the word a number?"""
    return word[0].isdecimal()
