"""The clustering process: observations in, candidates and offsets out, all or nothing.

One process has all partitions: claims meet across them. What it publishes and
how far it has read are one transaction, so that a restart from the topic
`candidates` goes on with exactly the state that was published.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError
from kafka.structs import OffsetAndMetadata
from pydantic import ValidationError

from streams.candidates.claims import Matcher
from streams.candidates.clusterer import Clusterer, Taken
from streams.candidates.errors import CandidatesFenced, CandidatesUnavailable
from streams.candidates.lens import load_lens
from streams.candidates.record import BadMemoryError, from_record, to_record
from streams.candidates.retire import Retirement
from streams.candidates.topic import MOST_POLLED, partitions_of, read_candidates
from streams.detect.encoder import ENCODER
from streams.kafka_client import client_config, hold_requests, let_go, transactional_config
from streams.kafka_log import open_consumer
from streams.schema import Candidate, Observation, cloudevent_headers, stable_id
from streams.topics import CANDIDATES, OBSERVATIONS

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from streams.candidates.cluster import Cluster
    from streams.candidates.metrics import CandidateMetrics
    from streams.detect.catalogue import Catalogue
    from streams.settings import Settings

log = structlog.stdlib.get_logger(__name__)

GROUP: Final = "hustings-candidates"
_SOURCE: Final = "/hustings/candidates"
_COMMIT_SECONDS: Final = 1.0
_TRANSACTION_SECONDS: Final = 60
_FUTURE: Final = timedelta(days=1)
"""A receipt so far ahead is a wrong clock; taken for the time, it would let all others go."""


class CandidateRun:
    """Everything of one clustering process; use it once.

    Args:
        settings: of this process.
        metrics: counts.
        clusterer: none: with the lens that ships.
        build: makes what matches posts with known claims.
        now: wall clock, for headers and to refuse what comes from the future.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: CandidateMetrics,
        clusterer: Clusterer | None = None,
        build: Callable[[Catalogue], Matcher] = Matcher,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._kafka = settings.kafka
        self._group = f"{self._kafka.topic_prefix}{GROUP}"
        self._metrics = metrics
        self._build = build
        self._now = now
        # Not `or`: a clusterer without clusters has no length.
        self._clusterer = Clusterer(load_lens(), ENCODER) if clusterer is None else clusterer
        self._ready = False
        self._read: dict[Any, int] = {}
        """Where each partition was read to since the last commit."""

    @property
    def ready(self) -> bool:
        """Whether the published state is loaded."""
        return self._ready

    def run(self, stop: threading.Event) -> None:
        """Cluster until told to stop.

        Raises:
            CandidatesError: it cannot go on; nothing that was not committed is seen.
        """
        try:
            self._run(stop)
        except KafkaError as error:
            kinds = {type(error)} | {type(part) for part in error.args}
            if kinds & {ProducerFencedError, InvalidProducerEpochError}:
                raise CandidatesFenced(
                    "another `hustings candidates run` has taken over: one is enough"
                ) from error
            raise CandidatesUnavailable(f"{type(error).__name__}: {error}") from error
        except (OSError, ValueError) as error:
            raise CandidatesUnavailable(f"Kafka cannot be reached: {error}") from error

    def _run(self, stop: threading.Event) -> None:
        producer = KafkaProducer(
            **client_config(self._kafka),
            # The same id for every process: the newest shuts the others out.
            **transactional_config(
                GROUP, f"{self._kafka.topic_prefix}candidates", seconds=_TRANSACTION_SECONDS
            )
            | {"max_block_ms": 30_000},
        )
        hold_requests(producer)
        reader = retirement = None
        try:
            # First: it ends what a predecessor left open, whose offsets would be read otherwise.
            producer.init_transactions()
            self._restore()
            reader = open_consumer(self._kafka, group_id=self._group, max_poll_records=MOST_POLLED)
            partitions = partitions_of(reader, self._kafka, OBSERVATIONS)
            reader.assign(partitions)
            for partition in partitions:
                committed = reader.committed(partition)
                if committed is not None:
                    reader.seek(partition, committed)
            retirement = Retirement(self._kafka, self._clusterer, self._metrics, self._build)
            self._ready = True
            due = time.monotonic() + _COMMIT_SECONDS
            while not stop.is_set():
                for partition, records in reader.poll(timeout_ms=250).items():
                    self._take([record.value for record in records])
                    self._read[partition] = reader.position(partition)
                retirement.step()
                if time.monotonic() >= due:
                    for merged in self._commit(producer):
                        retirement.look_again(merged)
                    ends = reader.end_offsets(partitions)
                    self._metrics.lag.set(
                        sum(max(ends[tp] - reader.position(tp), 0) for tp in partitions)
                    )
                    due = time.monotonic() + _COMMIT_SECONDS
            self._commit(producer)
        finally:
            if retirement is not None:
                retirement.close()
            if reader is not None:
                reader.close(autocommit=False)
            _close(producer)

    def _restore(self) -> None:
        clusters = []
        for record in read_candidates(self._kafka).values():
            if record.merged_into is not None:
                continue
            try:
                clusters.append(from_record(record))
            except BadMemoryError as error:
                log.warning("candidate_let_go", error=str(error))
        self._clusterer.restore(clusters)
        log.info("candidates_restored", candidates=len(clusters))

    def _take(self, values: Sequence[bytes | None]) -> None:
        counts: Counter[str] = Counter()
        for value in values:
            counts[self._take_one(value).value] += 1
        for outcome, amount in counts.items():
            self._metrics.taken.labels(outcome).inc(amount)

    def _take_one(self, value: bytes | None) -> Taken:
        try:
            observation = Observation.from_json(value or b"")
        except ValidationError:
            return Taken.UNREADABLE
        if observation.received_at > self._now() + _FUTURE:
            return Taken.UNREADABLE
        return self._clusterer.take(observation)

    def _commit(self, producer: KafkaProducer) -> set[str]:
        """Publish what changed and how far was read, all or nothing; return what took in others."""
        changed = self._clusterer.drain()
        if not self._read and not changed:
            return set()
        producer.begin_transaction()
        sent = [self._send(producer, one, where) for one, where in changed.items()]
        # Kafka ends the transaction itself then: to wait longer is of no use.
        producer.flush(timeout=_TRANSACTION_SECONDS)
        for future in sent:
            if future.failed():
                raise future.exception
        if self._read:
            producer.send_offsets_to_transaction(
                {tp: OffsetAndMetadata(at, "", -1) for tp, at in self._read.items()}, self._group
            )
        producer.commit_transaction()
        self._read = {}
        self._metrics.on_commit(self._clusterer, len(changed))
        return {where for where in changed.values() if isinstance(where, str)}

    def _send(self, producer: KafkaProducer, one: str, where: Cluster | str | None) -> Any:
        topic = self._kafka.topic(CANDIDATES)
        if where is None:
            return producer.send(topic, key=one.encode(), value=None)
        record = (
            Candidate(candidate_id=one, merged_into=where)
            if isinstance(where, str)
            else to_record(where, self._clusterer.clock)
        )
        value = record.to_json()
        headers = cloudevent_headers(
            Candidate,
            event_id=stable_id(value.decode()),
            source=_SOURCE,
            time=self._now(),
        )
        return producer.send(topic, key=one.encode(), value=value, headers=headers)


def _close(producer: KafkaProducer) -> None:
    try:
        let_go(producer)
    except KafkaError as error:
        log.debug("producer_close_failed", error=str(error))
