"""Misspellings of one slip: two letters swapped, one left out, one too many, one beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAPPED_LETTERS = 4
"""Least letters of a word that names an election to be read with two letters swapped."""
SLIP_LETTERS = 6
"""Least letters of a word to be read with any slip but another letter."""
OTHER_LETTERS = 8
"""Least letters of a word to be read with another letter in one place."""
_ALPHABETS_END = "\u0700"
"""From here on a letter is a syllable or more: slips make other words."""
_SEMITIC = "\u0590"
"""From here on words differ by single letters: only swaps count."""
_VOWELS = "aeiou"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _beside() -> dict[str, str]:
    """Return what people type for a letter: its neighbours on a keyboard, a vowel for a vowel."""
    places = {char: (x, y) for y, row in enumerate(_ROWS) for x, char in enumerate(row)}
    return {
        char: "".join(
            other
            for other, (x2, y2) in places.items()
            if other != char
            and (
                (abs(x - x2) <= 1 and y == y2)
                or (y2 == y + 1 and x2 in {x - 1, x})
                or (y2 == y - 1 and x2 in {x, x + 1})
                or (char in _VOWELS and other in _VOWELS)
            )
        )
        for char, (x, y) in places.items()
    }


BESIDE = _beside()


def without_one(word: str) -> Iterator[str]:
    """Yield the word without each of its letters but the first."""
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def is_misspelling(written: str, *, of: str, opens: bool) -> bool:
    """Is a folded word another one with a slip?

    The first letter holds: `selection` is no slip for `election`. Slips that
    make other words easily count only in long words, or (`opens`) for those
    that name an election.
    """
    letters, length = len(of), len(written)
    if written[0] != of[0] or not of.isalpha() or max(of) >= _ALPHABETS_END:
        return False
    if abs(letters - length) == 1:
        longer, shorter = (of, written) if letters > length else (written, of)
        # Another last letter is another form of the word.
        return (
            letters >= SLIP_LETTERS
            and max(of) < _SEMITIC
            and longer[:-1] != shorter
            and any(shorter == one for one in without_one(longer))
        )
    places = [at for at, pair in enumerate(zip(written, of, strict=True)) if pair[0] != pair[1]]
    if len(places) == 2:  # noqa: PLR2004 - two letters swapped
        first, second = places
        return (
            letters >= (SWAPPED_LETTERS if opens else SLIP_LETTERS)
            and second == first + 1
            and written[first] == of[second]
            and written[second] == of[first]
        )
    return (
        len(places) == 1
        and OTHER_LETTERS <= letters != places[0] + 1
        and written[places[0]] in BESIDE.get(of[places[0]], "")
    )


def swapped_or_short(word: str) -> Iterator[str]:
    """Yield the word with two letters swapped, or without one."""
    for at in range(1, len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if len(word) >= SLIP_LETTERS:
        yield from without_one(word)


def misspellings(word: str) -> Iterator[str]:
    """Yield the misspellings of a word that names an election, but for most letters too many."""
    length = len(word)
    if length >= SWAPPED_LETTERS:
        yield from swapped_or_short(word)
    if length >= OTHER_LETTERS:
        for at in range(1, length):
            for other in BESIDE.get(word[at], ""):
                yield word[:at] + other + word[at + 1 :]
