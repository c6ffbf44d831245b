"""What can be wrong with packs and claims.

PackErrors          the files hold problems; correct them and try again
TopicError          a topic cannot be read or written; see its message
└ ClaimsTopicError  … the `claims` topic
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to correct, with its place."""

    file: Path
    line: int
    """From 1; 0 when the problem is the file as a whole."""
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.reason}"


class PackErrors(Exception):  # noqa: N818 - it holds several
    """Files that cannot be loaded, with every problem found in them.

    Attributes:
        problems: sorted by file and line, without repeats.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class TopicError(Exception):
    """A topic cannot be read or written; the message says what to do."""


class ClaimsTopicError(TopicError):
    """The `claims` topic cannot be read or written; the message says what to do."""
