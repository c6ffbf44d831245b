"""YAML as plain values with the line of each: safe, bounded, without surprises.

Refused, because a reader of the file could not see what they do: duplicate
keys, anchors and aliases (a few lines of them can fill the memory), tags,
keys that are not text (`no:` is a boolean in YAML), several documents.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import yaml

from streams.packs.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A hundred thousand claims of usual length fit; what is larger is no pack."""
MAX_DEPTH: Final = 20
"""Packs are five deep; the parser recurses and would end the process far below."""
MAX_SCALAR_CHARACTERS: Final = 10_000
"""No field is longer; long digits would be turned into numbers in quadratic time."""

Where = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top of the document."""

_PREFIX = "tag:yaml.org,2002:"
_SCALARS = frozenset(
    _PREFIX + name for name in ("str", "int", "float", "bool", "null", "timestamp")
)


class Tree:
    """A parsed file: its value, and the line of every part of it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.value: Any = None
        self.problems: list[Problem] = []
        self._lines: dict[Where, int] = {}
        self._scalars = yaml.constructor.SafeConstructor()

    def line(self, path: Where) -> int:
        """Return the line of a part, or of the nearest part around it; 0 for none."""
        for length in range(len(path), -1, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return 0

    def problem(self, path: Where, reason: str) -> None:
        """Remember a problem of the part at `path`."""
        self.problems.append(Problem(self.file, self.line(path), reason))

    def fill(self, node: yaml.Node | None) -> None:
        """Take over a composed document."""
        self.value = self._walk(node, ()) if node is not None else None

    def _walk(self, node: yaml.Node, path: Where) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == _PREFIX + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _PREFIX + "seq":
            return [self._walk(child, (*path, at)) for at, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
            return self._scalar(node, path)
        self.problem(path, "a YAML tag; write the value without one")
        return None

    def _mapping(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _PREFIX + "str":
                self.problems.append(
                    Problem(self.file, line, "a key that is not text; put it in quotes")
                )
                continue
            key = key_node.value
            if key in found:
                first = self.line((*path, key))
                self.problems.append(
                    Problem(self.file, line, f"key {key!r} stands twice (first in line {first})")
                )
                continue
            self._lines[(*path, key)] = line
            found[key] = self._walk(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.ScalarNode, path: Where) -> Any:
        if len(node.value) > MAX_SCALAR_CHARACTERS:
            self.problem(path, f"longer than {MAX_SCALAR_CHARACTERS:,} characters")
            return None
        try:
            value: Any = self._scalars.construct_object(node)
        except (ValueError, OverflowError, yaml.YAMLError) as error:
            self.problem(path, f"not a value of its kind: {str(error).splitlines()[0]}")
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        return value


def read_tree(file: Path) -> Tree:
    """Read a YAML file; what is wrong with it stands in the tree's `problems`."""
    tree = Tree(file)
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            tree.problem((), f"larger than {MAX_FILE_BYTES // 2**20} MiB")
            return tree
        raw = file.read_bytes()
    except OSError as error:
        tree.problem((), f"cannot be read: {error.strerror}")
        return tree
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        tree.problems.append(Problem(file, line, "not UTF-8"))
        return tree
    try:
        if not _bounded(text, tree):
            return tree
        tree.fill(yaml.compose(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        tree.problems.append(Problem(file, _line_of(error, text), _reason_of(error)))
    return tree


def _bounded(text: str, tree: Tree) -> bool:
    """Look at the events, which need no memory, before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            tree.problems.append(Problem(tree.file, line, "an anchor or alias; write it out"))
            return False
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                tree.problems.append(Problem(tree.file, line, f"nested more than {MAX_DEPTH} deep"))
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return True


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    position = getattr(error, "position", None)
    return text.count("\n", 0, position) + 1 if isinstance(position, int) else 0


def _reason_of(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    return f"not YAML: {problem or str(error).splitlines()[0]}"
