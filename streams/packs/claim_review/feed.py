"""The reviews in a file: one object, a list, `@graph`, a DataFeed, or a JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of one file; the feeds of all fact-checkers together are a fifth of it."""
_DEPTH: Final = 40
_TYPE: Final = "ClaimReview"
_HOLDERS: Final = ("@graph", "dataFeedElement", "item", "itemListElement", "mainEntity")
"""Where lists and feeds hold their parts."""
_PREFIXES: Final = ("http://schema.org/", "https://schema.org/", "schema:")


class FeedError(ValueError):
    """The file as a whole cannot be read.

    Attributes:
        place: line or path inside the file.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place


@dataclass(frozen=True, slots=True)
class Element:
    """An object that says it is a ClaimReview, with its place: `line 3`, `$.@graph[2]`."""

    place: str
    value: dict[str, Any]


def elements(data: bytes) -> list[Element]:
    """Return the reviews of a file in their order.

    Raises:
        FeedError: not JSON, nested too deep, or not one review in it.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        roots = [("$", orjson.loads(data))]
    except orjson.JSONDecodeError as error:
        roots = list(_lines(data, error))
    found = [one for place, root in roots for one in _walk(root, place)]
    if not found:
        raise FeedError("$", f"no {_TYPE} in it: nothing has this @type")
    return found


def _lines(data: bytes, whole: orjson.JSONDecodeError) -> Iterator[tuple[str, Any]]:
    """Yield the JSON of each line; the first line decides whether they are lines at all."""
    lines = [(at, line) for at, line in enumerate(data.split(b"\n"), start=1) if line.strip()]
    for at, line in lines:
        try:
            yield f"line {at}", orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if at == lines[0][0]:
                raise FeedError(
                    f"line {whole.lineno}", f"not JSON: {whole.msg} at column {whole.colno}"
                ) from None
            raise FeedError(
                f"line {at}", f"not JSON: {error.msg} at column {error.colno}"
            ) from None
    if not lines:
        raise FeedError("$", "empty")


def _walk(root: Any, place: str) -> Iterator[Element]:
    """Yield the reviews below a value, in order; recursion could end the process."""
    waiting = [(place, root, 0)]
    while waiting:
        where, value, depth = waiting.pop()
        if depth > _DEPTH:
            raise FeedError(where[:200], f"nested deeper than {_DEPTH}")
        below: list[tuple[str, Any, int]] = []
        if isinstance(value, list):
            below = [(f"{where}[{at}]", one, depth + 1) for at, one in enumerate(value)]
        elif isinstance(value, dict):
            if _is_review(value):
                yield Element(where, value)
                continue
            below = [
                (f"{where}.{name}", value[name], depth + 1) for name in _HOLDERS if name in value
            ]
        waiting.extend(reversed(below))


def _is_review(value: dict[str, Any]) -> bool:
    kinds = value.get("@type")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if isinstance(kind, str):
            for prefix in _PREFIXES:
                kind = kind.removeprefix(prefix)  # noqa: PLW2901 - one of them at most is there
            if kind == _TYPE:
                return True
    return False
