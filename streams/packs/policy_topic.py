"""The policy on its topic: read, compared, published."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kafka.errors import KafkaError
from pydantic import ValidationError

from streams.kafka_log import READ_SECONDS, OpenTransactionError, read_whole
from streams.packs.claims_topic import describe, only_partition
from streams.packs.errors import TopicError
from streams.packs.writer import Entry, sole_writer
from streams.schema import POLICY_KEY, Policy, stable_id
from streams.topics import POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streams.settings import KafkaSettings


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the policy that is not the same in both."""

    part: str
    """Where it stands, keys joined by dots."""
    before: Any
    """None: it was not there."""
    after: Any
    """None: it is no longer there."""


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """Return what is different in two policies, versions aside, by place."""
    ours = dict(_parts(after.model_dump(mode="json", exclude={"version"}), ""))
    theirs = dict(_parts(before.model_dump(mode="json", exclude={"version"}), ""))
    return tuple(
        Difference(part, theirs.get(part), ours.get(part))
        for part in sorted(ours.keys() | theirs.keys())
        if ours.get(part) != theirs.get(part)
    )


def _parts(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _parts(part, f"{at}.{key}" if at else key)
    else:
        yield at, value or None


def read_policy_topic(settings: KafkaSettings, *, seconds: float = READ_SECONDS) -> Policy | None:
    """Return the policy in force; None when none was published: the default is.

    Raises:
        TopicError: Kafka does not answer, the topic is missing or of several
            partitions, or its policy cannot be read.
    """
    topic = settings.topic(POLICIES)
    newest: bytes | None = None
    try:
        for record in read_whole(
            settings,
            lambda reader: [only_partition(reader, topic, TopicError)],
            deadline=time.monotonic() + seconds,
        ):
            if record.key == POLICY_KEY.encode():
                newest = record.value
    except OpenTransactionError as error:
        raise TopicError(
            f"a transaction in the topic {topic} stays open and hides what lies behind it; Kafka "
            "ends it within minutes: try again then"
        ) from error
    except (KafkaError, OSError, ValueError) as error:
        raise TopicError(describe(error, settings)) from error
    if newest is None:
        return None
    try:
        return Policy.from_json(newest)
    except ValidationError as error:
        raise TopicError(
            f"the policy on the topic {topic} cannot be read by this version of Hustings "
            f"({error.error_count()} problems); workers that cannot read it keep the one before"
        ) from error


def publish_policy(
    policy: Policy, settings: KafkaSettings, *, now: Callable[[], datetime] = _utc_now
) -> tuple[Policy, tuple[Difference, ...]]:
    """Publish a policy; return it as published, with what changed: nothing, nothing is written.

    Its version is raised above the published one when the file's is not higher.

    Raises:
        TopicError: nothing was written, or (when Kafka went away at the very end) all of it.
    """
    topic = settings.topic(POLICIES)
    with sole_writer(settings, topic, name=POLICIES.name, error=TopicError) as writer:
        before = read_policy_topic(settings)
        changed = differences(before or Policy(), policy)
        if before is not None and not changed:
            return before, ()
        version = max(policy.version, before.version + 1 if before else 1)
        policy = policy.model_copy(update={"version": version})
        event_id = stable_id(POLICY_KEY, str(version))
        writer.write([Entry(POLICY_KEY, policy, event_id)], now())
    return policy, changed
