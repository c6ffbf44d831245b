"""How words are written in bytes: cases and accents."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import product

from streams.detect.folding import FOLDED

MOST_FORMS = 48
"""Spellings of one word; of words with more the beginning is looked for."""
_FEWEST_LETTERS = 4
_DOTLESS = {"tr", "az"}
_ALPHABETS = (
    (0x00C0, 0x024F),
    (0x0370, 0x03FF),
    (0x0400, 0x052F),
    (0x0531, 0x0587),
    (0x0620, 0x06D5),
    (0x1E00, 0x1EFF),
)
_LATIN_END = 0x0250


def spellings(word: str, language: str) -> list[bytes]:
    """Return the bytes that a word is written in, ASCII letters in lower case."""
    letters: list[list[bytes]] = []
    count = 1
    for char in word:
        forms = _forms_of(char, language)
        count *= len(forms)
        if count > MOST_FORMS and len(letters) >= _FEWEST_LETTERS:
            break
        letters.append(forms)
    return [b"".join(parts) for parts in product(*letters)]


def plain_spellings(word: str) -> list[bytes]:
    """Return the commonest ways to write a word, for phrases: fewer than `spellings`."""
    folded = "".join(FOLDED[char] for char in word)
    forms = {word.lower(), word.upper(), word.title(), folded, folded.upper()}
    return sorted({form.encode().lower() for form in forms})


def escape(raw: bytes) -> bytes:
    """Return the pattern that matches these bytes and no others."""
    return b"".join(
        bytes([byte]) if chr(byte).isascii() and chr(byte).isalnum() else b"\\x%02x" % byte
        for byte in raw
    )


@cache
def _forms_of(char: str, language: str) -> list[bytes]:
    if char.isascii():
        forms = {char.lower()}
        if char in "iI" and language in _DOTLESS:
            forms |= {
                "\N{LATIN SMALL LETTER DOTLESS I}",
                "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}",
            }
    else:
        folded = FOLDED[char]
        forms = {char.lower(), char.upper(), folded}
        if ord(char) < _LATIN_END:
            forms.add(unicodedata.normalize("NFD", char.lower()))
        else:
            forms.update(_alike().get(folded, ()))
    return sorted({form.encode().lower() for form in forms})


@cache
def _alike() -> dict[str, tuple[str, ...]]:
    """Return the letters of the world's alphabets by what they fold to."""
    alike: dict[str, list[str]] = {}
    for first, last in _ALPHABETS:
        for point in range(first, last + 1):
            char = chr(point)
            if char.isalpha():
                alike.setdefault(FOLDED[char], []).append(char)
    return {folded: tuple(chars) for folded, chars in alike.items()}
