"""Lines of files, packed or not, in bounded memory, with what broke off at the end.

The packing is told by the first bytes, not by the name. Decompression is
bounded step by step: a small file that unpacks to terabytes is read like any
other long file.
"""

from __future__ import annotations

import bz2
import hashlib
import os
import select
import stat
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import zstandard

from streams.schema.dead_letter import KEPT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_READ_BYTES = 256 * 1024
_UNPACKED_BYTES = 1024 * 1024
_ZSTD_STEP_BYTES = 512
_SELECT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end."""

    number: int
    """From 1."""
    start: bytes
    """The whole line, or the first 256 KiB of one that is too long."""
    length: int
    sha256: str | None = None
    """Of the whole line where `start` is not the whole."""

    @property
    def cut(self) -> bool:
        """Whether `start` is not the whole line."""
        return self.sha256 is not None


class BrokenOffError(Exception):
    """A packed file ends in the middle or cannot be unpacked from here on."""

    def __init__(self, detail: str, rest: bytes = b"") -> None:
        super().__init__(detail)
        self.rest = rest
        """What came after the last whole line."""


class ByteReader:
    """Bytes of a file descriptor, in pieces; knows how many it has read.

    From a pipe a piece may be None: nothing there yet. Waiting longer would
    keep the connector from stopping.
    """

    def __init__(self, fd: int, *, owned: bool) -> None:
        self._fd = fd
        self._owned = owned
        self._may_wait = not stat.S_ISREG(os.fstat(fd).st_mode)
        self.read_bytes = 0

    @classmethod
    def of_path(cls, path: Path) -> ByteReader:
        """Open a file.

        Raises:
            OSError: it cannot be opened.
        """
        return cls(os.open(path, os.O_RDONLY | os.O_CLOEXEC), owned=True)

    def __iter__(self) -> Iterator[bytes | None]:
        while True:
            if self._may_wait and not select.select([self._fd], [], [], _SELECT_SECONDS)[0]:
                yield None
                continue
            piece = os.read(self._fd, _READ_BYTES)
            if not piece:
                return
            self.read_bytes += len(piece)
            yield piece

    def close(self) -> None:
        """Close the file if it is ours; safe to call twice."""
        if self._owned and self._fd >= 0:
            os.close(self._fd)
        self._fd = -1


def lines_of(pieces: Iterator[bytes | None], *, max_bytes: int) -> Iterator[Line | None]:
    """Yield the lines of unpacked bytes; None where nothing is there yet.

    Args:
        pieces: the bytes, cut anywhere.
        max_bytes: of a longer line only the beginning, length and digest are kept.

    Raises:
        BrokenOffError: as `unpacked`, after the last whole line.
    """
    number = 0
    tail = b""
    long: _LongLine | None = None
    try:
        for piece in pieces:
            if piece is None:
                yield None
                continue
            if long is not None:
                end = piece.find(b"\n")
                long.add(piece if end < 0 else piece[:end])
                if end < 0:
                    continue
                number += 1
                yield long.line(number)
                long, tail = None, piece[end + 1 :]
            else:
                tail += piece
            *complete, tail = tail.split(b"\n")
            for line in complete:
                number += 1
                yield _line(number, line, max_bytes)
            if len(tail) > max_bytes:
                long, tail = _LongLine(tail), b""
    except BrokenOffError as error:
        raise BrokenOffError(str(error), (long.start if long else tail)[:KEPT_BYTES]) from error
    if long is not None:
        yield long.line(number + 1)
    elif tail:
        yield _line(number + 1, tail, max_bytes)


def unpacked(pieces: Iterator[bytes | None]) -> Iterator[bytes | None]:
    """Yield a file's bytes, unpacked if its first bytes are those of gzip, zstd or bzip2.

    Raises:
        BrokenOffError: a packed file is cut off or damaged.
    """
    head = b""
    for piece in pieces:
        if piece is None:
            yield None
            continue
        head += piece
        if len(head) >= max(map(len, _MAGIC)):
            break
    for magic, unpacker in _MAGIC.items():
        if head.startswith(magic):
            yield from _unpack(_chain(head, pieces), unpacker)
            return
    yield from _chain(head, pieces)


def _line(number: int, line: bytes, max_bytes: int) -> Line:
    if len(line) > max_bytes:
        return _LongLine(line).line(number)
    return Line(number, line, len(line))


class _LongLine:
    def __init__(self, start: bytes) -> None:
        self.start = start[:KEPT_BYTES]
        self._length = len(start)
        self._digest = hashlib.sha256(start)

    def add(self, piece: bytes) -> None:
        self._length += len(piece)
        self._digest.update(piece)

    def line(self, number: int) -> Line:
        return Line(number, self.start, self._length, self._digest.hexdigest())


def _chain(head: bytes, pieces: Iterator[bytes | None]) -> Iterator[bytes | None]:
    if head:
        yield head
    yield from pieces


class _Unpacker(Protocol):
    """What zlib, bz2 and zstd have in common, made one."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused(self) -> bytes: ...

    def feed(self, piece: bytes) -> Iterator[bytes]: ...


class _Zlib:
    def __init__(self) -> None:
        self._object = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused(self) -> bytes:
        return self._object.unused_data

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            yield self._object.decompress(piece, _UNPACKED_BYTES)
            piece = self._object.unconsumed_tail


class _Bzip2:
    def __init__(self) -> None:
        self._object = bz2.BZ2Decompressor()

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused(self) -> bytes:
        return self._object.unused_data

    def feed(self, piece: bytes) -> Iterator[bytes]:
        yield self._object.decompress(piece, _UNPACKED_BYTES)
        while not self._object.eof and not self._object.needs_input:
            yield self._object.decompress(b"", _UNPACKED_BYTES)


class _Zstd:
    # Its stream reader ends a cut-off frame like a whole one, and its decompressobj gives all
    # output of an input at once: so it is fed little by little.
    def __init__(self) -> None:
        self._object = zstandard.ZstdDecompressor().decompressobj()
        self._unfed = b""

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused(self) -> bytes:
        return self._object.unused_data + self._unfed

    def feed(self, piece: bytes) -> Iterator[bytes]:
        for start in range(0, len(piece), _ZSTD_STEP_BYTES):
            end = start + _ZSTD_STEP_BYTES
            yield self._object.decompress(piece[start:end])
            if self._object.eof:
                self._unfed = piece[end:]
                return


_MAGIC: dict[bytes, Callable[[], _Unpacker]] = {
    b"\x1f\x8b\x08": _Zlib,
    b"\x28\xb5\x2f\xfd": _Zstd,
    b"BZh": _Bzip2,
}


def _unpack(
    pieces: Iterator[bytes | None], make: Callable[[], _Unpacker]
) -> Iterator[bytes | None]:
    """Unpack member after member; packers and rotating writers put several into one file."""
    unpacker = make()
    begun = False
    try:
        for piece in pieces:
            if piece is None:
                yield None
                continue
            rest = piece
            while rest:
                if not begun and not rest.strip(b"\0"):
                    break  # zeros after the last member: padding of tapes and blocks
                begun = True
                for out in unpacker.feed(rest):
                    if out:
                        yield out
                rest = b""
                if unpacker.eof:
                    rest = unpacker.unused
                    unpacker = make()
                    begun = False
    except (zlib.error, OSError, ValueError, zstandard.ZstdError, EOFError) as error:
        raise BrokenOffError(f"cannot be unpacked from here on: {error}") from error
    if begun:
        raise BrokenOffError("the packed file is cut off")
