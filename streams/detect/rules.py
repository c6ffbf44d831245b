"""Rules: which concepts stand together in a post, and what that makes it."""

from __future__ import annotations

import hashlib
import math
import tomllib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from streams.detect.lexicon import GATE_CONCEPTS, STATEMENT
from streams.schema import ClaimType

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from streams.detect.lexicon import Hit
    from streams.detect.words import Words

WHOLE_SENTENCE = 60
NEGATION = "negation"
NEGATION_REACH = 4
"""Words; a negation further ahead negates something else."""
_ABOUT = GATE_CONCEPTS - {STATEMENT}


@dataclass(frozen=True, slots=True)
class Rule:
    """One combination of concepts."""

    name: str
    type: ClaimType
    needs: tuple[frozenset[str], ...]
    within: int
    points: float
    """Log-odds for a claim."""
    type_points: float
    """How sure the rule is of its type."""
    lift: float = 0.0
    """Log-odds that the rule adds to what the encoder says of a claim."""
    unless: frozenset[str] = frozenset()
    """Concepts that keep the rule from firing when one stands in the sentence."""
    apart: bool = False
    """May its phrases stand in different sentences?"""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that holds in a post, with the phrases that it holds by."""

    rule: Rule
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules found in one post."""

    fired: tuple[Fired, ...]
    cues: tuple[str, ...]
    election: float
    claim: float


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules with their points; immutable."""

    version: str
    digest: str
    bias: float
    threshold: float
    rules: tuple[Rule, ...]
    cues: Mapping[str, float]

    def read(self, words: Words, hits: Sequence[Hit]) -> Reading:
        """Return the rules and cues that hold, and how strong they are together."""
        by_concept = _by_concept(hits)
        one_sentence = (0,) * len(words.sentences)
        fired = []
        for rule in self.rules:
            found = _fire(rule, by_concept, one_sentence if rule.apart else words.sentences)
            if found:
                fired.append(Fired(rule, found))
        present = {concept for concept in by_concept if concept in self.cues}
        if words.questions and "question" in self.cues:
            present.add("question")
        cues = tuple(sorted(present))
        total = sum(one.rule.points for one in fired) + sum(self.cues[cue] for cue in cues)
        return Reading(
            fired=tuple(fired),
            cues=cues,
            election=_topic(by_concept),
            # A rule without points only names the type of a claim that others found.
            claim=sigmoid(self.bias + total) if any(one.rule.points for one in fired) else 0.0,
        )


def sigmoid(log_odds: float) -> float:
    """Return the probability of some log-odds, rounded so that equal inputs print equally."""
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds)))), 4)


def _by_concept(hits: Sequence[Hit]) -> dict[str, list[Hit]]:
    grouped: dict[str, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(hit.concept, []).append(hit)
    return grouped


def _topic(by_concept: Mapping[str, list[Hit]]) -> float:
    """Return how sure the words are that this is about a public election."""
    named = len(_ABOUT.intersection(by_concept))
    sure = named - ("vote" in by_concept)
    away = ("elsewhere" in by_concept) + ("chamber" in by_concept)
    return sigmoid(-1.5 + 1.2 * ("vote" in by_concept) + 2.2 * sure - 1.8 * away)


def _fire(
    rule: Rule, by_concept: Mapping[str, list[Hit]], sentences: Sequence[int]
) -> tuple[Hit, ...]:
    """Return one phrase for each need, close together, or nothing."""
    pools: list[list[Hit]] = []
    for need in rule.needs:
        pool = [hit for concept in need for hit in by_concept.get(concept, ())]
        if not pool:
            return ()
        pool.sort(key=lambda hit: (hit.first, hit.last, hit.concept))
        pools.append(pool)
    firsts = [[hit.first for hit in pool] for pool in pools[1:]]
    for anchor in pools[0]:
        if _is_kept_from(rule, anchor, by_concept, sentences):
            continue
        chosen = [anchor]
        for pool, places in zip(pools[1:], firsts, strict=True):
            near = _nearest(
                anchor, pool, places, within=rule.within, sentences=sentences, taken=chosen
            )
            if near is None:
                break
            chosen.append(near)
        else:
            if rule.lift and _is_negated(chosen, by_concept, sentences):
                continue
            return tuple(chosen)
    return ()


def _is_kept_from(
    rule: Rule, anchor: Hit, by_concept: Mapping[str, list[Hit]], sentences: Sequence[int]
) -> bool:
    return any(
        sentences[hit.first] == sentences[anchor.first]
        for concept in rule.unless
        for hit in by_concept.get(concept, ())
    )


def _is_negated(
    chosen: Sequence[Hit], by_concept: Mapping[str, list[Hit]], sentences: Sequence[int]
) -> bool:
    """Does a negation stand before the phrases or among them?

    What is not so is another claim, or none. A word inside a phrase (`no ID needed`) negates
    nothing else.
    """
    first = min(hit.first for hit in chosen)
    last = max(hit.last for hit in chosen)
    return any(
        first - NEGATION_REACH <= hit.first <= last
        and sentences[hit.first] == sentences[first]
        and not any(one.first <= hit.first and hit.last <= one.last for one in chosen)
        for hit in by_concept.get(NEGATION, ())
    )


def _nearest(
    anchor: Hit,
    pool: Sequence[Hit],
    places: Sequence[int],
    *,
    within: int,
    sentences: Sequence[int],
    taken: Collection[Hit],
) -> Hit | None:
    """Return the nearest phrase of the pool in the sentence of the anchor, not over it."""
    best: Hit | None = None
    best_distance = within + 1
    at = bisect_left(places, anchor.first - within)
    for hit in pool[at : at + 2 * within + 2]:
        if hit.first > anchor.last + within:
            break
        if sentences[hit.first] != sentences[anchor.first]:
            continue
        if any(hit.first <= one.last and one.first <= hit.last for one in taken):
            continue
        distance = max(hit.first - anchor.last, anchor.first - hit.last)
        if distance < best_distance:
            best, best_distance = hit, distance
    return best


def read_rules(text: str) -> RuleSet:
    """Return the rule set of a file."""
    data = tomllib.loads(text)
    rules = []
    for entry in data["rules"]:
        needs = tuple(frozenset(need.split("|")) for need in entry["needs"])
        rules.append(
            Rule(
                name=entry["name"],
                type=ClaimType(entry["type"]),
                needs=needs,
                within=entry.get("within", WHOLE_SENTENCE),
                points=entry["points"],
                type_points=entry["type_points"],
                lift=entry.get("lift", 0.0),
                unless=frozenset(entry.get("unless", ())),
                apart=entry.get("apart", False),
            )
        )
    return RuleSet(
        version=data["version"],
        digest=hashlib.sha256(text.encode()).hexdigest()[:32],
        bias=data["bias"],
        threshold=data["threshold"],
        rules=tuple(rules),
        cues=data["cues"],
    )


@cache
def load_rules() -> RuleSet:
    """Return the rule set that comes with the package; read once a process."""
    text = resources.files("streams.detect").joinpath("rules.toml").read_text(encoding="utf-8")
    return read_rules(text)
