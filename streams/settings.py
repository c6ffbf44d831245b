"""Settings from the environment, prefix `HUSTINGS_`, checked at start.

Nested fields take a double underscore: `HUSTINGS_KAFKA__BOOTSTRAP_SERVERS`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from streams.topics import TopicSpec


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(_Group):
    """How to reach Kafka and what the topics look like."""

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092", description="Comma-separated host:port of the cluster."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="As Kafka names it."
    )
    ssl_cafile: Path | None = Field(
        default=None, description="CA certificates in PEM; none: the system's."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="Used with the SASL protocols."
    )
    sasl_username: str | None = Field(default=None, description="User of the SASL protocols.")
    sasl_password: SecretStr | None = Field(default=None, description="Never printed.")
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Put before every topic, group and transactional id: several Hustings on "
        "one cluster.",
    )
    partitions: int = Field(
        default=8, ge=1, le=1024, description="Of posts, labels, label-events and reviews alike."
    )
    replication: int = Field(default=1, ge=1, description="3 in production.")

    def topic(self, spec: TopicSpec) -> str:
        """Return the topic's name on this cluster."""
        return self.topic_prefix + spec.name


class WorkerSettings(_Group):
    """One label worker process."""

    instance: str = Field(
        default="label-0",
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Name of this worker in the group (static membership); unique in the group.",
    )
    chunk_records: int = Field(
        default=2_000, ge=1, le=10_000, description="Most records handed over together."
    )
    encoder_seconds: float = Field(
        default=0.8,
        ge=0.0,
        description="Of one chunk, for the detector's second stage; posts left over are judged by "
        "the first stage alone and counted as late. 0 switches the second stage off.",
    )
    session_timeout_seconds: float = Field(
        default=20.0,
        ge=6.0,
        description="After this silence the group gives a worker's partitions away; longer than "
        "a restart takes.",
    )
    commit_interval_seconds: float = Field(
        default=1.0, gt=0, description="How often offsets of finished chunks are committed."
    )
    give_up_seconds: float = Field(
        default=120.0,
        gt=0,
        description="How long sends are tried again before the process exits with status 75.",
    )
    stuck_seconds: float = Field(
        default=120.0,
        gt=0,
        description="Unhealthy when there is lag and no progress for this long.",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Where /metrics, /livez, /readyz listen."
    )
    metrics_port: int = Field(default=0, ge=0, le=65535, description="0: any free port.")


class ConnectorSettings(_Group):
    """One connector process."""

    batch_records: int = Field(
        default=2_000, ge=1, le=50_000, description="Most posts in one Kafka transaction."
    )
    batch_bytes: int = Field(
        default=8 * 1024 * 1024, ge=1024, description="Most bytes in one Kafka transaction."
    )
    batch_seconds: float = Field(
        default=0.25, gt=0, description="Longest wait before a smaller batch is written."
    )
    stuck_seconds: float = Field(
        default=180.0,
        gt=0,
        description="A transaction older than this makes the process exit with status 75.",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Where /metrics, /livez, /readyz listen."
    )
    metrics_port: int = Field(default=0, ge=0, le=65535, description="0: any free port.")


class LogSettings(_Group):
    """Logging of every process."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="No post text is logged at info or above."
    )
    format: Literal["auto", "console", "json"] = Field(
        default="auto", description="auto: console on a terminal, JSON lines otherwise."
    )


class Settings(BaseSettings):
    """All settings of one Hustings process."""

    model_config = SettingsConfigDict(
        env_prefix="HUSTINGS_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    data_dir: Path = Field(
        default=Path(".hustings"), description="Embedded Kafka's data, logs and caches."
    )
    kafka: KafkaSettings = KafkaSettings()
    worker: WorkerSettings = WorkerSettings()
    connector: ConnectorSettings = ConnectorSettings()
    log: LogSettings = LogSettings()
