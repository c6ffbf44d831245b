"""What to do about a topic: pure comparison of what is wanted with what is there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from streams.topics import SINGLE_PARTITION, Cleanup, TopicSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streams.settings import KafkaSettings

_COPIES_FOR_TWO_IN_SYNC: Final = 3
_CLEANUP: Final = "cleanup.policy"
_RETENTION: Final = "retention.ms"
_LARGEST: Final = "max.message.bytes"
_FOR_EVER: Final = -1
_DAY_MS: Final = 24 * 60 * 60 * 1000


class TopicAction(StrEnum):
    """What is done about a topic."""

    CREATED = "created"
    VERIFIED = "verified"
    """As it must be; nothing to do."""
    CHANGED = "changed"
    REFUSED = "refused"
    """The change would lose data, or cannot be made; the reasons say what to do."""
    WITHHELD = "withheld"
    """Would be created or changed, but another topic was refused."""


@dataclass(frozen=True, slots=True)
class WantedTopic:
    """A topic as the settings want it."""

    spec: TopicSpec
    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as the cluster has it."""

    partitions: int
    replication: int
    config: Mapping[str, str]
    records: int
    """Between the first and the last offset of all partitions; never fewer than there are."""


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """What to do about one topic."""

    wanted: WantedTopic
    action: TopicAction
    partitions: int | None = None
    """The new partition count, when it changes."""
    config: Mapping[str, str] = field(default_factory=dict)
    """Settings that change."""
    reasons: tuple[str, ...] = ()
    """What changes, what was refused and what to do, for people."""


def wanted_topic(spec: TopicSpec, settings: KafkaSettings) -> WantedTopic:
    """Return what the settings make of a topic."""
    config = spec.config()
    if settings.replication >= _COPIES_FOR_TWO_IN_SYNC:
        # Otherwise one broker that loses its disk may take acknowledged records along.
        config["min.insync.replicas"] = "2"
    return WantedTopic(
        spec,
        settings.topic(spec),
        1 if spec.name in SINGLE_PARTITION else settings.partitions,
        settings.replication,
        config,
    )


def plan_topics(wanted: Sequence[WantedTopic], found: Mapping[str, FoundTopic]) -> list[TopicPlan]:
    """Return what to do about each topic, in the same order.

    When one is refused, the others are left alone too: topics that hold the
    same posts must keep the same number of partitions.
    """
    plans = [_plan(one, found.get(one.name)) for one in wanted]
    if any(plan.action is TopicAction.REFUSED for plan in plans):
        return [
            replace(plan, action=TopicAction.WITHHELD)
            if plan.action in {TopicAction.CREATED, TopicAction.CHANGED}
            else plan
            for plan in plans
        ]
    return plans


def _plan(wanted: WantedTopic, found: FoundTopic | None) -> TopicPlan:
    if found is None:
        return TopicPlan(wanted, TopicAction.CREATED)
    config = _config_changes(wanted, found)
    repartitioned = found.partitions != wanted.partitions
    refused = [
        reason
        for reason in (
            _why_not_replication(wanted, found),
            _why_not_partitions(wanted, found) if repartitioned else None,
            _why_not_cleanup(wanted, found) if _CLEANUP in config else None,
        )
        if reason
    ]
    if refused:
        return TopicPlan(wanted, TopicAction.REFUSED, reasons=tuple(refused))
    if not config and not repartitioned:
        return TopicPlan(wanted, TopicAction.VERIFIED, reasons=_notes(wanted, found))
    changes = [
        f"{name} {found.config.get(name, 'unset')} → {value}" for name, value in config.items()
    ]
    if repartitioned:
        changes.insert(0, f"partitions {found.partitions} → {wanted.partitions}")
    partitions = wanted.partitions if repartitioned else None
    return TopicPlan(wanted, TopicAction.CHANGED, partitions, config, tuple(changes))


def _config_changes(wanted: WantedTopic, found: FoundTopic) -> dict[str, str]:
    changes = {}
    for name, value in wanted.config.items():
        now = found.config.get(name)
        if name == _RETENTION:
            # The least time: an operator who keeps records longer is not made to lose them.
            enough = now is not None and _keeps(now) >= _keeps(value)
        elif name == _LARGEST:
            enough = now is not None and int(now) >= int(value)
        else:
            enough = now == value
        if not enough:
            changes[name] = value
    return changes


def _notes(wanted: WantedTopic, found: FoundTopic) -> tuple[str, ...]:
    least, now = wanted.config.get(_RETENTION), found.config.get(_RETENTION)
    if least is None or now is None or _keeps(now) == _keeps(least):
        return ()
    return (f"keeps records {_days(now)}, {_days(least)} are needed: not shortened",)


def _why_not_replication(wanted: WantedTopic, found: FoundTopic) -> str | None:
    if found.replication >= wanted.replication:
        return None
    return (
        f"has {found.replication} copies, {wanted.replication} are wanted: add copies with "
        "kafka-reassign-partitions, or lower HUSTINGS_KAFKA__REPLICATION"
    )


def _why_not_partitions(wanted: WantedTopic, found: FoundTopic) -> str | None:
    remedy = (
        f"set HUSTINGS_KAFKA__PARTITIONS={found.partitions}, or start afresh under another "
        "HUSTINGS_KAFKA__TOPIC_PREFIX"
    )
    if wanted.spec.name in SINGLE_PARTITION:
        remedy = "delete it if its records may go, or use another HUSTINGS_KAFKA__TOPIC_PREFIX"
    if wanted.partitions < found.partitions:
        return (
            f"has {found.partitions} partitions, {wanted.partitions} are wanted; Kafka cannot "
            f"take partitions away: {remedy}"
        )
    if found.records:
        return (
            f"has {found.partitions} partitions with records, {wanted.partitions} are wanted; "
            f"keys would move to other partitions, away from their earlier records: {remedy}"
        )
    return None


def _why_not_cleanup(wanted: WantedTopic, found: FoundTopic) -> str | None:
    now = found.config.get(_CLEANUP, "")
    policies = set(now.replace(" ", "").split(","))
    if not found.records or len(policies) > 1:
        # With both policies Kafka loses more than with either: one alone is safer.
        return None
    loss = (
        "all but each key's last record would go"
        if wanted.spec.cleanup is Cleanup.COMPACT
        else "old records would go whatever their key"
    )
    return (
        f"has cleanup.policy={now} and records, {wanted.spec.cleanup} is wanted; {loss}: set it "
        "with kafka-configs if that is meant, or use another HUSTINGS_KAFKA__TOPIC_PREFIX"
    )


def _keeps(retention_ms: str) -> float:
    number = int(retention_ms)
    return float("inf") if number == _FOR_EVER else number


def _days(retention_ms: str) -> str:
    number = int(retention_ms)
    return "for ever" if number == _FOR_EVER else f"{number / _DAY_MS:g} days"
