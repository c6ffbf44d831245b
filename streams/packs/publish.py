"""Publish packs and claims to the `claims` topic: all changes in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from streams.packs.claims_topic import read_claims_topic
from streams.packs.errors import ClaimsTopicError
from streams.packs.plan import PublishAction, Step, plan
from streams.packs.writer import Entry, sole_writer
from streams.schema import stable_id
from streams.topics import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.packs.folder import PackFolder
    from streams.settings import KafkaSettings


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was done with every pack and claim, by key."""

    steps: tuple[Step, ...]

    def count(self, action: PublishAction) -> int:
        """Return how many packs and claims had this action."""
        return Counter(step.action for step in self.steps)[action]

    @property
    def written(self) -> int:
        """How many records were written."""
        return sum(step.writes for step in self.steps)


def publish(
    folder: PackFolder,
    settings: KafkaSettings,
    *,
    now: Callable[[], datetime] = _utc_now,
) -> PublishReport:
    """Bring the `claims` topic to what the files say; withdraw nothing.

    All records are written in one transaction: readers see all changes or
    none. A second publisher shuts out the first, which then fails.

    Raises:
        ClaimsTopicError: nothing was written, or (when Kafka went away at the
            very end) all of it; publishing again is right in both cases.
    """
    topic = settings.topic(CLAIMS)
    with sole_writer(settings, topic, name=CLAIMS.name, error=ClaimsTopicError) as writer:
        steps = plan(folder, read_claims_topic(settings))
        if entries := [_entry(step) for step in steps if step.writes]:
            writer.write(entries, now())
    return PublishReport(steps)


def _entry(step: Step) -> Entry:
    return Entry(step.key, step.record, stable_id(step.key, str(step.record.version)))
