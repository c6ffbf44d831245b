"""What the detector found in one post."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from streams.schema import Stance

if TYPE_CHECKING:
    from streams.schema import ClaimType, Span


class Stage(StrEnum):
    """How far a post came."""

    GATE = "gate"
    """Dropped by the gate, or by its first look at the words."""
    ONE = "one"
    """Judged by stage one and the rules."""
    TWO = "two"
    """Judged by the encoder."""
    LATE = "late"
    """Meant for the encoder, judged by stage one: the time of the chunk was spent."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A yes or no with its strength, 0 to 1."""

    is_: bool
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """A post's text joined to a known claim."""

    claim_id: str
    score: float
    """0 to 1: how much of the claim stands in the post."""
    spans: tuple[Span, ...]
    """Where, in code points of the original text."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What a post says; `decide` turns it into a label or none."""

    language: str
    """ISO 639 code, `und` when it cannot be told."""
    election: Judged
    """Is the post about a public election, a referendum or their administration?"""
    claim: Judged
    """Does it make a checkable proposition about one?"""
    types: tuple[ClaimType, ...]
    """What the claim is about; empty without a claim."""
    stance: Stance
    """The author's stance to it; `none` without a claim."""
    spans: tuple[Span, ...]
    """The evidence, in code points of the original text, ascending, not overlapping."""
    matches: tuple[Match, ...]
    """Known claims, best first."""
    jurisdictions: tuple[str, ...]
    """Election packs whose words stand in the text, strongest first."""
    checkworthy: float = 0.0
    """How much the claim deserves a fact-checker's time, 0 to 1; 0 without stage two."""
    stage: Stage = Stage.GATE
    """The last stage that looked at the text."""
    vector: bytes = b""
    """Of a claim that no known claim surely matches: its direction, a signed byte a dimension."""


NOTHING = Detection(
    language="und",
    election=Judged(is_=False, score=0.0),
    claim=Judged(is_=False, score=0.0),
    types=(),
    stance=Stance.NONE,
    spans=(),
    matches=(),
    jurisdictions=(),
)
"""The detection of a post that the gate dropped."""
