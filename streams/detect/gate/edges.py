"""Where a word may begin and end in raw bytes."""

from __future__ import annotations

from streams.detect.folding import FOLDED
from streams.detect.lexicon import fold_word

SHORT = 5
"""Words of so few letters must end where the pattern ends: `vote`, not `voter`."""
EDGED = 4
"""Literals of so few bytes are common inside other words."""
SLIP_REACH = 9
"""Letters in which a slip is looked for: of a word with one behind them the beginning is found."""
# UTF-8 in bytes: the scan has no Unicode mode, in which invalid UTF-8 would be undefined behaviour.
LEFT = rb"(?:[^a-zA-Z]|\\[nrtbf])"
LOWER = frozenset(b"abcdefghijklmnopqrstuvwxyz")
UPPER = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ESCAPED = frozenset(b"nrtbf")
BACKSLASH = ord("\\")


def has_left_edge(word: str) -> bool:
    """Must the word begin where a word does? Latin ones must."""
    return "a" <= FOLDED[word[0]][:1] <= "z"


def has_right_edge(word: str) -> bool:
    """Must the word end where a word does?"""
    return not word.endswith("*") and len(word) <= SHORT and fold_word(word).isascii()
