"""Posts from files, folders and standard input, as if they came in now."""

from __future__ import annotations

import base64
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from connectors.errors import Fatal
from connectors.files import BrokenOffError, ByteReader, Line, lines_of, unpacked
from connectors.folder import InputFile, check_same, files_of, fingerprint
from connectors.formats.lines import MAX_LINE_BYTES, parse_line
from connectors.formats.outcome import Bad, Context, Outcome, Skipped
from connectors.pace import FlatOut, Pace
from connectors.source import Batch
from streams.schema import DeadLetter, Fault, Post, stable_id

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from connectors.source import Position

_LOG = structlog.stdlib.get_logger(__name__)

STANDARD_INPUT = "-"
_PIPE_RETRY_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class _Unit:
    """What one line gave; never split, so that a position between lines is enough."""

    position: Position
    posts: tuple[Post, ...]
    dead_letters: tuple[DeadLetter, ...]
    skipped: tuple[str, ...]
    size: int


class ReplaySource:
    """Files as a source; `-` reads standard input, which cannot be resumed."""

    name = "replay"

    def __init__(
        self,
        path: str,
        *,
        connector_id: str | None = None,
        pace: Pace | None = None,
        limit: int | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare to read; nothing is opened yet.

        Args:
            path: a file, a folder, or `-`.
            connector_id: by default made from the absolute path, so that the same
                file goes on where it stopped.
            pace: how fast; flat out by default.
            limit: stop after so many posts of this run.
            clock: the time of receipt.
            monotonic: for waiting.
            sleep: for waiting.
        """
        self._standard_input = path == STANDARD_INPUT
        self._root = Path(path)
        self.connector_id = connector_id or default_connector_id(path)
        self._pace = pace or FlatOut()
        self._limit = limit
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._run = f"{int(clock().timestamp() * 1000):013d}"
        self._units = _nothing()
        self._held: _Unit | None = None
        self._ended = False
        self._position: Position = {}
        self._handed_out = 0
        self._last_batch: Batch | None = None
        self._again: Batch | None = None
        self._reader: ByteReader | None = None
        self._bytes_before = 0
        self.total_bytes = 0
        """Bytes to read, as they lie on the disk; 0 where nobody can know."""

    @property
    def is_endless(self) -> bool:
        """Whether nobody can know how much there is to read."""
        return self._standard_input

    @property
    def read_bytes(self) -> int:
        """Bytes read so far, as they lie on the disk."""
        return self._bytes_before + (self._reader.read_bytes if self._reader else 0)

    def open(self, position: Position | None) -> None:
        """Start after `position`.

        Raises:
            Fatal: there is nothing to read, or it is not what it was.
        """
        if self._standard_input:
            self._open_standard_input(position)
            return
        self.close()
        self._held, self._ended = None, False
        try:
            files = files_of(self._root)
            self.total_bytes = sum(file.size for file in files)
            self._units = self._read(self._after(files, position or {}), position or {})
        except OSError as error:
            raise Fatal(f"cannot read {self._root}: {error.strerror or error}") from error
        self._position = position or {}

    def next_batch(self, *, max_records: int, max_bytes: int, max_seconds: float) -> Batch | None:
        """Return the posts that are due; see `Source`."""
        if self._again is not None:
            self._last_batch, self._again = self._again, None
            return self._last_batch
        deadline = self._monotonic() + max_seconds
        posts: list[Post] = []
        dead_letters: list[DeadLetter] = []
        skipped: Counter[str] = Counter()
        size = 0
        while not self._ended:
            unit = self._next_unit(deadline)
            if unit is None:
                break
            more = len(unit.posts) + len(unit.dead_letters)
            room = max_records - len(posts) - len(dead_letters)
            if (posts or dead_letters) and (more > room or size + unit.size > max_bytes):
                self._held = unit
                break
            self._pace.took(len(unit.posts), self._monotonic())
            posts += unit.posts
            dead_letters += unit.dead_letters
            skipped.update(unit.skipped)
            size += unit.size
            self._position = unit.position
            self._handed_out += len(unit.posts)
            self._ended = self._limit is not None and self._handed_out >= self._limit
            if more >= room or size >= max_bytes or self._monotonic() >= deadline:
                break
        if not (posts or dead_letters or skipped or self._ended):
            return None
        batch = Batch(
            position=self._position,
            posts=tuple(posts),
            dead_letters=tuple(dead_letters),
            finished=self._ended,
            skipped=skipped,
        )
        self._last_batch = batch
        return batch

    def close(self) -> None:
        """Close the file; standard input stays open for the next `open` of this process."""
        if not self._standard_input:
            self._units.close()
            self._units = _nothing()
            self._bytes_before = 0

    def _next_unit(self, deadline: float) -> _Unit | None:
        """Return the next unit once it is due; None at the end or when time is up."""
        while True:
            held, self._held = self._held, None
            waited = held is not None
            unit = held
            if unit is None:
                try:
                    unit = next(self._units)
                except StopIteration:
                    self._ended = True
                    return None
                except OSError as error:
                    raise Fatal(f"cannot read {self._root}: {error}") from error
            now = self._monotonic()
            if unit is None:
                if now >= deadline:
                    return None
                self._sleep(_PIPE_RETRY_SECONDS)
                continue
            created_at = unit.posts[0].created_at if unit.posts else None
            wait = self._pace.wait(created_at, now) if unit.posts else 0.0
            if wait <= 0:
                return self._received_now(unit) if waited else unit
            self._held = unit
            self._sleep(max(0.0, min(wait, deadline - now)))
            if now + wait > deadline:
                return None

    def _received_now(self, unit: _Unit) -> _Unit:
        # The wait for its turn is no part of the time to label.
        now = {"received_at": self._clock()}
        return replace(unit, posts=tuple(post.model_copy(update=now) for post in unit.posts))

    def _open_standard_input(self, position: Position | None) -> None:
        if self._reader is None:
            if position is not None:
                _LOG.info("replay.standard_input_from_the_start", connector=self.connector_id)
            self._reader = ByteReader(sys.stdin.fileno(), owned=False)
            self._units = self._lines(self._reader, None, 0)
            return
        # Kafka failed in mid-run. What was read is gone from the pipe: hand it out again unless
        # it was committed after all.
        last = self._last_batch
        self._again = last if last is not None and last.position != position else None

    def _after(self, files: list[InputFile], position: Position) -> list[InputFile]:
        """Raises Fatal."""
        stopped_in = position.get("file")
        if stopped_in is None:
            return files
        rest = [file for file in files if file.name >= stopped_in]
        if not rest or rest[0].name != stopped_in:
            raise Fatal(
                f"the file {stopped_in}, in which this connector stopped, is no longer in "
                f"{self._root}: put it back, or start afresh with another --connector-id"
            )
        check_same(rest[0].path, position)
        self._bytes_before = sum(file.size for file in files[: len(files) - len(rest)])
        return rest

    def _read(
        self, files: list[InputFile], position: Position
    ) -> Generator[_Unit | None, None, None]:
        first = position.get("index", 0)
        for index, file in enumerate(files, first):
            resumed = position if position and index == first else {}
            reader = self._reader = ByteReader.of_path(file.path)
            try:
                yield from self._lines(reader, file, index, resumed)
            finally:
                reader.close()
                self._reader = None
            self._bytes_before += reader.read_bytes

    def _lines(
        self,
        reader: ByteReader,
        file: InputFile | None,
        index: int,
        resumed: Position | None = None,
    ) -> Generator[_Unit | None, None, None]:
        """Yield what the lines of one file give, those after the position."""
        resumed = resumed or {}
        done = resumed.get("line", 0)
        place = STANDARD_INPUT if file is None else file.place
        base: dict[str, Any] = {"file": STANDARD_INPUT, "run": self._run}
        version = self._run
        if file is not None:
            base = {"file": file.name, "index": index, **fingerprint(file.path)}
            version = f"{index:06d}"
        number = 0
        try:
            for line in lines_of(unpacked(iter(reader)), max_bytes=MAX_LINE_BYTES):
                if line is None:
                    yield None
                    continue
                number = line.number
                if number <= done or not line.start.strip():
                    continue
                context = Context(self._clock(), f"{version}.{number:012d}", self.name)
                yield self._unit(line, context, place, {**base, "line": number})
        except BrokenOffError as error:
            if not resumed.get("broken_off"):
                position = {**base, "line": max(number, done), "broken_off": True}
                letter = DeadLetter.of(
                    origin=self.name,
                    place=f"{place}:{number + 1}",
                    fault=Fault.TRUNCATED,
                    detail=str(error),
                    original=error.rest,
                    happened_at=self._clock(),
                )
                yield _Unit(position, (), (letter,), (), len(error.rest))

    def _unit(self, line: Line, context: Context, place: str, position: Position) -> _Unit:
        outcomes: list[Outcome]
        if line.cut:
            outcomes = [Bad(Fault.TOO_LARGE, f"a line of {line.length:,} bytes")]
        else:
            outcomes = parse_line(line.start, context)
        posts, letters, skipped = [], [], []
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, Post):
                posts.append(outcome)
            elif isinstance(outcome, Skipped):
                skipped.append(outcome.kind)
            else:
                where = f"{place}:{line.number}" + (f"#{index}" if len(outcomes) > 1 else "")
                letters.append(self._dead_letter(line, where, outcome, context))
        return _Unit(position, tuple(posts), tuple(letters), tuple(skipped), line.length)

    def _dead_letter(self, line: Line, place: str, bad: Bad, context: Context) -> DeadLetter:
        if line.sha256 is None:
            return DeadLetter.of(
                origin=self.name,
                place=place,
                fault=bad.fault,
                detail=bad.detail,
                original=line.start,
                happened_at=context.received_at,
            )
        return DeadLetter(
            dead_letter_id=stable_id(self.name, place),
            origin=self.name,
            place=place,
            fault=bad.fault,
            detail=bad.detail,
            original_base64=base64.b64encode(line.start).decode(),
            original_bytes=line.length,
            original_sha256=line.sha256,
            happened_at=context.received_at,
        )


def _nothing() -> Generator[_Unit | None, None, None]:
    yield from ()


def default_connector_id(path: str) -> str:
    """Return the same id for the same file, however it was named."""
    if path == STANDARD_INPUT:
        return "replay-stdin"
    return f"replay-{stable_id(os.path.realpath(path))[:16]}"
