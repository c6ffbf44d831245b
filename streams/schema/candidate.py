"""Candidates: election claims that match nothing known, seen in posts and clustered."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from streams.schema.claim import ClaimType, Part
from streams.schema.label import Span, Stance
from streams.schema.wire import UtcDatetime, WireModel


class Observation(WireModel):
    """One version of a post that makes a claim which nothing known matches, or no longer does.

    Holds no text: who may see the post finds it in `posts` by its id. Repeats
    have the same `post_id` and `post_version`.
    """

    schema_name: ClassVar[str] = "observation"

    post_id: str = Field(description="The Kafka key.")
    post_version: str = Field(description="Sorts as text within one post.")
    post_source: str = Field(description="The connector that brought the post.")
    received_at: UtcDatetime = Field(description="When the connector received this version.")
    withdrawn: bool = Field(
        default=False,
        description="This version was deleted, or edited to something else: counts no longer.",
    )
    url: str | None = Field(default=None, description="Where people can see the post.")
    created_at: UtcDatetime | None = None
    author: str | None = Field(
        default=None, description="Hash of the author's id: tells people apart, names nobody."
    )
    language: str = Field(default="und", description="As the detector read it.")
    jurisdictions: tuple[str, ...] = Field(
        default=(), description="Election packs whose words stand in the text, strongest first."
    )
    types: tuple[ClaimType, ...] = ()
    stance: Stance = Stance.NONE
    score: float = Field(default=0.0, ge=0, le=1, description="How surely it is a claim.")
    checkworthy: float = Field(
        default=0.0, ge=0, le=1, description="How much it deserves a fact-checker's time."
    )
    spans: tuple[Span, ...] = Field(default=(), description="Where in the text the claim stands.")
    encoder: str = Field(default="", description="Which encoder made the vector.")
    vector: str = Field(
        default="", description="The text's direction: base64 of one signed byte a dimension."
    )


class Example(Part):
    """A post of a candidate, to be looked up in `posts`."""

    post_id: str
    post_version: str
    post_source: str
    url: str | None = None
    language: str
    stance: Stance
    score: float
    checkworthy: float
    spans: tuple[Span, ...] = ()
    created_at: UtcDatetime | None = None
    received_at: UtcDatetime


class Shape(Part):
    """Posts of a candidate that are alike in all that is counted."""

    posts: int = Field(ge=0)
    language: str
    source: str
    stance: Stance
    jurisdictions: tuple[str, ...] = ()
    types: tuple[ClaimType, ...] = ()


class ClusterMemory(Part):
    """What the clustering process needs to go on after a restart; others pass over it."""

    space: str = Field(description="Encoder and lens that gave the directions.")
    total: str = Field(description="Sum of the posts' directions: base64 of 32-bit integers.")
    members: str = Field(description="Base64 of 18 bytes a post: its hash, shape, author, time.")
    versions: tuple[str, ...] = Field(description="The newest version of each of these posts.")
    shapes: tuple[Shape, ...]
    forgotten_before: int = Field(
        default=0, description="Seconds since the epoch; posts up to then may have been counted."
    )


class Candidate(WireModel):
    """Posts that seem to make the same claim: an entry of the fact-checkers' queue."""

    schema_name: ClassVar[str] = "candidate"

    candidate_id: str = Field(description="Depends on the first post alone; the Kafka key.")
    merged_into: str | None = Field(
        default=None, description="This candidate is now part of that one; all else is empty."
    )
    retired_by: str | None = Field(
        default=None,
        description="The known claim that its posts match now: it is no longer in the queue.",
    )
    posts: int = Field(default=0, ge=0, description="0: all were deleted or edited; show nothing.")
    authors: int = Field(default=0, ge=0, description="Different people, as far as sources tell.")
    languages: dict[str, int] = Field(default_factory=dict, description="Posts by language.")
    sources: dict[str, int] = Field(default_factory=dict, description="Posts by connector.")
    stances: dict[str, int] = Field(default_factory=dict, description="Posts by stance.")
    jurisdictions: dict[str, int] = Field(default_factory=dict, description="Posts that name each.")
    types: dict[str, int] = Field(default_factory=dict, description="Posts by what they are about.")
    first_at: UtcDatetime | None = Field(default=None, description="Receipt of the first post.")
    last_at: UtcDatetime | None = Field(default=None, description="Receipt of the newest post.")
    burst: float = Field(
        default=0.0,
        ge=0,
        description="How surprising the last hour is after the day before it: 3 means that chance "
        "would give so many new people in one hour of a thousand. As of `as_of`.",
    )
    as_of: UtcDatetime | None = None
    rhythm: tuple[tuple[int, int], ...] = Field(
        default=(),
        description="New people by ten minutes of the last day: seconds since the epoch, people.",
    )
    examples: tuple[Example, ...] = Field(
        default=(), description="A few posts, of as many languages as there are."
    )
    absorbed: tuple[str, ...] = Field(
        default=(), description="Candidates that were found to be the same and are part of it."
    )
    memory: ClusterMemory | None = None
