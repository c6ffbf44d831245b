"""Topics of the cluster: create, verify, list."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigFilterType, ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from streams.broker.errors import TopicsFailed, Unreachable
from streams.broker.topicplan import (
    FoundTopic,
    TopicAction,
    TopicPlan,
    plan_topics,
    wanted_topic,
)
from streams.kafka_client import bootstrap_servers, client_config
from streams.topics import ALL_TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.broker.topicplan import WantedTopic
    from streams.settings import KafkaSettings
    from streams.topics import TopicSpec

REACH_SECONDS: Final = 15.0
_KNOCK_AGAIN_SECONDS: Final = 0.2
_REQUEST_MS: Final = 30_000
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class TopicOutcome:
    """What became of one topic."""

    name: str
    """With the deployment's prefix."""
    action: TopicAction
    reasons: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether the topic is now (or would be) as it must be."""
        return self.action not in {TopicAction.REFUSED, TopicAction.WITHHELD}


def apply_topics(
    settings: KafkaSettings,
    *,
    specs: Sequence[TopicSpec] = ALL_TOPICS,
    dry_run: bool = False,
    timeout_seconds: float = REACH_SECONDS,
) -> list[TopicOutcome]:
    """Create what is missing and change what differs, without losing a record.

    When a topic cannot be as the settings want it, nothing is changed at all.
    Calling it again, or from several processes at once, does no harm.

    Args:
        settings: the cluster and what topics look like there.
        specs: the topics.
        dry_run: say what would be done, and do nothing.
        timeout_seconds: how long to wait for a Kafka that does not answer yet.

    Raises:
        Unreachable: no Kafka answers.
        TopicsFailed: Kafka turned a request down.
    """
    wanted = [wanted_topic(spec, settings) for spec in specs]
    with _admin(settings, timeout_seconds) as admin:
        for attempt in range(1, _TRIES + 1):
            plans = plan_topics(wanted, _find(admin, [one.name for one in wanted]))
            try:
                if not dry_run:
                    _carry_out(admin, plans)
            except TopicAlreadyExistsError:
                # Somebody else applies at the same moment: look again.
                if attempt == _TRIES:
                    raise
            else:
                break
    return [TopicOutcome(plan.wanted.name, plan.action, plan.reasons) for plan in plans]


def list_topics(
    settings: KafkaSettings,
    *,
    specs: Sequence[TopicSpec] = ALL_TOPICS,
    timeout_seconds: float = REACH_SECONDS,
) -> list[tuple[WantedTopic, FoundTopic | None]]:
    """Return each topic as it is wanted and as it is.

    Raises:
        Unreachable: no Kafka answers.
        TopicsFailed: Kafka turned a request down.
    """
    wanted = [wanted_topic(spec, settings) for spec in specs]
    with _admin(settings, timeout_seconds) as admin:
        found = _find(admin, [one.name for one in wanted])
    return [(one, found.get(one.name)) for one in wanted]


@contextlib.contextmanager
def _admin(settings: KafkaSettings, timeout_seconds: float) -> Iterator[Any]:
    try:
        _knock(settings, timeout_seconds)
        admin = KafkaAdminClient(
            **client_config(settings),
            client_id="hustings-topics",
            bootstrap_timeout_ms=int(timeout_seconds * 1000),
            request_timeout_ms=_REQUEST_MS,
        )
    except (KafkaError, OSError, ValueError) as error:
        raise Unreachable(
            f"Kafka at {settings.bootstrap_servers} cannot be reached ({_words(error)})",
            remedy="Start one with `hustings kafka start`, or check the HUSTINGS_KAFKA__ settings "
            "with `hustings doctor`.",
        ) from error
    try:
        yield admin
    except KafkaError as error:
        raise TopicsFailed(
            f"Kafka at {settings.bootstrap_servers} turned a request about topics down "
            f"({_words(error)})",
            remedy="Check that there are as many brokers as HUSTINGS_KAFKA__REPLICATION says and "
            "that this user may create and describe topics.",
        ) from error
    finally:
        admin.close()


def _knock(settings: KafkaSettings, timeout_seconds: float) -> None:
    """Wait until a server takes connections.

    The client itself would say only that time ran out, not that the
    connection was refused or the name is unknown, and leave its sockets open.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        for server in bootstrap_servers(settings):
            host, _, port = server.rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout_seconds).close()
            except OSError as error:
                reason = error
            else:
                return
        if time.monotonic() > deadline:
            raise reason
        time.sleep(_KNOCK_AGAIN_SECONDS)


def _find(admin: Any, names: Sequence[str]) -> dict[str, FoundTopic]:
    existing = sorted(set(names) & set(admin.list_topics()))
    if not existing:
        return {}
    admin.wait_for_topics(existing)
    described = {topic["name"]: topic["partitions"] for topic in admin.describe_topics(existing)}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in existing]
    configs = admin.describe_configs(resources, config_filter=ConfigFilterType.ALL)["topic"]
    records = _records(admin, {name: len(parts) for name, parts in described.items()})
    return {
        name: FoundTopic(
            len(partitions),
            min(len(one["replica_nodes"]) for one in partitions),
            {key: str(entry["value"]) for key, entry in configs[name].items()},
            records[name],
        )
        for name, partitions in described.items()
    }


def _records(admin: Any, partitions: dict[str, int]) -> dict[str, int]:
    every = [
        TopicPartition(name, number)
        for name, count in partitions.items()
        for number in range(count)
    ]
    first = admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.EARLIEST))
    last = admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.LATEST))
    counts = dict.fromkeys(partitions, 0)
    for one in every:
        counts[one.topic] += last[one].offset - first[one].offset
    return counts


def _carry_out(admin: Any, plans: Sequence[TopicPlan]) -> None:
    created = [plan.wanted for plan in plans if plan.action is TopicAction.CREATED]
    if created:
        admin.create_topics(
            {
                one.name: {
                    "num_partitions": one.partitions,
                    "replication_factor": one.replication,
                    "configs": dict(one.config),
                }
                for one in created
            },
            wait_for_metadata=True,
        )
    changed = [plan for plan in plans if plan.action is TopicAction.CHANGED]
    more = {plan.wanted.name: plan.partitions for plan in changed if plan.partitions is not None}
    if more:
        admin.create_partitions(more)
    configs = [
        ConfigResource(ConfigResourceType.TOPIC, plan.wanted.name, dict(plan.config))
        for plan in changed
        if plan.config
    ]
    if configs:
        admin.alter_configs(configs)


def _words(error: BaseException) -> str:
    """Return a client error's kind and meaning; its own text repeats the whole request."""
    meaning = getattr(error, "description", None) or str(error)
    return f"{type(error).__name__}: {meaning}"[:300]
