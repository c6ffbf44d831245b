"""Hostile text on a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.up.printable import printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red \x1b[31m\x07 alert", "red [31m alert"),
        ("a\nb\r\tc", "a b c"),
        ("abc\u202edef", "abcdef"),
        ("نعم\u2067x", "نعمx"),
        ("क\u200dष", "क\u200dष"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("x" * 50, "x" * 19 + "…"),
    ],
)
def test_text_is_made_safe(text, expected):
    assert printable(text, 20) == expected


@given(st.text(), st.integers(1, 80))
def test_no_text_breaks_the_line_or_moves_the_cursor(text, width):
    line = printable(text, width)
    assert len(line) <= width
    assert not any(unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} for char in line)
