"""The bones of raw bytes: what is left of Latin words when one looks past their disguises.

Accents, capitals, digits for letters, dots between letters and doubled
letters go; texts and the words to look for go through the same press, so
words meet whatever was done to either. Only for finding what to look at
closely: `poll` and `pol` are one here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streams.detect.folding import FOLDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

BEGIN = b"\0"
_GAP = b"\x02"
"""Stands between the marks of two beginnings: doubled bytes are made one."""
_GONE = 3
_FIRST_LEAD = 0xC2
_LEADS = 0xCD - _FIRST_LEAD + 1
"""Two-byte characters up to the combining accents: Latin letters all."""
_LIKE = (b"0134567892@$!|l+", b"oieasbtbgzasiiit")


def _press() -> bytes:
    table = bytearray(range(256))
    table[ord("A") : ord("Z") + 1] = bytes(range(ord("a"), ord("z") + 1))
    for sign, letter in zip(*_LIKE, strict=True):
        table[sign] = letter
    table[ord("L")] = ord("i")
    return bytes(table)


_PRESS = _press()
_DROPPED = b".-_*~" + bytes([_GONE])


def _bones_of(char: str) -> bytes:
    """Return two bytes for a character of two bytes."""
    folded = FOLDED[char] if char not in "\u00ad\u00b7" else ""
    if not folded.isascii() or len(folded) > 2:  # noqa: PLR2004 - two bytes have no room for more
        return char.encode()
    return folded.encode().ljust(2, bytes([_GONE]))


_PAIRS = np.array(
    [
        list(_bones_of(chr(((lead + _FIRST_LEAD) & 0x1F) << 6 | low)))
        for lead in range(_LEADS)
        for low in range(64)
    ],
    dtype=np.uint8,
)


def bones(data: bytes) -> bytes:
    """Return the bones of some bytes: never more bytes than there were; linear."""
    raw = np.frombuffer(data, np.uint8)
    leads = np.flatnonzero((raw[:-1] - np.uint8(_FIRST_LEAD)) < _LEADS)
    if len(leads):
        following = raw[leads + 1]
        leads = leads[(following & 0xC0) == 0x80]  # noqa: PLR2004 - continuation bytes of UTF-8
        raw = raw.copy()
        places = (raw[leads].astype(np.intp) - _FIRST_LEAD) * 64 + (raw[leads + 1] & 0x3F)
        raw[leads] = _PAIRS[places, 0]
        raw[leads + 1] = _PAIRS[places, 1]
        data = raw.tobytes()
    pressed = np.frombuffer(data.translate(_PRESS, _DROPPED), np.uint8)
    keep = np.empty(len(pressed), np.bool_)
    keep[:1] = True
    np.not_equal(pressed[1:], pressed[:-1], out=keep[1:])
    return pressed[keep].tobytes()


def bones_of_values(values: Sequence[bytes]) -> tuple[bytes, npt.NDArray[np.intp]]:
    """Return the bones of values in a row and where each begins; each has a byte before it."""
    joint = _GAP + BEGIN
    joined = joint.join(values)
    if joined.count(0) != len(values) - 1:
        # A value with the byte that marks beginnings is no JSON; it must not move the others.
        joined = joint.join([value.replace(BEGIN, b" ") for value in values])
    pressed = bones(BEGIN + joined + _GAP)
    return pressed, np.flatnonzero(np.frombuffer(pressed, np.uint8) == 0)
