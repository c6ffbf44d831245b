"""Known claims as they are published, and which of them posts match: as the workers tell it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import structlog
from pydantic import ValidationError

from streams.candidates.topic import MOST_POLLED, partitions_of
from streams.detect.asking import Query
from streams.detect.catalogue import Catalogue
from streams.detect.detector import Detector
from streams.detect.model.assemble import CALIBRATION_FILE, LINEAR_FILE, Model, shipped
from streams.detect.model.calibration import read_calibration
from streams.detect.model.linear import load_linear
from streams.kafka_log import open_consumer
from streams.labels.decide import DEFAULT_THRESHOLDS
from streams.schema import Claim, ElectionPack
from streams.topics import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.schema import Post
    from streams.settings import KafkaSettings

log = structlog.stdlib.get_logger(__name__)

_PACK: Final = "pack:"


class ClaimsReader:
    """Follows the topic `claims`; every call does a bounded piece of work."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._reader = open_consumer(settings, max_poll_records=MOST_POLLED)
        self._partitions = partitions_of(self._reader, settings, CLAIMS)
        self._reader.assign(self._partitions)
        self._reader.seek_to_beginning(*self._partitions)
        self._records: dict[str, ElectionPack | Claim] = {}
        self._moved = False

    def close(self) -> None:
        """Let go of the connection."""
        self._reader.close(autocommit=False)

    def poll(self) -> Catalogue | None:
        """Return the catalogue when it may have changed and is read to its end."""
        polled = self._reader.poll(timeout_ms=0)
        for records in polled.values():
            for record in records:
                self._keep((record.key or b"").decode("utf-8", "replace"), record.value)
                self._moved = True
        ends = self._reader.end_offsets(self._partitions)
        if not self._moved or any(self._reader.position(tp) < ends[tp] for tp in self._partitions):
            return None
        self._moved = False
        kept = self._records.values()
        return Catalogue.of(
            (one for one in kept if isinstance(one, ElectionPack)),
            (one for one in kept if isinstance(one, Claim)),
        )

    def _keep(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._records.pop(key, None)
            return
        try:
            self._records[key] = (ElectionPack if key.startswith(_PACK) else Claim).from_json(value)
        except ValidationError as error:
            log.warning("claim_unreadable", key=key, faults=len(error.errors()))


class Matcher:
    """The detector's search for known claims, without its encoder: that has no part in it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        model = Model(
            first=load_linear(shipped(LINEAR_FILE)),
            second=None,
            calibration=read_calibration(shipped(CALIBRATION_FILE)),
            version="matching",
        )
        self._detector = Detector(catalogue, model)

    def claim_of(self, posts: Iterable[Post]) -> str | None:
        """Return the claim that more than half of the posts match, as workers match; or none."""
        queries = [Query(post.text, post.languages, post.created_at) for post in posts]
        matched: Counter[str] = Counter()
        for detection in self._detector.detect_all(queries, thorough=True):
            matched.update(
                {
                    match.claim_id
                    for match in detection.matches
                    if match.score >= DEFAULT_THRESHOLDS.match
                    and match.claim_id in self.catalogue.claims
                }
            )
        best = min(matched.items(), key=lambda one: (-one[1], one[0]), default=("", 0))
        return best[0] if 2 * best[1] > len(queries) else None
