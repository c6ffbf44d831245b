"""Valid packs and claims with their places in files, and texts as they are compared."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from streams.packs.yaml_tree import Tree, Where

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Model]):
    """A valid pack or claim with its place in a file."""

    value: Model
    tree: Tree
    path: Where

    def problem(self, where: Where, reason: str) -> None:
        """Report something wrong with a part of it."""
        self.tree.problem((*self.path, *where), reason)

    def line(self, *where: str | int) -> int:
        """Return the line of a part."""
        return self.tree.line((*self.path, *where))

    def place(self, *where: str | int) -> str:
        """Return `file:line` of a part, to point at it from elsewhere."""
        return f"{self.tree.file.name}:{self.line(*where)}"


def fold(text: str) -> str:
    """Return a text's letters and digits in one case, single spaces between words."""
    kept = (
        c if unicodedata.category(c)[0] in "LMN" else " "
        for c in unicodedata.normalize("NFKC", text).casefold()
    )
    return " ".join("".join(kept).split())
