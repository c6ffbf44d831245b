"""One worker process: settings in, Faust app with agent, services and telemetry running."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import TYPE_CHECKING, Any, NoReturn

import faust
import structlog
from prometheus_client import CollectorRegistry

from streams.detect.detector import build_detector
from streams.telemetry import TelemetryServer
from streams.topics import POSTS
from streams.worker.app import build_app
from streams.worker.chunks import ChunkSchema, leave
from streams.worker.claims import CatalogueFollower
from streams.worker.clients import reader
from streams.worker.codecs import check_codecs
from streams.worker.emit import Emitter, Outgoing
from streams.worker.health import Watchdog
from streams.worker.labeller import Labeller
from streams.worker.metrics import WorkerMetrics
from streams.worker.state import LabelState

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


class LabelWorker:
    """The parts of one worker process, wired together."""

    def __init__(
        self,
        settings: Settings,
        build: Callable[[Catalogue], PostDetector] = build_detector,
    ) -> None:
        """Wire a worker; nothing runs yet.

        Args:
            settings: of this process.
            build: makes the detector for a catalogue.

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
        self._build = build
        self._services: list[asyncio.Task[None]] = []
        self._add_agent()

    def run(self) -> NoReturn:
        """Run until a signal stops it; exits with status 0, or 75 to be restarted."""
        check_codecs()
        gc.set_threshold(*_GC_THRESHOLDS)
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

        follower = CatalogueFollower(settings.kafka, reader, self._build, on_swap=self._on_swap)
        state = LabelState(settings.kafka, reader, _on_load_failure)
        labeller = Labeller(
            follower=follower,
            state=state,
            emitter=Emitter(settings.kafka, send, give_up_seconds=settings.worker.give_up_seconds),
            metrics=self.metrics,
            leave=leave,
            encoder_seconds=settings.worker.encoder_seconds,
        )
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
            log.info("partitions_assigned", partitions=sorted(partitions))

        async def wait_for_claims() -> None:
            # Before joining the group: a chunk that waits for packs would hold up every rebalance.
            for name, work in (("claims", follower.run()), ("watch", self._watch(follower, state))):
                task = asyncio.create_task(work, name=name)
                task.add_done_callback(_on_service_end)
                self._services.append(task)
            await follower.detector()

        app.before_consuming = wait_for_claims

    def _on_swap(self, detector: PostDetector) -> None:
        self.metrics.on_swap(detector)
        # A detector is hundreds of thousands of objects that live as long as it serves: the
        # collector would walk them again and again while chunks of records come and go.
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    async def _watch(self, follower: CatalogueFollower, state: LabelState) -> None:
        """Stamp the loop every second; look at progress and health every few."""
        next_look = 0.0
        while True:
            self.watchdog.beat()
            reasons = []
            if not follower.ready:
                reasons.append(follower.waits_for)
            elif not state.assigned:
                reasons.append("its share of the partitions")
            if not state.ready:
                reasons.append("the label state of the assigned partitions")
            self.watchdog.wait_for(*reasons)
            if time.monotonic() >= next_look:
                await self._look(state)
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
