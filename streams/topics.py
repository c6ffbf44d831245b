"""The topics of Hustings: names, keys, clean-up and how long they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_DAY_MS: Final = 24 * 60 * 60 * 1000


class Cleanup(StrEnum):
    """What Kafka does with old records of a topic."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What a topic must look like; `hustings topics apply` holds the cluster to it."""

    name: str
    """Name without the deployment's prefix."""
    holds: str
    """One line for people."""
    cleanup: Cleanup
    retention_ms: int
    """Least time that records stay; -1 for ever. Without meaning for compacted topics."""
    partitioned_by_post: bool
    """Co-partitioned with `posts`: a post's records stand in the same partition number."""

    def config(self) -> dict[str, str]:
        """Return the Kafka topic configuration that this topic needs."""
        config = {
            "cleanup.policy": self.cleanup.value,
            "compression.type": "producer",
            # Event times of replayed posts lie years back: retention by them would delete at once.
            "message.timestamp.type": "CreateTime",
            "max.message.bytes": str(2 * 1024 * 1024),
        }
        if self.cleanup is Cleanup.DELETE:
            config["retention.ms"] = str(self.retention_ms)
        return config


def _log(name: str, holds: str, *, days: int, by_post: bool = False) -> TopicSpec:
    return TopicSpec(name, holds, Cleanup.DELETE, days * _DAY_MS, by_post)


def _state(name: str, holds: str, *, by_post: bool = False) -> TopicSpec:
    return TopicSpec(name, holds, Cleanup.COMPACT, -1, by_post)


POSTS: Final = _log("posts", "posts from connectors", days=7, by_post=True)
CLAIMS: Final = _state("claims", "known claims and election packs, by id")
POLICIES: Final = _state("policies", "which labels are public, where, when and about whom")
LABELS: Final = _state("labels", "state: the current labels of a post", by_post=True)
LABEL_EVENTS: Final = _log(
    "label-events", "log: every apply, update and retract", days=400, by_post=True
)
OBSERVATIONS: Final = _log(
    "observations", "posts whose election claim matches nothing known", days=7, by_post=True
)
CANDIDATES: Final = _state("candidates", "those claims, clustered: the fact-checkers' queue")
REVIEWS: Final = _log("reviews", "human decisions", days=400, by_post=True)
DEAD_LETTERS: Final = _log("dead-letters", "what could not be processed, and why", days=30)
CURSORS: Final = _state("cursors", "connectors' positions")

ALL_TOPICS: Final = (
    POSTS,
    CLAIMS,
    POLICIES,
    LABELS,
    LABEL_EVENTS,
    OBSERVATIONS,
    CANDIDATES,
    REVIEWS,
    DEAD_LETTERS,
    CURSORS,
)

SINGLE_PARTITION: Final = frozenset({CLAIMS.name, POLICIES.name, CURSORS.name})
"""Small compacted topics that are read whole; one partition keeps their order total."""
