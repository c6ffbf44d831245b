"""The files of a replay in their order, and whether one is still what it was."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.errors import Fatal

_HEAD_BYTES = 4096
_ENDINGS = (".json", ".jsonl", ".ndjson")
_PACKED = (".gz", ".zst", ".bz2")


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to replay."""

    path: Path
    name: str
    """Relative to what the user named, in Unicode; sorts the files."""
    size: int

    @property
    def place(self) -> str:
        """The absolute path, as dead letters name it."""
        return _unicode(self.path.absolute())


def files_of(root: Path) -> list[InputFile]:
    """Return the file, or a folder's files of known endings, sorted by name.

    Raises:
        Fatal: there is nothing to read.
    """
    if root.is_dir():
        paths = [path for path in root.rglob("*") if _is_input(path, root) and path.is_file()]
        files = [InputFile(path, _unicode(path.relative_to(root)), _size(path)) for path in paths]
        if not files:
            raise Fatal(
                f"no posts in {root}: no file ends in {', '.join(_ENDINGS)}, packed "
                f"({', '.join(_PACKED)}) or not"
            )
        return sorted(files, key=lambda file: file.name)
    if not root.exists():
        raise Fatal(f"there is no {root}: name a file, a folder or - for standard input")
    return [InputFile(root, _unicode(Path(root.name)), _size(root))]


def fingerprint(path: Path) -> dict[str, Any]:
    """Return what tells later whether a file is still the same one, perhaps with more in it.

    Raises:
        OSError: the file cannot be read.
    """
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return {
        "size": path.stat().st_size,
        "head_bytes": len(head),
        "head_sha256": hashlib.sha256(head).hexdigest(),
    }


def check_same(path: Path, position: dict[str, Any]) -> None:
    """Compare a file with the fingerprint in a position.

    Raises:
        Fatal: it is another file now; its lines are not those that were counted.
        OSError: the file cannot be read.
    """
    head_bytes = position.get("head_bytes")
    if not isinstance(head_bytes, int) or not path.is_file():
        return
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(min(head_bytes, _HEAD_BYTES))).hexdigest()
    if path.stat().st_size < position.get("size", 0) or head != position.get("head_sha256"):
        raise Fatal(
            f"{path} is not the file that this connector stopped in (it stopped at line "
            f"{position.get('line')}): put the old one back, or start afresh with another "
            "--connector-id"
        )


def _is_input(path: Path, root: Path) -> bool:
    if any(part.startswith(".") for part in path.relative_to(root).parts):
        return False
    name = path.name.lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return name.endswith(_ENDINGS)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _unicode(path: Path) -> str:
    """Names may be any bytes; what goes into Kafka must be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")
