"""Online clustering: one post after the other, each joined to the nearest claim or a new one.

Pure: no clock, no random number. The same observations in the same order give
the same clusters on every machine; repeats of any of them change nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from streams.candidates.cluster import Cluster, post_hash, seconds
from streams.candidates.lens import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from streams.candidates.cluster import Direction
    from streams.candidates.lens import Lens
    from streams.schema import Observation

THRESHOLD: Final = 0.75
"""Least cosine between a post and a cluster. Measure it anew with `hustings candidates measure`."""
MERGE_THRESHOLD: Final = 0.80
"""Least cosine between two clusters that have become one: a merge cannot be undone."""
MOST_CLUSTERS: Final = 4_000
MOST_REMEMBERED: Final = 200_000
"""Posts of all clusters together that are remembered one by one."""
IDLE_SECONDS: Final = 7 * 24 * 60 * 60
"""Without a new post for so long a candidate goes; as long as posts are kept."""
_SWEEP_SECONDS: Final = 600
_NEAREST: Final = 20
_DIGITS: Final = 6
"""Cosines are rounded: products of matrices of other sizes differ in the last bits."""


class Taken(StrEnum):
    """What became of an observation."""

    JOINED = "joined"
    FOUNDED = "founded"
    REPEAT = "repeat"
    """This version, or a newer one, was counted already."""
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"
    """A withdrawal of what was never counted: most deleted posts claim nothing."""
    TOO_OLD = "too-old"
    """Older than what is remembered: it may have been counted."""
    UNREADABLE = "unreadable"
    """Its vector is none of this encoder."""


class Clusterer:
    """All clusters. Changes since the last `drain` are known, to be published.

    Args:
        lens: gives posts' directions.
        encoder: version of the encoder whose vectors are taken; others are unreadable.
        threshold: least cosine to join.
        merge_threshold: least cosine to merge.
        most: clusters that are kept; the smallest go first.
        most_remembered: posts that are known again; the oldest go first.
    """

    def __init__(
        self,
        lens: Lens,
        encoder: str,
        *,
        threshold: float = THRESHOLD,
        merge_threshold: float = MERGE_THRESHOLD,
        most: int = MOST_CLUSTERS,
        most_remembered: int = MOST_REMEMBERED,
    ) -> None:
        self._lens = lens
        self._encoder = encoder
        self.space = f"{encoder}.{lens.digest}"
        self._threshold, self._merge_threshold = threshold, merge_threshold
        self._most, self._most_remembered = most, most_remembered
        self._clusters: dict[str, Cluster] = {}
        self._home: dict[int, str] = {}
        """Post → candidate, of all posts that are remembered."""
        self._rows = np.zeros((0, lens.axes.shape[1]), np.float64)
        self._row_ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._changed: dict[str, str | None] = {}
        """Candidate → where it went: its own id while it lives, None when it is gone."""
        self._clock = 0
        self._forgotten_before = 0

    def __len__(self) -> int:
        return len(self._clusters)

    def __iter__(self) -> Iterator[Cluster]:
        """Yield all clusters, the oldest first."""
        yield from sorted(self._clusters.values(), key=_age)

    @property
    def clock(self) -> int:
        """Receipt of the newest post so far, in seconds since the epoch."""
        return self._clock

    @property
    def remembered(self) -> int:
        """Posts that would be known again."""
        return len(self._home)

    def home(self, post_id: str) -> str | None:
        """Return the candidate that a remembered post went to."""
        return self._home.get(post_hash(post_id))

    def restore(self, clusters: Iterable[Cluster]) -> None:
        """Take over what was published; nothing of it counts as changed."""
        for cluster in clusters:
            self._clusters[cluster.candidate_id] = cluster
            self._home.update(dict.fromkeys(cluster.members, cluster.candidate_id))
            self._forgotten_before = max(self._forgotten_before, cluster.forgotten_before)
            self._clock = max(self._clock, cluster.last_at)
            if cluster.space == self.space:
                self._place(cluster)

    def get(self, candidate_id: str) -> Cluster | None:
        """Return a candidate's cluster while it stands."""
        return self._clusters.get(candidate_id)

    @property
    def queued(self) -> int:
        """Candidates that no known claim matches."""
        return sum(one.retired_by is None for one in self._clusters.values())

    def retire(self, candidate_id: str, claim_id: str | None) -> None:
        """Take a candidate out of the queue for a known claim; with None put it back.

        It goes on taking in posts: what says the same is no new claim either.
        """
        cluster = self._clusters.get(candidate_id)
        if cluster is not None and cluster.retired_by != claim_id:
            cluster.retired_by = claim_id
            self._changed[candidate_id] = candidate_id

    def drain(self) -> dict[str, Cluster | str | None]:
        """Return what changed since the last call.

        By candidate id: its cluster; the id that it was merged into; or None when it is gone.
        """
        changed = {
            one: self._clusters[one] if where == one else where
            for one, where in self._changed.items()
        }
        self._changed = {}
        return changed

    def take(self, observation: Observation) -> Taken:
        """Count a post, or count it no longer."""
        key = post_hash(observation.post_id)
        home = self._clusters[self._home[key]] if key in self._home else None
        if home is None and observation.withdrawn:
            return Taken.UNKNOWN
        if home is not None and observation.post_version <= home.members[key].version:
            return Taken.REPEAT
        if home is None and seconds(observation) <= self._forgotten_before:
            return Taken.TOO_OLD
        if observation.withdrawn and home is not None:
            home.withdraw(key, observation.post_version, observation.post_id)
            self._changed[home.candidate_id] = home.candidate_id
            return Taken.WITHDRAWN
        direction = self._direction(observation)
        if direction is None:
            return Taken.UNREADABLE
        if home is not None:
            home.drop(key, observation.post_id)
            del self._home[key]
            self._changed[home.candidate_id] = home.candidate_id
            if not home.members and not home.posts:
                self._expire(home)
        self._tick(seconds(observation))
        found = self._nearest(
            direction.astype(np.float64), frozenset(observation.jurisdictions), self._threshold
        )
        cluster = found or Cluster.of(observation, self.space, direction.size)
        self._clusters[cluster.candidate_id] = cluster
        self._home[cluster.add(observation, direction)] = cluster.candidate_id
        self._place(cluster)
        self._converge(cluster)
        self._bound()
        return Taken.FOUNDED if found is None else Taken.JOINED

    def _direction(self, observation: Observation) -> Direction | None:
        try:
            vector = unpacked(observation.vector)
        except ValueError:
            return None
        if observation.encoder != self._encoder or vector.size != self._lens.dimensions:
            return None
        return self._lens.see(vector, observation.language) if vector.any() else None

    def _nearest(
        self,
        direction: npt.NDArray[np.float64],
        jurisdictions: frozenset[str],
        threshold: float,
        *,
        but: str = "",
    ) -> Cluster | None:
        """Return the nearest cluster that may say the same, None when all are too far."""
        length = float(np.linalg.norm(direction))
        if not self._row_ids or length <= 0:
            return None
        cosines = np.round(self._rows[: len(self._row_ids)] @ (direction / length), _DIGITS)
        near = np.flatnonzero(cosines >= threshold)
        near = near[np.argsort(-cosines[near], kind="stable")][:_NEAREST]
        ranked = sorted(
            ((float(-cosines[row]), self._clusters[self._row_ids[row]]) for row in near),
            key=lambda one: (one[0], _age(one[1])),
        )
        for _, cluster in ranked:
            if cluster.candidate_id != but and _may_be_one(jurisdictions, cluster.jurisdictions):
                return cluster
        return None

    def _converge(self, cluster: Cluster) -> None:
        """Merge with clusters that are now as good as the same; the oldest keeps its id."""
        while other := self._nearest(
            cluster.total.astype(np.float64),
            cluster.jurisdictions,
            self._merge_threshold,
            but=cluster.candidate_id,
        ):
            elder, younger = sorted((cluster, other), key=_age)
            elder.absorb(younger)
            self._remove(younger)
            self._changed[younger.candidate_id] = elder.candidate_id
            self._home.update(dict.fromkeys(younger.members, elder.candidate_id))
            for gone in elder.overflow():
                self._changed[gone] = None
            self._place(elder)
            cluster = elder
        self._forget(cluster.forget(), cluster)
        self._changed[cluster.candidate_id] = cluster.candidate_id

    def _tick(self, at: int) -> None:
        """Let the newest post's time be the time; let go of what has been idle for too long."""
        before, self._clock = self._clock, max(self._clock, at)
        if before // _SWEEP_SECONDS == self._clock // _SWEEP_SECONDS:
            return
        for cluster in list(self._clusters.values()):
            if cluster.last_at < self._clock - IDLE_SECONDS:
                self._expire(cluster)

    def _bound(self) -> None:
        while len(self._clusters) > self._most:
            self._expire(
                min(
                    self._clusters.values(),
                    key=lambda one: (
                        one.posts > 0 and one.retired_by is None,
                        one.people,
                        one.last_at,
                        one.candidate_id,
                    ),
                )
            )
        while len(self._home) > self._most_remembered:
            fullest = max(
                self._clusters.values(), key=lambda one: (len(one.members), one.candidate_id)
            )
            self._forget(fullest.forget(len(fullest.members) // 2), fullest)

    def _forget(self, keys: Iterable[int], cluster: Cluster) -> None:
        for key in keys:
            del self._home[key]
        self._forgotten_before = max(self._forgotten_before, cluster.forgotten_before)
        self._changed[cluster.candidate_id] = cluster.candidate_id

    def _expire(self, cluster: Cluster) -> None:
        self._remove(cluster)
        for gone in (cluster.candidate_id, *cluster.absorbed):
            self._changed[gone] = None
        for key in cluster.members:
            del self._home[key]

    def _place(self, cluster: Cluster) -> None:
        """Note a cluster's direction among those that posts are compared with."""
        row = self._row_of.get(cluster.candidate_id)
        if row is None:
            row = len(self._row_ids)
            if row == len(self._rows):
                more = np.zeros((max(2 * row, 64), self._rows.shape[1]), np.float64)
                more[:row] = self._rows
                self._rows = more
            self._row_ids.append(cluster.candidate_id)
            self._row_of[cluster.candidate_id] = row
        self._rows[row] = cluster.unit()

    def _remove(self, cluster: Cluster) -> None:
        del self._clusters[cluster.candidate_id]
        row = self._row_of.pop(cluster.candidate_id, None)
        if row is None:
            return
        last = self._row_ids.pop()
        if last != cluster.candidate_id:
            self._rows[row] = self._rows[len(self._row_ids)]
            self._row_ids[row] = last
            self._row_of[last] = row


def _age(cluster: Cluster) -> tuple[int, str]:
    return cluster.first_at, cluster.candidate_id


def _may_be_one(ones: frozenset[str], others: frozenset[str]) -> bool:
    """Return whether claims may be the same by the countries that they name."""
    return not ones or not others or not ones.isdisjoint(others)
