"""Disguises of single letters: unseen signs, marks laid over, styled letters, look-alikes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from streams.detect.folding import FOLDED, MARKS, MIXED, TO_CYRILLIC, TO_GREEK, TO_LATIN
from streams.detect.vocabulary import load_vocabulary
from streams.detect.words import UNSPACED

if TYPE_CHECKING:
    from streams.detect.draft import Draft

_FANCY_LETTERS = 3
_EUROPEAN = "A-Za-z\u00c0-\u058f\u1e00-\u1fff"
_UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef"  # noqa: E501
_DIRECTING = "\u200c-\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(
    rf"(?<=[^\W_{UNSPACED}])[{_UNSEEN}{_DIRECTING}]*[{_UNSEEN}][{_UNSEEN}{_DIRECTING}]*(?=[^\W_{UNSPACED}])"
    rf"|(?<=[{_EUROPEAN}])[{_DIRECTING}]+(?=[{_EUROPEAN}])"
)
_OVERLAID = re.compile(
    "[\u0305\u0332-\u0338\u033f\u0488\u0489\u20d0-\u20dc\u20e5-\u20f0]+|(?<=[^\\W\\d_])[\u0300-\u036f]{3,}"
)
_FANCY = re.compile(
    "[\u1d00-\u1d7f\u1d80-\u1dbf\u2071-\u209c\u2100-\u214f\u2160-\u217f\u249c-\u24e9\ua730\ua731"
    "\u0262\u026a\u0274\u0280\u028f\u0299\u029c\u029f\uff21-\uff3a\uff41-\uff5a"
    "\U0001d400-\U0001d7ff\U0001f110-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]"
)
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{4,}")
_WIDE_SCRIPTS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_FANCY_WORD = re.compile(rf"(?:[^\W_]|[{MARKS}]|{_FANCY.pattern}){{{_FANCY_LETTERS},}}")
_WORD = re.compile(r"\w+")


def undo_letters(draft: Draft) -> None:
    """Undo the disguises of single letters in a draft."""
    if draft.text.isascii():
        return
    draft.rewrite(_HIDDEN, _nothing)
    draft.rewrite(_OVERLAID, _nothing)
    if _FANCY.search(draft.text):
        wide = _WIDE_SCRIPTS.search(draft.text) is not None
        draft.rewrite(_FANCY_WORD, _plain_wide if wide else _plain)
    draft.rewrite(_FLAGS, _spelled_in_flags)
    if MIXED.search(draft.text):
        draft.rewrite(_WORD, one_script)


def _nothing(run: str) -> list[str]:
    return [""] * len(run)


def _plain(word: str) -> list[str] | None:
    """Return a word in plain letters when it has styled ones."""
    if not _FANCY.search(word):
        return None
    return [_plain_letter(char) if _FANCY.match(char) else char for char in word]


def _plain_wide(word: str) -> list[str] | None:
    """Do so in a text of a script whose writers use wide letters for style."""
    if all("\uff00" < char <= "\uff5a" or char.isascii() for char in word):
        return None
    return _plain(word)


@lru_cache(maxsize=2048)
def _plain_letter(char: str) -> str:
    folded = FOLDED[char]
    if len(folded) != 1 or not folded.isascii():
        return char
    name = unicodedata.name(char, "")
    capital = "CAPITAL" in name and "SMALL CAPITAL" not in name
    return folded.upper() if capital or char.isupper() else folded


def _spelled_in_flags(flags: str) -> list[str] | None:
    word = "".join(FOLDED[char] for char in flags)
    return list(word.upper()) if load_vocabulary().knows(word) else None


def one_script(word: str) -> list[str] | None:
    """Return a word of mixed scripts in the one script that all its letters can be read in."""
    if not MIXED.search(word):
        return None
    for table, first, last in (
        (TO_LATIN, "A", "\u024f"),
        (TO_CYRILLIC, "\u0400", "\u052f"),
        (TO_GREEK, "\u0370", "\u03ff"),
    ):
        letters = [char if first <= char <= last else table.get(char, char) for char in word]
        if all(first <= char <= last for char in letters if char.isalpha()):
            return letters
    return None
