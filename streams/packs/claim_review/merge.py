"""Reviews into known claims: several of the same claim are one claim with several sources.

A claim that cannot be labelled in public yet, above all one with a single source, is a
draft: it is written down with what it lacks and not published.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from streams.packs.checks import check_claims
from streams.packs.placed import Placed, fold
from streams.packs.yaml_tree import Tree
from streams.schema import Claim, ClaimSource, ClaimStatus, stable_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from streams.packs.claim_review.review import Review
    from streams.schema import ClaimType

TITLE: Final = "Review of this claim"
"""In our own words: a headline often is a verdict, and labels give none."""
_MOST_SOURCES: Final = 20
_MOST_TOPIC: Final = 120


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the detector says of a claim's text."""

    election: bool
    types: tuple[ClaimType, ...]
    jurisdictions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim that lacks something, as a file of claims holds it."""

    fields: dict[str, Any]
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the reviews, by claim id."""

    claims: tuple[Claim, ...]
    """Those that hold: two sources, one of which disputes, a jurisdiction, a type."""
    drafts: tuple[Draft, ...]
    elsewhere: int
    """Claims about something other than elections, left out."""
    known: int
    """Claims whose words stand in the packs already, left out."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person says where the texts do not."""

    jurisdiction: str | None = None
    type_: ClaimType | None = None
    everything: bool = False
    """Keep claims that are not about elections."""


def merge(
    reviews: Iterable[Review],
    judge: Callable[[Sequence[tuple[str, str]]], Sequence[Judgement]],
    *,
    languages: Mapping[str, frozenset[str]],
    known: frozenset[str] = frozenset(),
    choices: Choices | None = None,
) -> Merged:
    """Return the claims of the reviews; does not depend on the order of the reviews.

    Args:
        reviews: of all files.
        judge: the detector.
        languages: the pack's languages by jurisdiction, for every pack there is.
        known: folded statements of known claims.
        choices: a person's; none: the texts decide.
    """
    choices = choices if choices is not None else Choices()
    groups: dict[tuple[str, str], list[Review]] = {}
    for review in reviews:
        groups.setdefault((review.language, fold(review.claim)), []).append(review)
    fresh = {key: groups[key] for key in sorted(groups) if key[1] not in known}
    ordered = {key: sorted(group, key=_order) for key, group in fresh.items()}
    judged = judge([(language, ordered[language, said][0].claim) for language, said in ordered])
    claims: list[Claim] = []
    drafts: list[Draft] = []
    elsewhere = 0
    for (key, group), judgement in zip(ordered.items(), judged, strict=True):
        if not (judgement.election or choices.everything):
            elsewhere += 1
            continue
        made = _make(key, group, judgement, choices, languages)
        (claims if isinstance(made, Claim) else drafts).append(made)  # type: ignore[arg-type] # the list is that of its kind
    return Merged(
        tuple(sorted(claims, key=lambda claim: claim.claim_id)),
        tuple(sorted(drafts, key=lambda draft: str(draft.fields["claim_id"]))),
        elsewhere,
        len(groups) - len(fresh),
    )


def _order(review: Review) -> tuple[str, ...]:
    return (str(review.published or "9999"), fold(review.publisher), review.url, review.claim)


def _make(
    key: tuple[str, str],
    group: Sequence[Review],
    judgement: Judgement,
    choices: Choices,
    languages: Mapping[str, frozenset[str]],
) -> Claim | Draft:
    language, said = key
    lacks = []
    place = choices.jurisdiction or next(iter(judgement.jurisdictions), None)
    if place is None:
        lacks.append("a jurisdiction: its text names none, and none was given")
    types = judgement.types or ((choices.type_,) if choices.type_ is not None else ())
    if not types:
        lacks.append("a type: none can be told from its text, and none was given")
    starts = [review.since for review in group if review.since is not None]
    ends = [review.until for review in group if review.until is not None]
    fields: dict[str, Any] = {
        "claim_id": f"{(place or 'xx').lower()}-review-{stable_id(language, said)[:16]}",
        "version": 1,
        "status": ClaimStatus.ACTIVE,
        "jurisdiction": place or "XX",
        "types": types,
        "topic": {language: _topic(group[0].claim)},
        "statements": {language: (group[0].claim,)},
        "sources": _sources(group),
        "valid_from": min(starts, default=None),
        # One review that does not expire keeps the claim.
        "valid_until": max(ends) if len(ends) == len(group) else None,
    }
    lacks += _checked(Claim.model_construct(**fields), languages, placed=place is not None)
    if not lacks:
        try:
            return Claim.model_validate(fields)
        except ValidationError as error:
            lacks = [fault["msg"].removeprefix("Value error, ") for fault in error.errors()]
    shown = Claim.model_construct(**fields).model_dump(
        mode="json", exclude={"version", "status"}, exclude_none=True, warnings=False
    )
    return Draft(shown, tuple(lacks))


def _checked(claim: Claim, languages: Mapping[str, frozenset[str]], *, placed: bool) -> list[str]:
    """Return what a check of claims says of one."""
    tree = Tree(Path(claim.claim_id))
    known = languages if placed else {claim.jurisdiction: frozenset[str]()}
    check_claims([Placed(claim, tree, ())], known)
    return [problem.reason for problem in tree.problems]


def _sources(group: Iterable[Review]) -> tuple[ClaimSource, ...]:
    """Return one source a publisher, its first review; what it said later is on its pages."""
    found: dict[str, ClaimSource] = {}
    for review in group:
        found.setdefault(
            fold(review.publisher) or review.publisher,
            ClaimSource(
                publisher=review.publisher,
                title=TITLE,
                url=review.url,
                stance=review.stance,
                language="en",
                published=review.published,
            ),
        )
    return tuple(found.values())[:_MOST_SOURCES]


def _topic(claim: str) -> str:
    """Return the claim in quotes, cut: a noun phrase in whatever language."""
    if len(claim) <= _MOST_TOPIC:
        return f"“{claim}”"
    cut = claim[:_MOST_TOPIC]
    return f"“{cut.rpartition(' ')[0] or cut} …”"
