"""Reading many claims in another process: in this one it would take every second turn.

A line of JSON for the packs and one for each claim goes in; a line with what was read of
each claim comes out, in the same order.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING, Final

import orjson
import structlog

from streams.detect.ear import load_ear
from streams.detect.lexicon import load_lexicon
from streams.detect.shelf import ClaimShelf
from streams.detect.sides import Sides
from streams.detect.statements import Statement, read_statements
from streams.lifeline import Child, watch_parent
from streams.schema import Claim, ElectionPack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streams.detect.catalogue import Catalogue

log = structlog.get_logger(__name__)

_COMMAND: Final = (sys.executable, "-m", "streams.worker.reading")
_NICENESS: Final = 10
"""Labelling comes first when cores are few."""
_SAID_EVERY: Final = 20_000
"""Claims between two lines of the log."""


class ReadingError(RuntimeError):
    """The other process ended before all claims were read."""


def read_elsewhere(changed: Sequence[str], catalogue: Catalogue) -> Iterator[list[Statement]]:
    """Return what is read of each claim, in order; the process ends with the iterator.

    Raises:
        OSError: the process cannot be started.
        ReadingError: it ended early; the claims not yet returned are unread.
    """
    child = Child(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    given, taken = child.process.stdin, child.process.stdout
    assert given is not None  # noqa: S101 - a pipe was asked for
    assert taken is not None  # noqa: S101
    feeder = threading.Thread(
        target=_feed, args=(given, changed, catalogue), name="claims-to-read", daemon=True
    )
    feeder.start()
    try:
        for done, _ in enumerate(changed):
            if done % _SAID_EVERY == 0:
                log.info("claims_being_read", done=done, of=len(changed))
            line = taken.readline()
            if not line.endswith(b"\n"):
                raise ReadingError(f"reading stopped after {done} of {len(changed)} claims")
            yield [_unpacked(one) for one in orjson.loads(line)]
    finally:
        child.kill()
        child.stop()
        feeder.join()
        taken.close()


def _feed(given: IO[bytes], changed: Sequence[str], catalogue: Catalogue) -> None:
    claims = catalogue.claims
    try:
        with given:
            packs = [orjson.Fragment(pack.to_json()) for pack in catalogue.packs.values()]
            given.write(orjson.dumps(packs) + b"\n")
            for claim_id in changed:
                if isinstance(claims, ClaimShelf):
                    given.write(claims.record(claim_id) + b"\n")
                else:
                    given.write(claims[claim_id].to_json() + b"\n")
    except BrokenPipeError:
        pass  # The process is gone: whoever reads its answers says so.


def answer(lines: Iterable[bytes], out: IO[bytes]) -> None:
    """Read packs and claims, write what was read of each claim: the other end of the pipes."""
    given = iter(lines)
    packs = [ElectionPack.model_validate(pack) for pack in orjson.loads(next(given))]
    sides = Sides({pack.jurisdiction: pack for pack in packs})
    lexicon, ear = load_lexicon(), load_ear()
    for line in given:
        read = read_statements(Claim.from_json(line), sides, lexicon, ear)
        out.write(orjson.dumps([_packed(one) for one in read]) + b"\n")
    out.flush()


def _packed(one: Statement) -> tuple[object, ...]:
    return (one.language, one.flags, one.terms, one.mild, one.openers)


def _unpacked(fields: tuple[str, int, list[str], list[bool], list[str]]) -> Statement:
    language, flags, terms, mild, openers = fields
    return Statement(language, flags, tuple(terms), tuple(mild), tuple(openers))


def main() -> None:
    """Read claims for the process that started this one."""
    watch_parent()
    os.nice(_NICENESS)
    answer(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
