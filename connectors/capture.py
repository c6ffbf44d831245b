"""What a live source received, kept byte for byte: `{"src", "recv_us", "cursor", "raw"}` a line.

Files are zstd NDJSON that `hustings ingest FOLDER` replays. Each flush ends a
zstd frame, so that a killed process leaves a file that is whole up to its last
flush.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, BinaryIO, Self

import orjson
import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

_LEVEL = 6


class CaptureWriter:
    """Appends frames to files of one folder; a new file by size and by age."""

    def __init__(
        self,
        folder: Path,
        src: str,
        *,
        max_file_bytes: int = 64 * 1024 * 1024,
        max_file_seconds: float = 3600.0,
        flush_seconds: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the folder; a file is begun with the first frame.

        Args:
            folder: where the files go.
            src: which wire the frames are of, for example `jetstream-v1`.
            max_file_bytes: begin a new file after so many bytes on the disk.
            max_file_seconds: begin a new file after so long.
            flush_seconds: the most that a crash may lose, in time.
            monotonic: for ages.

        Raises:
            OSError: the folder cannot be made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._src = src
        self._max_file_bytes = max_file_bytes
        self._max_file_seconds = max_file_seconds
        self._flush_seconds = flush_seconds
        self._monotonic = monotonic
        self._file: BinaryIO | None = None
        self._packer: zstandard.ZstdCompressionWriter | None = None
        self._began = self._flushed = 0.0

    def write(self, frame: bytes, received_at: datetime, cursor: str | int | None = None) -> None:
        """Keep one frame.

        Raises:
            OSError: the disk is full, or the folder is gone.
        """
        now = self._monotonic()
        if self._packer is None:
            self._begin(received_at, now)
        assert self._packer is not None  # noqa: S101 - _begin made it
        line = {
            "src": self._src,
            "recv_us": int(received_at.timestamp() * 1_000_000),
            "cursor": cursor,
            # Frames that are no UTF-8 would end as dead letters anyway; how they looked is kept.
            "raw": frame.decode("utf-8", "replace"),
        }
        self._packer.write(orjson.dumps(line) + b"\n")
        if now - self._flushed >= self._flush_seconds:
            self.flush()
            self._flushed = now
            self._rotate(now)

    def flush(self) -> None:
        """Put all that was written so far on its way to the disk."""
        if self._packer is not None and self._file is not None:
            self._packer.flush(zstandard.FLUSH_FRAME)
            self._file.flush()

    def close(self) -> None:
        """End the file; safe to call twice."""
        if self._packer is not None and self._file is not None:
            self.flush()
            self._packer = None
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, received_at: datetime, now: float) -> None:
        stem = f"{self._src}-{received_at:%Y%m%dT%H%M%S}-{received_at.microsecond:06d}"
        number = 0
        while (path := self._folder / f"{stem}-{number:03d}.ndjson.zst").exists():
            number += 1
        self._file = path.open("xb")
        self._packer = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(
            self._file, closefd=False
        )
        self._began = self._flushed = now

    def _rotate(self, now: float) -> None:
        assert self._file is not None  # noqa: S101 - called with an open file
        if self._file.tell() >= self._max_file_bytes or now - self._began >= self._max_file_seconds:
            self.close()
