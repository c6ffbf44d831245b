"""A cluster as a record of the topic `candidates`, and back, without loss."""

from __future__ import annotations

import base64
import binascii
import struct
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from streams.candidates.burst import BUCKET_SECONDS, bucket, burst
from streams.candidates.cluster import GONE, Cluster, Member
from streams.schema import Candidate, ClusterMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streams.schema import Shape

_MEMBER: Final = struct.Struct("<QIIH")
"""Hash of the post, author, seconds since the epoch, shape."""
_GONE: Final = 0xFFFF


class BadMemoryError(ValueError):
    """A record that cannot be gone on from."""


def to_record(cluster: Cluster, now: int) -> Candidate:
    """Return the record of a cluster; the burst is as of `now`, seconds since the epoch."""
    members = b"".join(
        _MEMBER.pack(key, one.author, one.at, _GONE if one.shape == GONE else one.shape)
        for key, one in cluster.members.items()
    )
    return Candidate(
        candidate_id=cluster.candidate_id,
        retired_by=cluster.retired_by,
        posts=cluster.posts,
        authors=cluster.people,
        languages=_tally(cluster.shapes, lambda shape: (shape.language,)),
        sources=_tally(cluster.shapes, lambda shape: (shape.source,)),
        stances=_tally(cluster.shapes, lambda shape: (shape.stance.value,)),
        jurisdictions=_tally(cluster.shapes, lambda shape: shape.jurisdictions),
        types=_tally(cluster.shapes, lambda shape: [kind.value for kind in shape.types]),
        first_at=_moment(cluster.first_at),
        last_at=_moment(cluster.last_at),
        burst=burst(cluster.rhythm, bucket(now)),
        as_of=_moment(now),
        rhythm=tuple((at * BUCKET_SECONDS, n) for at, n in sorted(cluster.rhythm.items())),
        examples=tuple(cluster.examples),
        absorbed=tuple(cluster.absorbed),
        memory=ClusterMemory(
            space=cluster.space,
            total=base64.b64encode(cluster.total.astype("<i4").tobytes()).decode(),
            members=base64.b64encode(members).decode(),
            versions=tuple(one.version for one in cluster.members.values()),
            shapes=tuple(cluster.shapes),
            forgotten_before=cluster.forgotten_before,
        ),
    )


def from_record(record: Candidate) -> Cluster:
    """Return the cluster of a record.

    Raises:
        BadMemoryError: the record holds no memory, or one that does not fit together.
    """
    memory = record.memory
    if memory is None or record.first_at is None or record.last_at is None:
        raise BadMemoryError(f"candidate {record.candidate_id} holds no memory")
    try:
        total = np.frombuffer(base64.b64decode(memory.total, validate=True), "<i4").astype(np.int32)
        packed = list(_MEMBER.iter_unpack(base64.b64decode(memory.members, validate=True)))
        members = {
            key: Member(version, GONE if shape == _GONE else shape, author, at)
            for (key, author, at, shape), version in zip(packed, memory.versions, strict=True)
        }
    except (binascii.Error, struct.error, ValueError) as error:
        raise BadMemoryError(f"candidate {record.candidate_id}: {error}") from None
    there = [one for one in members.values() if one.shape != GONE]
    if any(one.shape >= len(memory.shapes) for one in there):
        raise BadMemoryError(
            f"candidate {record.candidate_id}: a post of a shape that is not there"
        )
    return Cluster(
        candidate_id=record.candidate_id,
        space=memory.space,
        total=total,
        first_at=int(record.first_at.timestamp()),
        last_at=int(record.last_at.timestamp()),
        members=members,
        shapes=list(memory.shapes),
        people=record.authors,
        rhythm={at // BUCKET_SECONDS: people for at, people in record.rhythm},
        examples=list(record.examples),
        absorbed=list(record.absorbed),
        forgotten_before=memory.forgotten_before,
        retired_by=record.retired_by,
        authors=Counter(one.author for one in there),
    )


def burst_now(record: Candidate, now: int) -> float:
    """Return a candidate's burst at another moment: nothing is published while nothing comes."""
    return burst({at // BUCKET_SECONDS: people for at, people in record.rhythm}, bucket(now))


def _tally(shapes: Iterable[Shape], of: Callable[[Shape], Iterable[str]]) -> dict[str, int]:
    """Return posts by what they are, most first."""
    counts: Counter[str] = Counter()
    for shape in shapes:
        for what in of(shape):
            counts[what] += shape.posts
    return {
        what: posts
        for what, posts in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        if posts
    }


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
