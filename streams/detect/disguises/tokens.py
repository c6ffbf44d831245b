"""Tokens of a text, read one by one and in parts for the words that they disguise."""

# ruff: noqa: RUF001 - look-alikes are what this module undoes

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from streams.detect.disguises.leet import read_leet
from streams.detect.disguises.mask import MASK, read_mask
from streams.detect.disguises.stretch import read_word
from streams.detect.vocabulary import MOST_LETTERS

if TYPE_CHECKING:
    from streams.detect.draft import Draft

MOST_READ = 1_000
"""Words of a post that are read for disguises; those behind them are read as they stand."""
MOST_ODD = 100
"""Words with signs among their letters; they are read in several ways."""
_TOKEN = re.compile(r"(?:https?://|www\.)\S+|[^\s\"“”«»()\[\]{},;<>…]{4,80}", re.IGNORECASE)
_SIGN_INSIDE = re.compile(r"\w\W+\w|[\d@$]")
_EDGES = re.compile(r"^[^\w@$]*(.*?)[^\w$@]*$", re.DOTALL)
_PART = re.compile(r"[^\s/'’:.-]{4,40}")


def _sub_part(part: str, *, whole: str) -> list[str] | None:
    edges = _EDGES.match(part)
    if edges is None or not edges[1]:
        return None
    core = edges[1]
    start, end = edges.span(1)
    if core.isalpha():
        read = read_word(core)
    elif core == whole:
        return None
    else:
        read = read_leet(core) or (read_mask(core) if MASK.search(core) else None)
    return None if read is None else [*part[:start], *read, *part[end:]]


_REMEMBERED = 50_000
_READ: dict[str, tuple[list[str] | None, bool]] = {}
"""Tokens as they were read, and whether they hold signs; emptied when full."""


def read_tokens(draft: Draft) -> None:
    """Read each word of the draft, not more than the bounds: the same ones in every process."""
    changed: list[str] | None = None
    odd = 0
    for match in islice(_TOKEN.finditer(draft.text), MOST_READ):
        token = match[0]
        read = _READ.get(token)
        if read is None:
            is_odd = not token.isalpha() and _SIGN_INSIDE.search(token) is not None
            # Signs cost time: those of a post full of them are not read at all.
            pieces = _token(token) if not is_odd or odd < MOST_ODD else None
            read = pieces, is_odd
            if not is_odd or odd < MOST_ODD:
                if len(_READ) >= _REMEMBERED:
                    _READ.clear()
                _READ[token] = read
        pieces, is_odd = read
        odd += is_odd
        if pieces is not None and (odd <= MOST_ODD or not is_odd):
            changed = changed or list(draft.text)
            changed[match.start() : match.end()] = pieces
    if changed is not None:
        draft.replace(changed)


def _token(token: str) -> list[str] | None:
    if token.isalpha():
        return read_word(token) if len(token) <= MOST_LETTERS else None
    if "://" in token or token[:4].lower() == "www.":
        return None
    return _parts(token)


def _parts(token: str) -> list[str] | None:
    """Read a token of more than letters: whole, then its parts."""
    edges = _EDGES.match(token)
    if edges is None or not edges[1]:
        return None
    start, end = edges.span(1)
    core = token[start:end]
    if len(core) <= MOST_LETTERS and not core.isalpha():
        whole = read_leet(core) or (read_mask(core) if MASK.search(core) else None)
        if whole is not None:
            return [*token[:start], *whole, *token[end:]]
    if core[0] == "@":
        return None
    pieces: list[str] | None = None
    for part in _PART.finditer(token):
        word = read_word(part[0]) if part[0].isalpha() else _sub_part(part[0], whole=core)
        if word is not None:
            pieces = pieces or list(token)
            pieces[part.start() : part.end()] = word
    return pieces
