"""Disguises for election words, as people make them: for tests and for measuring evasion.

Each attack is pure: the same text, words and random numbers give the same
disguise. Words that an attack cannot disguise stay: there is no leetspeak of
Arabic.
"""

# ruff: noqa: RUF001 - look-alikes are what this module makes

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Protocol

from streams.detect.folding import FOLDED
from streams.detect.lexicon import GATE_CONCEPTS, load_lexicon
from streams.detect.plain import fold_text
from streams.detect.words import split

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from random import Random


class Attack(Protocol):
    """Disguises the given words wherever they stand in a text."""

    def __call__(self, text: str, words: Collection[str], rng: Random) -> str:
        """Return the text with the words disguised."""
        ...


_HOMOGLYPHS = dict(zip("aceijopsxyABCEHIKMOPTX", "асеіјорѕхуАВСЕНІКМОРТХ", strict=True))
_HOMOGLYPHS_BACK = {theirs: ours for ours, theirs in _HOMOGLYPHS.items()}
_SIGNS = {"a": "4@", "e": "3", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7"}
_UNSEEN = "\u200b\u2060\ufeff"
_WIDE = ord("\uff01") - ord("!")
_FEWEST_LETTERS = 4
_FEWEST_SLIPPED = 6
_MOST_REPEATED = 6


def election_words(text: str) -> list[str]:
    """Return the words that name an election, as they stand in the text.

    Abbreviations in capitals are left out: nobody reads `T-5-E`.
    """
    words = split(fold_text(text))
    found: dict[str, None] = {}
    for hit in load_lexicon().find(words):
        if hit.concept in GATE_CONCEPTS:
            for place in range(hit.first, hit.last + 1):
                span = words.span(place, place)
                found[text[span.start : span.end]] = None
    return [
        word
        for word in found
        if not word.isdecimal()
        and not word.isupper()
        and not (word.isascii() and len(word) < _FEWEST_LETTERS)
    ]


def _each_word(disguise: Callable[[str, Random], str]) -> Attack:
    def attack(text: str, words: Collection[str], rng: Random) -> str:
        pattern = _any_of(words)
        return pattern.sub(lambda match: disguise(match[0], rng), text) if pattern else text

    return attack


def _any_of(words: Collection[str]) -> re.Pattern[str] | None:
    ranked = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    if not ranked:
        return None
    spaced = "|".join(re.escape(word) for word in ranked if not _is_unspaced(word))
    unspaced = [re.escape(word) for word in ranked if _is_unspaced(word)]
    edged = [rf"(?<![^\W\d_])(?:{spaced})(?![^\W\d_])"] if spaced else []
    return re.compile("|".join([*edged, *unspaced]))


def _is_unspaced(word: str) -> bool:
    return any("\u0e00" <= char <= "\u0eff" or "\u3040" <= char <= "\u9fff" for char in word)


def _letters(word: str) -> list[str]:
    """Return the letters of a word, each with its marks."""
    letters: list[str] = []
    for char in word:
        if letters and unicodedata.category(char) in {"Mn", "Mc", "Cf"}:
            letters[-1] += char
        else:
            letters.append(char)
    return letters


def _homoglyph(word: str, rng: Random) -> str:
    table = _HOMOGLYPHS if any(char in _HOMOGLYPHS for char in word) else _HOMOGLYPHS_BACK
    places = [place for place, char in enumerate(word) if char in table]
    return _replaced(word, places, lambda char: table[char], rng)


def _replaced(
    word: str, places: list[int], change: Callable[[str], str], rng: Random, most: int | None = None
) -> str:
    """Return the word with some of the places changed, at least one if there are any."""
    if not places:
        return word
    chosen = set(rng.sample(places, rng.randint(1, min(len(places), most or len(places)))))
    return "".join(change(char) if at in chosen else char for at, char in enumerate(word))


def _parted(sign: Callable[[Random], str], *, everywhere: bool) -> Callable[[str, Random], str]:
    def disguise(word: str, rng: Random) -> str:
        letters = _letters(word)
        places = range(1, len(letters))
        if len(letters) < 2:  # noqa: PLR2004 - nothing to part
            return word
        chosen = set(places if everywhere else rng.sample(places, rng.randint(1, len(places))))
        return "".join(
            (sign(rng) if at in chosen else "") + letter for at, letter in enumerate(letters)
        )

    return disguise


def _leet(word: str, rng: Random) -> str:
    places = [at for at, char in enumerate(word) if char.lower() in _SIGNS]
    return _replaced(word, places, lambda char: rng.choice(_SIGNS[char.lower()]), rng)


def _asterisk(word: str, rng: Random) -> str:
    inner = range(1, len(word) - 1)
    vowels = [at for at in inner if FOLDED[word[at]] in set("aeiouаеиоуы")]
    places = vowels or [at for at in inner if word[at].isalpha()]
    if len(word) < _FEWEST_LETTERS or not places:
        return word
    return _replaced(word, places, lambda _: "*", rng, most=1)


def _repeated(word: str, rng: Random) -> str:
    letters = [at for at, char in enumerate(word) if char.isalpha()]
    times = rng.randint(3, _MOST_REPEATED)
    return _replaced(word, letters, lambda char: char * times, rng, most=2)


def _fullwidth(word: str, _rng: Random) -> str:
    return "".join(chr(ord(char) + _WIDE) if "!" <= char <= "~" else char for char in word)


def _without_accents(word: str, _rng: Random) -> str:
    if not any("\u00c0" <= char < "\u0250" for char in word):
        return word
    return "".join(FOLDED[char].upper() if char.isupper() else FOLDED[char] for char in word)


def _misspelled(word: str, rng: Random) -> str:
    """Return a word of six letters or more with two swapped, one left out or one doubled."""
    if len(word) < _FEWEST_SLIPPED or not word.isalpha():
        return word
    swaps = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]]
    at = rng.choice(swaps) if swaps else 0
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :] if swaps else word
    at = rng.randrange(1, len(word) - 1)
    return rng.choice([swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]])


def _joined(text: str, words: Collection[str], rng: Random) -> str:
    """Return neighbouring words as one hashtag without capitals."""
    del rng
    ranked = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    if not ranked:
        return text
    one = "(?:" + "|".join(map(re.escape, ranked)) + ")"
    run = re.compile(rf"(?<![^\W_#]){one}(?:[ -]{one})*(?![^\W_])")
    return run.sub(lambda match: "#" + re.sub("[ -]", "", match[0]).lower(), text)


ATTACKS: Mapping[str, Attack] = {
    "homoglyph": _each_word(_homoglyph),
    "zero-width": _each_word(_parted(lambda rng: rng.choice(_UNSEEN), everywhere=False)),
    "soft-hyphen": _each_word(_parted(lambda _: "\u00ad", everywhere=False)),
    "spaced": _each_word(_parted(lambda _: " ", everywhere=True)),
    "dotted": _each_word(_parted(lambda _: ".", everywhere=True)),
    "leet": _each_word(_leet),
    "asterisk": _each_word(_asterisk),
    "repeated": _each_word(_repeated),
    "fullwidth": _each_word(_fullwidth),
    "accents-dropped": _each_word(_without_accents),
    "misspelled": _each_word(_misspelled),
    "hashtag-joined": _joined,
}
"""The attacks by name: `ATTACKS[name](text, words, rng)`."""
