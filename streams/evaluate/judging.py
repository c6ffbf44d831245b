"""Run posts through detector and decision: the one place that knows how the detector is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from streams.detect.asking import Query
from streams.detect.detection import NOTHING
from streams.labels.decide import decide
from streams.schema import Op, Post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streams.detect.detection import Detection
    from streams.detect.detector import Detector
    from streams.labels.decide import Proposal

    Advance = Callable[[int], None]
    """Told how many more posts are done."""

BATCH = 256
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A post as the detector is asked about it."""

    text: str
    languages: tuple[str, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a post and the label that it would get."""

    detection: Detection
    label: Proposal | None


def judge(
    detector: Detector,
    asked: Iterable[Asked],
    advance: Advance | None = None,
    *,
    thorough: bool = False,
) -> list[Verdict]:
    """Return what detector and decision say, in the order of the posts.

    A text that comes again with the same hints is asked about once.
    """
    posts = list(asked)
    distinct = list(dict.fromkeys(posts))
    counted = dict.fromkeys(distinct, 0)
    for one in posts:
        counted[one] += 1
    found: dict[Asked, Verdict] = {}
    for start in range(0, len(distinct), BATCH):
        batch = distinct[start : start + BATCH]
        detections = _detect(detector, batch, thorough=thorough)
        for one, detection in zip(batch, detections, strict=True):
            found[one] = Verdict(detection, _label(detector, one, detection))
        if advance is not None:
            advance(sum(counted[one] for one in batch))
    return [found[one] for one in posts]


def checkworthy_of(detection: Detection) -> float | None:
    """Return the score of check-worthiness, None from a detector that gives none."""
    value = getattr(detection, "checkworthy", None)
    return None if value is None else float(value)


def _detect(detector: Detector, batch: Sequence[Asked], *, thorough: bool) -> list[Detection]:
    """Ask the detector as a worker does: what the gate drops says nothing; or about all."""
    if thorough:
        queries = [Query(one.text, one.languages, one.created_at) for one in batch]
        return detector.detect_all(queries, thorough=True)
    passed = detector.gate([b"{" + one.text.encode() for one in batch])
    queries = [Query(batch[at].text, batch[at].languages, batch[at].created_at) for at in passed]
    found = dict(zip(passed, detector.detect_all(queries), strict=True))
    return [found.get(at, NOTHING) for at in range(len(batch))]


def _label(detector: Detector, asked: Asked, detection: Detection) -> Proposal | None:
    if not detection.claim.is_:
        return None
    moment = asked.created_at or _UNDATED
    post = Post(
        post_id="evaluated",
        op=Op.CREATE,
        version="1",
        source="evaluate",
        text=asked.text,
        languages=asked.languages,
        created_at=asked.created_at,
        received_at=moment,
    )
    return decide(post, detection, detector.catalogue)
