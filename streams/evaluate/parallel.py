"""Judging in several processes: the same answers, in the same order, on all cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from streams.detect.catalogue import Catalogue
from streams.detect.detector import build_detector
from streams.evaluate.judging import BATCH, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.detect.detector import Detector
    from streams.evaluate.judging import Advance, Asked, Verdict
    from streams.schema import Claim, ElectionPack

_detector: Detector | None = None


def judge_in_processes(
    catalogue: Catalogue,
    asked: Iterable[Asked],
    processes: int,
    advance: Advance | None = None,
) -> list[Verdict]:
    """Return what `judge` returns for the detector that ships.

    Args:
        catalogue: packs and claims; every process builds its own detector of some 400 MB.
        asked: the posts.
        processes: how many at once; each takes seconds to start.
        advance: told how many more texts are done.
    """
    posts = list(asked)
    distinct = list(dict.fromkeys(posts))
    counted = dict.fromkeys(distinct, 0)
    for one in posts:
        counted[one] += 1
    # The same batches as in one process: the encoder's last bits may depend on them.
    batches = [distinct[at : at + BATCH] for at in range(0, len(distinct), BATCH)]
    found: dict[Asked, Verdict] = {}
    pool = ProcessPoolExecutor(
        min(processes, max(len(batches), 1)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(tuple(catalogue.packs.values()), tuple(catalogue.claims.values())),
    )
    try:
        for batch, verdicts in zip(batches, pool.map(_judge, batches), strict=True):
            found.update(zip(batch, verdicts, strict=True))
            if advance is not None:
                advance(sum(counted[one] for one in batch))
    finally:
        # What is left after Ctrl-C or a failure is not waited for.
        pool.shutdown(wait=len(found) == len(distinct), cancel_futures=True)
    return [found[one] for one in posts]


def _begin(packs: Sequence[ElectionPack], claims: Sequence[Claim]) -> None:
    global _detector  # noqa: PLW0603 - one for each process, made once
    # A terminal's Ctrl-C is the parent's to handle; a parent that was killed ends this one too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _detector = build_detector(Catalogue.of(packs, claims))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge(batch: Sequence[Asked]) -> list[Verdict]:
    assert _detector is not None  # noqa: S101 - `_begin` has made it
    return judge(_detector, batch)
