"""Following the `claims` topic: every worker holds the whole catalogue and swaps it whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from aiokafka import TopicPartition
from pydantic import ValidationError

from streams.detect.catalogue import Catalogue
from streams.schema import Claim, ElectionPack
from streams.topics import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiokafka import AIOKafkaConsumer
    from aiokafka.structs import ConsumerRecord

    from streams.settings import KafkaSettings
    from streams.worker.pipeline import PostDetector

log = structlog.get_logger(__name__)

PACK_PREFIX = "pack:"
_POLL_MS = 500
_RETRY_SECONDS = 2.0


class CatalogueBuilder:
    """Folds records of the `claims` topic; keeps the last good version of each."""

    def __init__(self) -> None:
        self._packs: dict[str, ElectionPack] = {}
        self._claims: dict[str, Claim] = {}
        self.refused = 0
        """Records that could not be read; what they would have replaced stays."""

    def keep(self, key: bytes | None, value: bytes | None) -> None:
        """Fold one record; a tombstone removes."""
        name = (key or b"").decode("utf-8", "replace")
        into: dict[str, ElectionPack] | dict[str, Claim] = (
            self._packs if name.startswith(PACK_PREFIX) else self._claims
        )
        if value is None:
            into.pop(name, None)
            return
        try:
            if name.startswith(PACK_PREFIX):
                self._packs[name] = ElectionPack.from_json(value)
            else:
                self._claims[name] = Claim.from_json(value)
        except ValidationError as exc:
            self.refused += 1
            log.error("claim_unreadable", key=name, errors=exc.error_count())  # noqa: TRY400 - the key and the count say it

    def catalogue(self) -> Catalogue:
        """Return what was folded so far as one immutable value."""
        return Catalogue.of(self._packs.values(), self._claims.values())


class CatalogueFollower:
    """Holds a detector for the newest catalogue; ready from the first election pack on."""

    def __init__(
        self,
        settings: KafkaSettings,
        reader: Callable[[KafkaSettings], AIOKafkaConsumer],
        build: Callable[[Catalogue], PostDetector],
        on_swap: Callable[[PostDetector], None] = lambda _detector: None,
    ) -> None:
        """Make a follower that has read nothing yet.

        Args:
            settings: cluster and topic prefix.
            reader: makes the group-less consumer.
            build: detector for a catalogue; called in a thread.
            on_swap: told of every new detector.
        """
        self._settings = settings
        self._reader = reader
        self._build = build
        self._on_swap = on_swap
        self._detector: PostDetector | None = None
        self._swapped = asyncio.Event()
        self._building = False

    @property
    def ready(self) -> bool:
        """Whether there is a detector to decide with."""
        return self._detector is not None

    @property
    def waits_for(self) -> str:
        """What the first detector waits for, in words; nothing once it is there."""
        if self.ready:
            return ""
        if self._building:
            return "the detector to load"
        return "election packs in the claims topic (hustings claims load)"

    async def detector(self) -> PostDetector:
        """Return the newest detector; wait for the first.

        Deciding without packs would pass posts by for good, so labelling waits
        until some are published.
        """
        while self._detector is None:
            await self._swapped.wait()
        return self._detector

    async def run(self) -> None:
        """Follow the topic until cancelled; a lost broker is waited for."""
        while True:
            try:
                await self._follow()
            except asyncio.CancelledError:
                raise
            except Exception as exc:  # noqa: BLE001 - whatever it was, the old catalogue serves on
                log.warning("claims_not_read", error=repr(exc), again_in=_RETRY_SECONDS)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        consumer = self._reader(self._settings)
        tp = TopicPartition(self._settings.topic(CLAIMS), 0)
        await consumer.start()
        try:
            consumer.assign([tp])
            await consumer.seek_to_beginning(tp)
            end = (await consumer.end_offsets([tp]))[tp]
            builder, fresh = CatalogueBuilder(), True
            while True:
                batches = await consumer.getmany(tp, timeout_ms=_POLL_MS)
                records: Sequence[ConsumerRecord] = batches.get(tp, ())
                for record in records:
                    builder.keep(record.key, record.value)
                complete = await consumer.position(tp) >= end
                if complete and (records or fresh):
                    fresh = False
                    await self._swap(builder)
        finally:
            await consumer.stop()

    async def _swap(self, builder: CatalogueBuilder) -> None:
        catalogue = builder.catalogue()
        if not catalogue.packs:
            log.warning("no_election_packs", remedy="hustings claims load deploy/elections")
            return
        if self._detector is not None and self._detector.catalogue.digest == catalogue.digest:
            return
        self._building = True
        detector = await asyncio.to_thread(self._build, catalogue)
        self._detector = detector
        self._swapped.set()
        log.info(
            "catalogue_swapped",
            packs=len(catalogue.packs),
            claims=len(catalogue.claims),
            rule_set=detector.rule_set,
        )
        self._on_swap(detector)
