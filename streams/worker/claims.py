"""Following the `claims` topic: every worker holds the whole catalogue and swaps it whole."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from streams.detect.catalogue import Catalogue
from streams.detect.shelf import ClaimShelf, fold_claim
from streams.labels.rulebook import newest
from streams.schema import Claim, ClaimStatus, ElectionPack
from streams.topics import CLAIMS
from streams.worker.follow import follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka import AIOKafkaConsumer

    from streams.detect.shelf import Folded
    from streams.settings import KafkaSettings
    from streams.worker.pipeline import PostDetector
    from streams.worker.rules import Rules

log = structlog.get_logger(__name__)

PACK_PREFIX = "pack:"


class CatalogueBuilder:
    """Folds records of the `claims` topic; keeps the last good version of each."""

    def __init__(self) -> None:
        self._packs: dict[str, ElectionPack] = {}
        self._claims: dict[str, tuple[int, bool, Folded]] = {}
        """Version, whether it is active, and the record: of a hundred thousand no objects."""
        self.refused = 0
        """Records that could not be read; what they would have replaced stays."""

    def keep(self, key: bytes | None, value: bytes | None) -> None:
        """Fold one record; a tombstone removes."""
        name = (key or b"").decode("utf-8", "replace")
        if value is None:
            self._packs.pop(name, None)
            self._claims.pop(name, None)
            return
        try:
            if name.startswith(PACK_PREFIX):
                pack = ElectionPack.from_json(value)
                self._packs[name] = newest(self._packs.get(name), pack)
            else:
                self._keep_claim(name, Claim.from_json(value))
        except ValidationError as exc:
            self.refused += 1
            log.error("claim_unreadable", key=name, errors=exc.error_count())  # noqa: TRY400 - the key and the count say it

    def _keep_claim(self, name: str, claim: Claim) -> None:
        known = self._claims.get(name)
        if known is None or known[0] <= claim.version:
            active = claim.status is ClaimStatus.ACTIVE
            self._claims[name] = (claim.version, active, fold_claim(claim))

    @property
    def packs(self) -> tuple[ElectionPack, ...]:
        """The packs that were folded so far."""
        return tuple(self._packs.values())

    @property
    def claims(self) -> ClaimShelf:
        """The claims that were folded so far, of every status."""
        return ClaimShelf({name: folded for name, (_, _, folded) in self._claims.items()})

    def catalogue(self) -> Catalogue:
        """Return what was folded so far as one immutable value."""
        active = {name: folded for name, (_, active, folded) in self._claims.items() if active}
        return Catalogue.shelved(self.packs, ClaimShelf(active))


class CatalogueFollower:
    """Holds a detector for the newest catalogue; ready from the first election pack on."""

    def __init__(
        self,
        settings: KafkaSettings,
        reader: Callable[[KafkaSettings], AIOKafkaConsumer],
        build: Callable[[Catalogue], PostDetector],
        rules: Rules,
        on_swap: Callable[[PostDetector], None] = lambda _detector: None,
    ) -> None:
        """Make a follower that has read nothing yet.

        Args:
            settings: cluster and topic prefix.
            reader: makes the group-less consumer.
            build: detector for a catalogue; called in a thread.
            rules: told of packs and claims at once, before the detector is built.
            on_swap: told of every new detector.
        """
        self._settings = settings
        self._reader = reader
        self._build = build
        self._rules = rules
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
        """Follow the topic until cancelled."""
        await follow(self._settings, self._reader, CLAIMS, lambda: _Reading(self))

    async def take(self, builder: CatalogueBuilder) -> None:
        """Take a complete reading into use, if it has packs and says something new."""
        # Nothing folds while this is awaited.
        started = time.perf_counter()
        claims, catalogue = await asyncio.to_thread(lambda: (builder.claims, builder.catalogue()))
        if not catalogue.packs:
            log.warning("no_election_packs", remedy="hustings claims load deploy/elections")
            return
        # Before the index is built, which takes seconds: a claim that is withdrawn waits for none.
        self._rules.on_claims(builder.packs, claims)
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
            seconds=round(time.perf_counter() - started, 3),
        )
        self._on_swap(detector)


class _Reading(CatalogueBuilder):
    """One reading of the topic for a follower."""

    def __init__(self, follower: CatalogueFollower) -> None:
        super().__init__()
        self._follower = follower

    async def complete(self) -> None:
        await self._follower.take(self)
