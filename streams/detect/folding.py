"""One character folded to what people read in it: case, accents, width, styled letters."""

# ruff: noqa: RUF001 - the look-alikes are what this module is about

from __future__ import annotations

import re
import unicodedata

_LATIN = "A-Za-z\u00c0-\u024f"
_ELSEWHERE = "\u0370-\u03ff\u0400-\u052f\u0531-\u0587\u13a0-\u13fd\uab70-\uabbf"
MIXED = re.compile(f"[{_LATIN}][{_ELSEWHERE}]|[{_ELSEWHERE}][{_LATIN}]")
"""A Latin letter beside a Greek, Cyrillic, Armenian or Cherokee one: no language writes that."""


def _looks(*pairs: tuple[str, str]) -> dict[str, str]:
    return {char: look for ours, theirs in pairs for char, look in zip(ours, theirs, strict=True)}


TO_LATIN = _looks(
    ("авекмнорстухіјѕԁԛԝьпгѵѡӏһѐёїўғүҝқңҳ", "abekmhopctyxijsdqwbnrvwlheeiyfykknh"),
    ("АВЕКМНОРСТУХІЈЅԀԚԜЬПГѴѠӀҺҮЁЇ", "ABEKMHOPCTYXIJSDQWBNRVWIHYEI"),
    ("αβεικνορτυχηγωζςϲϳάέήίόύώμπ", "abeikvoptuxnywzccjaeniouwun"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹΆΈΉΊΌΎ", "ABEZHIKMNOPTYXCAEHIOY"),
    ("ոսհօցտզԼՍՏՕ", "nuhogsqLUSO"),
    ("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔᏃᎳ", "ABCDEGHIJKLMPRSTVWZW"),
    ("ꭺᏼꮯꭰꭼꮐꮋꭵꭻꮶꮮꮇꮲꮢꮪꭲꮩꮤꮓꮃ", "abcdeghijklmprstvwzw"),
)
"""What a letter of another script looks like among Latin letters."""
TO_CYRILLIC = _looks(
    ("aekmopctyxbhijsnru3", "аекморстухвніјѕпгиз"),
    ("AEKMOPCTYXBHIJS", "АЕКМОРСТУХВНІЈЅ"),
    ("αεικορτχόέί", "аеікортхоеі"),
    ("ΑΒΕΗΙΚΜΟΡΤΧ", "АВЕНІКМОРТХ"),
)
"""What a letter of another script looks like among Cyrillic letters."""
TO_GREEK = _looks(
    ("aeiknopvtuxywz", "αεικηορντυχγωζ"),
    ("ABEZHIKMNOPTYX", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"),
    ("аеіорху", "αειορχγ"),
    ("АВЕНІКМОРТХ", "ΑΒΕΗΙΚΜΟΡΤΧ"),
)
"""What a letter of another script looks like among Greek letters."""

_KEPT_CONTROLS = {"\n": "\n", "\u2028": "\n", "\u2029": "\n"}
_SAME = {
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"',
    "»": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d",
    "þ": "th", "ı": "i", "ə": "e", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه",
    "ς": "σ", "ɑ": "a", "ɩ": "i", "ʋ": "v", "ꞵ": "b", "ⱱ": "v", "ᴉ": "i", "ɾ": "r", "ʐ": "z",
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


def _class_of(*categories: str, above: int = 0x300, below: int = 0x1000) -> str:
    points = [p for p in range(above, below) if unicodedata.category(chr(p)) in categories]
    runs: list[list[int]] = []
    for point in points:
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in runs)


MARKS = _class_of("Mn", "Mc")
"""Accents and vowel signs: part of the letter before them."""
