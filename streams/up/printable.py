"""Hostile text for a terminal: no control codes, no direction tricks, a bounded width."""

from __future__ import annotations

import unicodedata

_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_KEPT_FORMAT = frozenset("\u200c\u200d")  # joiners that Persian, Hindi and emoji need
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str, width: int) -> str:
    """Return one line of at most `width` characters that is safe to print.

    A post could otherwise move the cursor, rewrite what stands on the screen or
    turn the direction of all that follows.
    """
    kept = []
    for char in text[: 4 * width + 64]:
        if char in "\t\n\r\v\f\u2028\u2029\u0085":
            kept.append(" ")
        elif char in _BIDI_CONTROLS or (
            unicodedata.category(char) in _UNPRINTABLE and char not in _KEPT_FORMAT
        ):
            continue
        else:
            kept.append(char)
    line = " ".join("".join(kept).split())
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"
