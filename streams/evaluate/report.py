"""What an evaluation found, as values that become JSON, a terminal's tables or a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.evaluate.curve import Point
    from streams.evaluate.measures import Estimate, Score
    from streams.evaluate.ranking import Retrieval

FORMAT = 1
"""Raised when a field changes its meaning or goes."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Is it an election claim? Over labelled posts, at the shipped threshold."""

    overall: Score
    about_election: Score | None
    by_language: dict[str, Score]
    by_type: dict[str, Score]
    by_set: dict[str, Score]
    curve: tuple[Point, ...]
    average_precision: float | None
    best: Point | None
    """Where the curve has its highest F1: what another threshold could give."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A post that holds no claim and was taken for one; its text only when asked for."""

    post_id: str
    set: str
    language: str
    score: float
    types: tuple[str, ...]
    stance: str
    label: str | None
    """The public label that it would get."""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Background:
    """Posts about anything: every claim found there is a false alert."""

    posts: int
    false_alerts: int
    per_100_000: Estimate | None
    public_labels: int
    public_per_100_000: Estimate | None
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class StanceOf:
    """How often the stance is right in the claims of a language."""

    claims: int
    found: int
    right_of_found: Estimate | None
    """Of the claims that were found."""
    right_of_all: Estimate | None
    """A claim that was not found has no right stance."""


@dataclass(frozen=True, slots=True)
class Stances:
    """The author's stance, and what rests on it."""

    overall: StanceOf
    by_language: dict[str, StanceOf]
    confusion: dict[str, dict[str, int]]
    """By labelled stance and found stance; `none` is a claim that was not found."""
    spared: dict[str, Estimate | None]
    """Of denials, questions and satire: the share that gets no disputing label."""
    disputed: tuple[str, ...]
    """Ids of denials, questions and satire that would get one."""


@dataclass(frozen=True, slots=True)
class Evasion:
    """Recall on claims that an attack disguised, beside the recall on the same as they were."""

    claims: int
    changed: int
    """How many of them the attack could change: the measures are over these."""
    plain_recall: float | None
    recall: Estimate | None
    kept: float | None
    """Recall over plain recall."""


@dataclass(frozen=True, slots=True)
class Checkworthiness:
    """Is it worth checking? By the detector's score, yes from one half on."""

    score: Score
    average_precision: float | None
    best: Point | None


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Posts with their sides swapped; see the neutrality audit for each of them."""

    pairs: int
    flips: int
    by_field: dict[str, int]
    largest_score_difference: float


@dataclass(frozen=True, slots=True)
class Source:
    """Where posts came from."""

    name: str
    posts: int
    unseen: bool | None
    """Has training never seen them? None: nobody knows."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured; a part is None where its data were not given."""

    detector: str
    rule_set: str
    seed: int
    sources: tuple[Source, ...]
    claims: Claims | None = None
    background: Background | None = None
    stances: Stances | None = None
    evasion: dict[str, Evasion] | None = None
    mirrored: Mirrored | None = None
    checkworthiness: dict[str, Checkworthiness] | None = None
    retrieval: Retrieval | None = None
    notes: tuple[str, ...] = ()
    """What was left out and why."""
    format: int = FORMAT
