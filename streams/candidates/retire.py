"""Candidates that a known claim has caught up with leave the queue.

When claims come or change, the examples of every candidate are looked up and
asked about again, a few at a time: the largest candidates first, and never so
long that clustering waits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog

from streams.candidates.claims import ClaimsReader, Matcher
from streams.candidates.posts import PostFinder

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.candidates.clusterer import Clusterer
    from streams.candidates.metrics import CandidateMetrics
    from streams.detect.catalogue import Catalogue
    from streams.settings import KafkaSettings

log = structlog.stdlib.get_logger(__name__)

_SLICE_SECONDS: Final = 0.25
_LOOK_EVERY_SECONDS: Final = 1.0


class Retirement:
    """Asks again about candidates whenever claims change.

    Args:
        settings: where Kafka is.
        clusterer: whose candidates are retired and put back.
        metrics: told how many wait.
        build: makes what matches posts with a catalogue's claims.
        monotonic: seconds.

    Raises:
        CandidatesError: a topic is missing.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        clusterer: Clusterer,
        metrics: CandidateMetrics,
        build: Callable[[Catalogue], Matcher] = Matcher,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clusterer = clusterer
        self._metrics = metrics
        self._build = build
        self._monotonic = monotonic
        self._claims = ClaimsReader(settings)
        self._finder = PostFinder(settings)
        self._catalogue: Catalogue | None = None
        self._matcher: Matcher | None = None
        """Of the catalogue; made when there is a candidate to ask about: it takes seconds."""
        self._waiting: list[str] = []
        """The next one last."""
        self._due = 0.0

    def close(self) -> None:
        """Let go of the connections."""
        self._claims.close()
        self._finder.close()

    def look_again(self, candidate_id: str) -> None:
        """Ask about a candidate next: it has become another."""
        self._waiting.append(candidate_id)

    def step(self) -> None:
        """Take up new claims, then ask about candidates for a quarter of a second at most."""
        started = self._monotonic()
        if started >= self._due:
            self._due = started + _LOOK_EVERY_SECONDS
            self._take_up()
        while self._waiting and self._monotonic() < started + _SLICE_SECONDS:
            self._ask(self._waiting.pop())
        self._metrics.unasked.set(len(self._waiting))

    def _take_up(self) -> None:
        catalogue = self._claims.poll()
        if catalogue is None or not catalogue.packs:
            return
        if self._catalogue is not None and self._catalogue.digest == catalogue.digest:
            return
        self._catalogue, self._matcher = catalogue, None
        for cluster in self._clusterer:
            if cluster.retired_by is not None and cluster.retired_by not in catalogue.claims:
                self._settle(cluster.candidate_id, None)
        order = sorted(self._clusterer, key=lambda one: (one.people, one.candidate_id))
        self._waiting = [cluster.candidate_id for cluster in order if cluster.examples]
        log.info("claims_taken_up", claims=len(catalogue.claims), candidates=len(self._waiting))

    def _ask(self, candidate_id: str) -> None:
        cluster = self._clusterer.get(candidate_id)
        if cluster is None or self._catalogue is None:
            return
        if self._matcher is None:
            self._matcher = self._build(self._catalogue)
        found = [self._finder.find(example) for example in cluster.examples]
        posts = [post for post in found if post is not None]
        if posts:  # of what is no longer kept nothing can be said: it stays as it is
            self._settle(candidate_id, self._matcher.claim_of(posts))

    def _settle(self, candidate_id: str, claim_id: str | None) -> None:
        cluster = self._clusterer.get(candidate_id)
        if cluster is None or cluster.retired_by == claim_id:
            return
        log.info(
            "candidate_retired" if claim_id else "candidate_back_in_queue",
            candidate=candidate_id,
            claim=claim_id or cluster.retired_by,
        )
        self._clusterer.retire(candidate_id, claim_id)
