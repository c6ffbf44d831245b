"""What a Kafka node reads: its properties and its log configuration, as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST: Final = "127.0.0.1"
"""The embedded broker has no password: nothing outside this machine may reach it."""

_LEAST_IN_SYNC_OF_THREE: Final = 2


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one node listens."""

    node_id: int
    broker_port: int
    controller_port: int


def server_properties(node: Endpoint, cluster: Sequence[Endpoint]) -> str:
    """Return `server.properties` of one node; paths are relative to its folder.

    Every node is broker and controller. Three nodes keep three copies of a
    record and need two of them to accept one.
    """
    copies = min(len(cluster), 3)
    in_sync = _LEAST_IN_SYNC_OF_THREE if copies == 3 else 1  # noqa: PLR2004
    listeners = f"BROKER://{HOST}:{node.broker_port},CONTROLLER://{HOST}:{node.controller_port}"
    properties = {
        "process.roles": "broker,controller",
        "node.id": node.node_id,
        "listeners": listeners,
        "advertised.listeners": listeners,
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        # Voters by address, not by what a first start recorded: ports change between starts.
        "controller.quorum.voters": ",".join(
            f"{one.node_id}@{HOST}:{one.controller_port}" for one in cluster
        ),
        "log.dirs": "data",
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "num.partitions": 4,
        "auto.create.topics.enable": "false",
        # The defaults of 50 partitions make the first group and transaction wait for seconds.
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        # Waiting for more members only delays the few that one machine runs.
        "group.initial.rebalance.delay.ms": 0,
        # A node that crashed is let in again only when its old session is over. Alone it waits for
        # nobody else, so that may be short.
        "broker.session.timeout.ms": 6000 if copies > 1 else 2000,
        "broker.heartbeat.interval.ms": 1000 if copies > 1 else 500,
        # The default of 128 MB is a quarter of the heap.
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "num.network.threads": 2,
        "num.io.threads": 4,
        # Posts with a claim are few, but a dead letter may carry a whole bad record.
        "message.max.bytes": 2 * 1024 * 1024,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def log_properties() -> str:
    """Return the log4j 2 configuration: one rolling file, at most 40 MB."""
    return """\
status=error
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName=server.log
appender.file.filePattern=server.%i.log
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %m (%c)%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=3
rootLogger.level=info
rootLogger.appenderRef.file.ref=file
# Every setting and every partition at each start bury what a reader looks for.
logger.config.name=org.apache.kafka.common.config
logger.config.level=warn
logger.server.name=kafka.server.KafkaConfig
logger.server.level=warn
logger.state.name=state.change.logger
logger.state.level=warn
"""
