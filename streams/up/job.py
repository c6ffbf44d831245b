"""The processes of the main job: started in order, watched, stopped in the reverse order."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import structlog

from streams.broker.admin import apply_topics
from streams.broker.embedded import EmbeddedKafka
from streams.broker.probe import free_ports
from streams.broker.serverfiles import HOST
from streams.candidates.errors import CandidatesFenced
from streams.lifeline import Child
from streams.packs.folder import read_packs
from streams.packs.publish import publish
from streams.up.readiness import ask_ready
from streams.worker.chunks import EXIT_TEMPFAIL
from streams.worker.supervisor import Supervisor

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from streams.settings import KafkaSettings, Settings

log = structlog.get_logger(__name__)

CONNECTOR_ID = "up"
_CONNECTOR_GRACE_SECONDS = 4.0
_WORKERS_GRACE_SECONDS = 7.0
_READY_SECONDS = 300.0
"""Ten seconds are usual; on a busy machine with many workers it takes minutes."""
_CANDIDATES_REMEDY = {
    1: "run `hustings doctor`, then this command again",
    CandidatesFenced.exit_code: "another `hustings candidates run` took over; one is enough",
}
_LOG_TAIL_LINES = 8
_LOG_TAIL_BYTES = 32 * 1024


class JobFailedError(Exception):
    """The job cannot go on; the message says why, what to do and where the log is."""


class Say(Protocol):
    """Tell the user what is being done."""

    def __call__(self, line: str) -> None:
        """Say one line."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    source: str
    """demo, bluesky, or a file or folder to replay."""
    connector_args: tuple[str, ...]
    workers: int
    packs: Path
    data_dir: Path | None
    """Broker data to keep; none: a fresh folder that goes with the run."""
    port: int | None = None
    """Of Kafka; none: any free one."""


@dataclass(slots=True)
class MainJob:
    """Broker, topics, claims, workers, clustering and connector of one run."""

    plan: Plan
    settings: Settings
    say: Say
    ready_seconds: float = _READY_SECONDS
    """How long the first worker may take until it decides posts."""
    kafka_settings: KafkaSettings = field(init=False)
    _folder: Path = field(init=False)
    _kafka: EmbeddedKafka | None = field(default=None, init=False)
    _supervisor: Supervisor | None = field(default=None, init=False)
    _worker_ports: list[int] = field(default_factory=list, init=False)
    _workers_started_at: float = field(default=0.0, init=False)
    _waits_for: str = field(default="", init=False)
    _connector: Child | None = field(default=None, init=False)
    _candidates: Child | None = field(default=None, init=False)
    _candidates_log: IO[bytes] = field(init=False)
    _env: dict[str, str] = field(default_factory=dict, init=False)
    _connector_log: IO[bytes] = field(init=False)
    _logs: list[IO[bytes]] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Start all up to the workers, in order; `tend` starts the rest when one is ready.

        Raises:
            streams.broker.errors.BrokerError: Kafka did not start.
            streams.packs.PackErrors: a pack is wrong.
            OSError: the data folder cannot be written.
        """
        self._folder = self.plan.data_dir or _fresh_folder(self.settings.data_dir)
        self._folder.mkdir(parents=True, exist_ok=True)
        packs = read_packs(self.plan.packs)
        self.say("Starting Apache Kafka on this machine …")
        self._kafka = EmbeddedKafka(
            self._folder / "kafka",
            ports=[self.plan.port] if self.plan.port else None,
        )
        self._kafka.start()
        self.kafka_settings = self.settings.kafka.model_copy(
            update={
                "bootstrap_servers": self._kafka.bootstrap_servers,
                "security_protocol": "PLAINTEXT",
            }
        )
        self.say(
            f"Kafka answers on {self._kafka.bootstrap_servers}; its log: {self._kafka.log_path}"
        )
        apply_topics(self.kafka_settings)
        publish(packs, self.kafka_settings)
        self.say(f"Published {len(packs.packs)} election packs with {len(packs.claims)} claims")
        env = {
            "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": self.kafka_settings.bootstrap_servers,
            "HUSTINGS_KAFKA__SECURITY_PROTOCOL": "PLAINTEXT",
            "HUSTINGS_DATA_DIR": str(self._folder),
            # Where they are asked whether they are ready; nobody else knows the ports.
            "HUSTINGS_WORKER__METRICS_HOST": HOST,
        }
        self._worker_ports = free_ports(self.plan.workers)
        self._supervisor = Supervisor(
            self.plan.workers,
            env=env,
            metrics_ports=self._worker_ports,
            stderr=self._log_file("workers.log"),
        )
        self._supervisor.start()
        self._workers_started_at = time.monotonic()
        self._env = {**os.environ, **env}
        self._candidates_log = self._log_file("candidates.log")
        self._connector_log = self._log_file("connector.log")
        self._waits_for = "Label workers get ready …"
        workers = "a label worker" if self.plan.workers == 1 else f"{self.plan.workers} workers"
        self.say(
            f"Started {workers}; the connector for {self.plan.source} follows when one is ready. "
            f"Logs: {self._folder}"
        )

    def tend(self) -> None:
        """Restart what left, start the connector when it is time; call it a few times a second.

        Raises:
            JobFailedError: the connector failed, or no worker gets ready.
            streams.broker.errors.BrokerError: Kafka died.
        """
        assert self._kafka is not None  # noqa: S101 - tend follows start
        assert self._supervisor is not None  # noqa: S101
        self._kafka.check()
        self._supervisor.tend()
        if self._candidates is not None and self._candidates.returncode == EXIT_TEMPFAIL:
            # It goes on where its last transaction ended; labels do not wait for it.
            self._candidates.stop()
            self._start_candidates()
        if self._connector is None:
            self._await_worker()
            return
        status = self._connector.returncode
        if status == EXIT_TEMPFAIL:
            # It asks for a restart and goes on where its last transaction ended.
            self._connector.stop()
            self._start_connector()
        elif status:
            path = self._folder / "connector.log"
            raise JobFailedError(
                f"The connector ended with status {status}.\n{_tail(path)}\nIts log: {path}"
            )

    @property
    def source_ended(self) -> bool:
        """Whether the connector has come to the end of its source and left."""
        return self._connector is not None and self._connector.returncode == 0

    @property
    def waits_for(self) -> str:
        """What posts wait for, in words; nothing once the connector is started."""
        return self._waits_for

    def trouble(self) -> str:
        """Return what a person should know: what has ended, or the connector's last warning."""
        return self._candidates_trouble() or self._connector_trouble()

    def _await_worker(self) -> None:
        """Start the connector once a worker decides posts: earlier ones would only queue up."""
        answers = [ask_ready(port) for port in self._worker_ports]
        took = time.monotonic() - self._workers_started_at
        if any(answer.ready for answer in answers):
            self._waits_for = ""
            self._start_connector()
            # Only now: what it loads would keep the first worker from getting ready.
            self._start_candidates()
            return
        reasons = dict.fromkeys(reason for answer in answers for reason in answer.reasons)
        why = ", ".join(reasons) or "starting"
        self._waits_for = f"Label workers get ready … {took:.0f} s ({why})"
        if took > self.ready_seconds:
            path = self._folder / "workers.log"
            raise JobFailedError(
                f"No label worker got ready within {self.ready_seconds:.0f} s ({why}), and so no "
                f"post was read. Try fewer --workers, or see why in its log: {path}\n{_tail(path)}"
            )

    def _candidates_trouble(self) -> str:
        """Return that the clustering of new claims has ended and will not come back."""
        status = self._candidates.returncode if self._candidates is not None else None
        if status is None or status == EXIT_TEMPFAIL:
            return ""
        remedy = _CANDIDATES_REMEDY.get(status, "run this command again")
        if status < 0:
            remedy = f"killed by signal {-status}, perhaps for want of memory; {remedy}"
        return (
            f"candidates: clustering ended with status {status}: labels go on, new claims are no "
            f"longer queued; {remedy}. Its log: {self._folder / 'candidates.log'}"
        )

    def _connector_trouble(self) -> str:
        """Return what the connector warned of last, or nothing when it has gone on since."""
        last = _tail(self._folder / "connector.log").splitlines()[-1:]
        try:
            line = json.loads(last[0]) if last else {}
        except ValueError:
            return ""
        if not isinstance(line, dict) or line.get("level") not in {"warning", "error", "critical"}:
            return ""
        words = [str(line[name]) for name in ("event", "reason", "detail", "error") if name in line]
        return f"connector: {', '.join(words)}"

    def stop(self) -> None:
        """Stop connector, workers, clustering and broker in order; safe after a failed start."""
        if self._connector is not None:
            self._connector.stop(grace_seconds=_CONNECTOR_GRACE_SECONDS)
        if self._supervisor is not None:
            self._supervisor.stop(grace_seconds=_WORKERS_GRACE_SECONDS)
        if self._candidates is not None:
            self._candidates.stop(grace_seconds=_CONNECTOR_GRACE_SECONDS)
        if self._kafka is not None:
            self._kafka.stop()
        for file in self._logs:
            file.close()
        if self.plan.data_dir is None and hasattr(self, "_folder"):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start_candidates(self) -> None:
        self._candidates = Child(
            [sys.executable, "-m", "streams.cli", "candidates", "run"],
            env=self._env,
            stdout=self._candidates_log,
            stderr=self._candidates_log,
        )

    def _start_connector(self) -> None:
        self._connector = Child(
            [
                *(sys.executable, "-m", "streams.cli", "ingest", self.plan.source),
                *("--connector-id", CONNECTOR_ID, *self.plan.connector_args),
            ],
            env=self._env,
            # Standard input is a source of its own.
            stdin=None if self.plan.source == "-" else subprocess.DEVNULL,
            stdout=self._connector_log,
            stderr=self._connector_log,
        )

    def _log_file(self, name: str) -> IO[bytes]:
        file = (self._folder / name).open("ab")
        self._logs.append(file)
        return file


def _fresh_folder(data_dir: Path) -> Path:
    """Return a new folder for one run; clear away those of runs that were killed."""
    data_dir.mkdir(parents=True, exist_ok=True)
    for old in data_dir.glob("run-*"):
        if not _is_alive(old.name.removeprefix("run-")):
            shutil.rmtree(old, ignore_errors=True)
    folder = data_dir / f"run-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _tail(path: Path) -> str:
    """Return the last lines of a log; reads only its end, for it is looked at all the time."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _LOG_TAIL_BYTES, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_LOG_TAIL_LINES:])
