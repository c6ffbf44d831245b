"""One worker process: settings in, Faust app with agent, services and telemetry running."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import faust
import structlog
from prometheus_client import CollectorRegistry

from streams.telemetry import TelemetryServer
from streams.topics import POSTS
from streams.worker.app import build_app
from streams.worker.chunks import ChunkSchema, leave
from streams.worker.claims import CatalogueFollower
from streams.worker.clients import reader
from streams.worker.codecs import check_codecs
from streams.worker.desk import Desk
from streams.worker.emit import Emitter, Outgoing
from streams.worker.health import Watchdog
from streams.worker.labeller import Labeller
from streams.worker.lookback import look_back
from streams.worker.making import DetectorMaker
from streams.worker.metrics import WorkerMetrics
from streams.worker.reviews import ReviewReader
from streams.worker.rules import Rules, follow_policy
from streams.worker.state import LabelState
from streams.worker.sweep import Sweeper

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from streams.detect.catalogue import Catalogue
    from streams.settings import Settings
    from streams.worker.chunks import LabelApp
    from streams.worker.pipeline import PostDetector

log = structlog.get_logger(__name__)

_WATCH_SECONDS = 5.0
_GC_THRESHOLDS = (1_000_000, 10, 10)
"""A record with its headers is nine objects, freed without the collector. At the default of
700 objects between collections, half of the time went into walking records in flight."""

_SWITCH_SECONDS = 0.0005
"""While a thread builds the index of a new catalogue, every turn of the event loop waits so long
for the interpreter; at the default of 5 ms, labels waited for seconds."""


class LabelWorker:
    """The parts of one worker process, wired together."""

    def __init__(
        self,
        settings: Settings,
        build: Callable[[Catalogue], PostDetector] | None = None,
    ) -> None:
        """Wire a worker; nothing runs yet.

        Args:
            settings: of this process.
            build: makes the detector for a catalogue; none: the one that ships.

        Raises:
            OSError: the metrics port is taken.
        """
        self.settings = settings
        self.registry = CollectorRegistry()
        self.metrics = WorkerMetrics(self.registry)
        self.watchdog = Watchdog(stuck_seconds=settings.worker.stuck_seconds, clock=time.monotonic)
        self.telemetry = TelemetryServer(
            settings.worker.metrics_host,
            settings.worker.metrics_port,
            self.registry,
            live=self.watchdog.live,
            ready=self.watchdog.ready,
        )
        self.app: LabelApp = build_app(settings)
        self._build = build if build is not None else DetectorMaker()
        self._services: list[asyncio.Task[None]] = []
        self._add_agent()

    def run(self) -> NoReturn:
        """Run until a signal stops it; exits with status 0, or 75 to be restarted."""
        check_codecs()
        gc.set_threshold(*_GC_THRESHOLDS)
        sys.setswitchinterval(_SWITCH_SECONDS)
        # Faust makes the last folder only.
        self.app.conf.datadir.mkdir(parents=True, exist_ok=True)
        self.telemetry.start()
        log.info(
            "worker_started",
            instance=self.settings.worker.instance,
            metrics=f"http://{self.telemetry.host}:{self.telemetry.port}/metrics",
        )
        faust.Worker(self.app, quiet=True, override_logging=False).execute_from_commandline()
        raise SystemExit(0)  # Faust has exited already; for the type checker

    def _add_agent(self) -> None:
        app, settings = self.app, self.settings

        async def send(record: Outgoing) -> Awaitable[object]:
            pending: Awaitable[object] = await app.producer.send(
                record.topic, record.key, record.value, record.partition, None, record.headers
            )
            return pending

        rules = Rules(lambda policy: self.metrics.policy_version.set(policy.version))
        follower = CatalogueFollower(
            settings.kafka, reader, self._build, rules, on_swap=self._on_swap
        )
        state = LabelState(settings.kafka, reader, _on_load_failure)
        desk = Desk(
            follower=follower,
            rules=rules,
            state=state,
            emitter=Emitter(settings.kafka, send, give_up_seconds=settings.worker.give_up_seconds),
            metrics=self.metrics,
            leave=leave,
        )
        labeller = Labeller(
            desk,
            look_back=partial(look_back, settings.kafka, reader),
            encoder_seconds=settings.worker.encoder_seconds,
        )
        reviews = ReviewReader(settings.kafka, reader, desk)
        posts = settings.kafka.topic(POSTS)
        topic = app.topic(posts, schema=ChunkSchema(), partitions=settings.kafka.partitions)

        @app.agent(topic, name="label-posts", concurrency=1)
        async def label_posts(stream: Any) -> None:
            async for chunk in stream:
                await labeller.handle(chunk)

        @app.on_partitions_assigned.connect(weak=False)
        async def assigned(_app: Any, tps: Any, **_: Any) -> None:
            partitions = {tp.partition for tp in tps if tp.topic == posts}
            self.metrics.rebalances.inc()
            self.metrics.partitions.set(len(partitions))
            state.assign(partitions)
            reviews.assign(partitions)
            log.info("partitions_assigned", partitions=sorted(partitions))

        @app.on_partitions_revoked.connect(weak=False)
        async def revoked(_app: Any, _tps: Any, **_: Any) -> None:
            await state.revoke()

        async def wait_for_rules() -> None:
            # Before joining the group: a chunk that waits for packs would hold up every rebalance.
            services = {
                "claims": follower.run(),
                "policy": follow_policy(settings.kafka, reader, rules),
                "sweep": Sweeper(desk).run(),
                "watch": self._watch(desk),
            }
            for name, work in services.items():
                task = asyncio.create_task(work, name=name)
                task.add_done_callback(_on_service_end)
                self._services.append(task)
            await desk.basis()

        app.before_consuming = wait_for_rules

    def _on_swap(self, detector: PostDetector) -> None:
        self.metrics.on_swap(detector)
        # A detector is hundreds of thousands of objects that live as long as it serves: the
        # collector would walk them again and again while chunks of records come and go.
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    async def _watch(self, desk: Desk) -> None:
        """Stamp the loop every second; look at progress and health every few."""
        next_look = 0.0
        while True:
            self.watchdog.beat()
            reasons = []
            if not desk.follower.ready:
                reasons.append(desk.follower.waits_for)
            elif not desk.rules.has_policy:
                reasons.append("the policies topic (hustings topics apply), or a readable policy")
            elif not desk.state.assigned:
                reasons.append("its share of the partitions")
            if not desk.state.ready:
                reasons.append("the label state of the assigned partitions")
            self.watchdog.wait_for(*reasons)
            if time.monotonic() >= next_look:
                await self._look(desk.state)
                next_look = time.monotonic() + _WATCH_SECONDS
            await asyncio.sleep(1.0)

    async def _look(self, state: LabelState) -> None:
        try:
            self.watchdog.observe(await self.app.consumer.progress())
        except Exception as exc:  # noqa: BLE001 - the broker may be away; then nothing moves
            log.warning("progress_unknown", error=repr(exc))
        self.metrics.on_lag(self.watchdog.lag)
        self.metrics.commit_age.set(self.watchdog.commit_age_seconds)
        self.metrics.labelled_posts.set(state.posts)
        health = self.watchdog.live()
        if not health.ok:
            leave("stuck", reasons=list(health.reasons))


def _on_service_end(task: asyncio.Task[None]) -> None:
    """Claims that are no longer followed and a dead watchdog are reasons to start anew."""
    if not task.cancelled() and (failure := task.exception()) is not None:
        leave("service_failed", service=task.get_name(), error=repr(failure))


def _on_load_failure(failure: BaseException) -> None:
    leave("label_state_not_loaded", error=repr(failure))
