"""The processes of the main job: started in order, watched, stopped in the reverse order."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import structlog

from streams.broker.admin import apply_topics
from streams.broker.embedded import EmbeddedKafka
from streams.lifeline import Child
from streams.packs.folder import read_packs
from streams.packs.publish import publish
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
    kafka_settings: KafkaSettings = field(init=False)
    _folder: Path = field(init=False)
    _kafka: EmbeddedKafka | None = field(default=None, init=False)
    _supervisor: Supervisor | None = field(default=None, init=False)
    _connector: Child | None = field(default=None, init=False)
    _candidates: Child | None = field(default=None, init=False)
    _candidates_log: IO[bytes] = field(init=False)
    _env: dict[str, str] = field(default_factory=dict, init=False)
    _connector_log: IO[bytes] = field(init=False)
    _logs: list[IO[bytes]] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Start everything in order.

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
        }
        self._supervisor = Supervisor(
            self.plan.workers, env=env, stderr=self._log_file("workers.log")
        )
        self._supervisor.start()
        self._env = {**os.environ, **env}
        self._candidates_log = self._log_file("candidates.log")
        self._start_candidates()
        self._connector_log = self._log_file("connector.log")
        self._start_connector()
        self.say(
            f"Started {self.plan.workers} label worker(s) and the connector for "
            f"{self.plan.source}; their logs: {self._folder}"
        )

    def tend(self) -> None:
        """Restart workers that left; call it a few times a second.

        Raises:
            JobFailedError: the connector failed.
            streams.broker.errors.BrokerError: Kafka died.
        """
        assert self._kafka is not None  # noqa: S101 - tend follows start
        assert self._supervisor is not None  # noqa: S101
        assert self._connector is not None  # noqa: S101
        self._kafka.check()
        self._supervisor.tend()
        if self._candidates is not None and self._candidates.returncode == EXIT_TEMPFAIL:
            # It goes on where its last transaction ended; labels do not wait for it.
            self._candidates.stop()
            self._start_candidates()
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

    def trouble(self) -> str:
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
