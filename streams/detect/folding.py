"""One character folded to what people read in it: case, accents, width, styled letters."""

# ruff: noqa: RUF001 - the look-alikes are what this module is about

from __future__ import annotations

import re
import unicodedata

MIXED = re.compile(
    r"[a-z][\u0370-\u03ff\u0400-\u052f\u0561-\u0587]|[\u0370-\u03ff\u0400-\u052f\u0561-\u0587][a-z]"
)
"""A Latin letter beside a Greek, Cyrillic or Armenian one: no language writes words like that."""

TO_LATIN = dict(
    zip(
        "авекмнорстухіјѕԁԛԝьпгѵѡӏһɡαβεικνορτυχηγωζոսհօցտ",
        "abekmhopctyxijsdqwbnrvwlhgabeikvoptuxnywznuhogs",
        strict=True,
    )
)
"""What a letter of another script looks like among Latin letters, after folding."""
TO_CYRILLIC = dict(zip("aekmopctyxbhijs", "аекморстухвніјѕ", strict=True))
"""What a Latin letter looks like among Cyrillic letters, after folding."""

_KEPT_CONTROLS = {"\n": "\n", "\u2028": "\n", "\u2029": "\n"}
_SAME = {
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"',
    "»": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d",
    "þ": "th", "ı": "i", "ə": "e", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه",
    "ς": "σ",
}  # fmt: skip
_NAMED = re.compile(
    r"(?:LATIN (?:SMALL |CAPITAL )?LETTER (?:SMALL CAPITAL )?|"
    r"NEGATIVE (?:SQUARED|CIRCLED) LATIN CAPITAL LETTER |REGIONAL INDICATOR SYMBOL LETTER )"
    r"([A-Z])(?: WITH [A-Z ]+)?"
)
_OVERLAY = 1
_ATTACHED = 200
_POINTS = range(10, 36)


def _is_mark(char: str) -> bool:
    """Is it an accent or a vowel point that people leave out or pile up?

    Vowel signs, viramas and tone marks of Indic scripts and Thai (other
    combining classes) are letters of their words and stay.
    """
    combining = unicodedata.combining(char)
    return combining >= _ATTACHED or combining in _POINTS or combining == _OVERLAY


def _fold(char: str) -> str:
    if char in _KEPT_CONTROLS:
        return _KEPT_CONTROLS[char]
    category = unicodedata.category(char)
    if category in {"Cf", "Me", "Cs"} or char == "ـ" or "\ufe00" <= char <= "\ufe0f":
        return ""
    if category in {"Cc", "Zs", "Cn", "Co"}:
        return " "
    parts = unicodedata.normalize("NFKD", _SAME.get(char, char)).casefold()
    kept = "".join(_SAME.get(part, part) for part in parts if not _is_mark(part))
    if len(kept) == 1 and not kept.isascii():
        named = _NAMED.fullmatch(unicodedata.name(kept, ""))
        if named:
            return named[1].lower()
    return unicodedata.normalize("NFC", kept)


class FoldTable(dict[str, str]):
    """Folded text by character, filled as characters are met.

    Bounded by Unicode itself: at most one entry a code point.
    """

    def __missing__(self, char: str) -> str:
        """Fold a character that was not met before."""
        folded = self[char] = _fold(char)
        return folded


FOLDED = FoldTable()
