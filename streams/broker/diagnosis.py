"""What a broker's last words mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streams.broker.errors import (
    DiskFull,
    FolderBusy,
    NotEnoughMemory,
    OtherCluster,
    PortTaken,
    StartFailed,
)

if TYPE_CHECKING:
    from pathlib import Path

    from streams.broker.errors import BrokerError

_TAIL_BYTES: Final = 64 * 1024
_LAST_LINES: Final = 3
_LINE_CHARACTERS: Final = 200
_NEARLY_NOTHING_BYTES: Final = 8 * 1024 * 1024
_KILLED: Final = frozenset({-9, 137})

_DISK_FULL: Final = "The disk with Kafka's data is full"
_FREE_SPACE: Final = "Free some space, or name a data folder on another disk (HUSTINGS_DATA_DIR)."

_CAUSES: Final[tuple[tuple[str, type[BrokerError], str, str], ...]] = (
    (
        r"Address already in use|Failed to bind",
        PortTaken,
        "Kafka's port is taken by another program",
        "Stop that program, or name another port (`hustings kafka start --port`).",
    ),
    (
        r"No space left on device|Disk quota exceeded",
        DiskFull,
        _DISK_FULL,
        _FREE_SPACE,
    ),
    (
        (
            r"Could not reserve enough space|insufficient memory for the Java|OutOfMemoryError"
            r"|Invalid maximum heap size|Cannot allocate memory"
        ),
        NotEnoughMemory,
        "This machine does not give Kafka the memory that it needs",
        "Free memory or lower its heap; 512 MB of heap, 700 MB in all, are enough for one node.",
    ),
    (
        r"Failed to acquire lock on file",
        FolderBusy,
        "Another Kafka still runs on this data folder",
        "Stop it, or name another data folder.",
    ),
    (
        r"Invalid cluster\.id|INCONSISTENT_CLUSTER_ID|InconsistentClusterId",
        OtherCluster,
        "The data folder belongs to another Kafka cluster",
        "Name another data folder, or move this one away.",
    ),
)


def diagnose(words: str, status: int | None, log: Path, *, free_bytes: int) -> BrokerError:
    """Return the error that says why a broker died.

    Args:
        words: the end of what it wrote.
        status: its exit status; None when it still runs but is not ready.
        log: the file that the error names.
        free_bytes: what its disk has left.
    """
    for pattern, kind, what, remedy in _CAUSES:
        if re.search(pattern, words):
            return kind(what, remedy=remedy, log=log)
    if free_bytes < _NEARLY_NOTHING_BYTES:
        # A full disk takes the log's last lines too: the words alone would not tell.
        return DiskFull(_DISK_FULL, remedy=_FREE_SPACE, log=log)
    if status in _KILLED:
        return NotEnoughMemory(
            "Kafka was killed from outside (SIGKILL)",
            remedy="Most often the system did it because memory ran out: free some, then start "
            "again.",
            log=log,
        )
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    # An error's first line says more than the stack that follows it.
    telling = [line for line in lines if re.search(r" (ERROR|FATAL) |^Error|Exception: ", line)]
    last = " | ".join(line[:_LINE_CHARACTERS] for line in (telling or lines)[-_LAST_LINES:])
    return StartFailed(
        f"Kafka stopped with status {status}" if status is not None else "Kafka is not ready",
        remedy=f"Its last words: {last or 'none'}.",
        log=log,
    )


def tail(path: Path) -> str:
    """Return the end of a log; nothing when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
