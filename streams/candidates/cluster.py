"""One cluster: what is known of the posts that seem to make the same claim."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from streams.candidates.burst import bucket, last_day
from streams.schema import Example, Shape, stable_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from streams.schema import Observation

    Direction = npt.NDArray[np.int8]
    Total = npt.NDArray[np.int32]

MOST_MEMBERS: Final = 5_000
"""Posts of one cluster that are remembered one by one; of more only the counts."""
MOST_EXAMPLES: Final = 8
MOST_SHAPES: Final = 256
MOST_ABSORBED: Final = 100
GONE: Final = 0xFFFF_FFFF
"""Shape of a post that was withdrawn: remembered, so that a repeat does not bring it back."""


class Member(NamedTuple):
    """A post that is remembered: enough to know it again and to take it back."""

    version: str
    shape: int
    author: int
    at: int
    """Seconds since the epoch: its receipt."""


def post_hash(post_id: str) -> int:
    """Return 64 bits that stand for a post."""
    return int.from_bytes(hashlib.sha256(post_id.encode("utf-8", "surrogatepass")).digest()[:8])


def author_hash(observation: Observation) -> int:
    """Return 32 bits that stand for the author; for the post where no author is known."""
    of = observation.author or f"post {observation.post_id}"
    return int.from_bytes(hashlib.sha256(of.encode("utf-8", "surrogatepass")).digest()[:4])


def candidate_id(founder: Observation) -> str:
    """Return the id of the candidate that this post begins."""
    return stable_id("candidate", founder.post_id, founder.post_version)[:20]


def seconds(observation: Observation) -> int:
    """Return when the post was received, in seconds since the epoch."""
    return int(observation.received_at.timestamp())


@dataclass(slots=True, eq=False)
class Cluster:
    """Counts, a direction, and the posts that are remembered."""

    candidate_id: str
    space: str
    total: Total
    """Sum of the members' directions: integers, so that it depends on no order."""
    first_at: int
    last_at: int
    members: dict[int, Member] = field(default_factory=dict)
    shapes: list[Shape] = field(default_factory=list)
    people: int = 0
    """Distinct authors; of forgotten posts some may be counted again."""
    rhythm: dict[int, int] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    absorbed: list[str] = field(default_factory=list)
    forgotten_before: int = 0
    retired_by: str | None = None
    """The known claim that says the same: it is out of the queue, but still takes in posts."""
    authors: Counter[int] = field(default_factory=Counter)
    """Remembered posts by author."""

    @classmethod
    def of(cls, founder: Observation, space: str, width: int) -> Cluster:
        """Return an empty cluster that this post is about to begin."""
        at = seconds(founder)
        return cls(candidate_id(founder), space, np.zeros(width, np.int32), at, at)

    @property
    def posts(self) -> int:
        """How many posts it holds, forgotten ones included."""
        return sum(shape.posts for shape in self.shapes)

    @property
    def jurisdictions(self) -> frozenset[str]:
        """Packs that its posts name."""
        return frozenset(
            code for shape in self.shapes if shape.posts for code in shape.jurisdictions
        )

    def unit(self) -> npt.NDArray[np.float64]:
        """Return its direction with length 1, or zeros."""
        full = self.total.astype(np.float64)
        length = float(np.linalg.norm(full))
        return full / length if length > 0 else full

    def add(self, observation: Observation, direction: Direction) -> int:
        """Count a post that is not counted yet; return its hash."""
        key, at = post_hash(observation.post_id), seconds(observation)
        author = author_hash(observation)
        self.total += direction.astype(np.int32)
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)
        self.members[key] = Member(observation.post_version, self._count(observation), author, at)
        if not self.authors[author]:
            self.people += 1
            self.rhythm[bucket(at)] = self.rhythm.get(bucket(at), 0) + 1
        self.authors[author] += 1
        self.rhythm = last_day(self.rhythm, bucket(self.last_at))
        self._show(observation)
        return key

    def withdraw(self, key: int, version: str, post_id: str) -> None:
        """Count a post no longer; keep in mind that it was here. What it said stays in `total`."""
        member = self.members[key]
        if member.shape != GONE:
            self._uncount(member)
        self.members[key] = member._replace(version=version, shape=GONE)
        self.examples = [one for one in self.examples if one.post_id != post_id]

    def drop(self, key: int, post_id: str) -> None:
        """Take out a post that now belongs elsewhere."""
        self.withdraw(key, "", post_id)
        del self.members[key]

    def forget(self, most: int = MOST_MEMBERS) -> list[int]:
        """Return the oldest posts' hashes, remembered no longer, if there are more than `most`.

        A tenth goes at once: it takes a sort of all.
        """
        if len(self.members) <= most:
            return []
        oldest = sorted(self.members.items(), key=lambda item: (item[1].at, item[0]))
        gone = oldest[: len(self.members) - most + most // 10]
        for key, member in gone:
            del self.members[key]
            if member.shape != GONE:
                self._let_go(member.author)
            self.forgotten_before = max(self.forgotten_before, member.at)
        return [key for key, _ in gone]

    def absorb(self, other: Cluster) -> None:
        """Take over everything of another cluster."""
        self.total += other.total
        self.first_at = min(self.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)
        self.people += other.people - sum(1 for one in other.authors if one in self.authors)
        self.authors.update(other.authors)
        places = [self._place(shape, shape.posts) for shape in other.shapes]
        for key, member in other.members.items():
            shape = member.shape if member.shape == GONE else places[member.shape]
            self.members[key] = member._replace(shape=shape)
        for at, people in other.rhythm.items():
            self.rhythm[at] = self.rhythm.get(at, 0) + people
        self.rhythm = last_day(self.rhythm, bucket(self.last_at))
        for example in other.examples:
            self._keep(example)
        self.absorbed = [*self.absorbed, other.candidate_id, *other.absorbed]
        if other.retired_by != self.retired_by:
            # One of them waits for people: better seen once more than never.
            self.retired_by = None
        self.forgotten_before = max(self.forgotten_before, other.forgotten_before)

    def overflow(self) -> list[str]:
        """Return ids of absorbed candidates that are named no longer, the oldest first."""
        extra = max(len(self.absorbed) - MOST_ABSORBED, 0)
        gone, self.absorbed = self.absorbed[:extra], self.absorbed[extra:]
        return gone

    def _count(self, observation: Observation) -> int:
        return self._place(
            Shape(
                posts=0,
                language=observation.language,
                source=observation.post_source,
                stance=observation.stance,
                jurisdictions=observation.jurisdictions,
                types=observation.types,
            ),
            1,
        )

    def _place(self, shape: Shape, posts: int) -> int:
        """Add posts of a shape; return where they are counted."""
        at = next(self._like(shape))
        if at == len(self.shapes):
            self.shapes.append(shape.model_copy(update={"posts": posts}))
        else:
            known = self.shapes[at]
            self.shapes[at] = known.model_copy(update={"posts": known.posts + posts})
        return at

    def _like(self, shape: Shape) -> Iterator[int]:
        """Yield where a shape is counted: with its likes; when there are too many, near by."""
        for at, known in enumerate(self.shapes):
            if (known.language, known.source, known.stance, known.jurisdictions, known.types) == (
                shape.language,
                shape.source,
                shape.stance,
                shape.jurisdictions,
                shape.types,
            ):
                yield at
        if len(self.shapes) < MOST_SHAPES:
            yield len(self.shapes)
        for at, known in enumerate(self.shapes):
            if known.language == shape.language:
                yield at
        yield 0

    def _uncount(self, member: Member) -> None:
        shape = self.shapes[member.shape]
        self.shapes[member.shape] = shape.model_copy(update={"posts": max(shape.posts - 1, 0)})
        if self._let_go(member.author):
            self.people = max(self.people - 1, 0)

    def _let_go(self, author: int) -> bool:
        """Take one post from an author; return whether it was the last that is remembered."""
        self.authors[author] -= 1
        if self.authors[author] > 0:
            return False
        del self.authors[author]
        return True

    def _show(self, observation: Observation) -> None:
        self._keep(
            Example(
                post_id=observation.post_id,
                post_version=observation.post_version,
                post_source=observation.post_source,
                url=observation.url,
                language=observation.language,
                stance=observation.stance,
                score=observation.score,
                checkworthy=observation.checkworthy,
                spans=observation.spans,
                created_at=observation.created_at,
                received_at=observation.received_at,
            )
        )

    def _keep(self, example: Example) -> None:
        """Keep an example if it says more than one of those there: languages first, then score."""
        self.examples.append(example)
        if len(self.examples) <= MOST_EXAMPLES:
            return
        spoken = Counter(one.language for one in self.examples)
        worst = min(
            self.examples,
            key=lambda one: (-spoken[one.language], one.score, one.received_at, one.post_id),
        )
        self.examples.remove(worst)
