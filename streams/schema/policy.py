"""The policy: which labels are public, where, when and about whom."""

from __future__ import annotations

import json
from typing import ClassVar, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from streams.schema.claim import Jurisdiction, LanguageTag, Part
from streams.schema.label import LabelKind, Mode
from streams.schema.wire import UtcDatetime, WireModel, stable_id

POLICY_KEY = "policy"
"""The Kafka key: there is one policy."""
LEAST_MATCH = 0.6
"""Weaker matches are no finding at all, whatever the policy says."""
LEAST_CLAIM = 0.5
"""The same of claims that are answered by an authority alone."""


class KindPolicy(Part):
    """What becomes of labels of one kind."""

    mode: Mode = Field(default=Mode.LIVE, description="live, shadow, or review (a person first).")
    expires_after_days: int | None = Field(
        default=None, ge=1, le=3650, description="Retracted so long after the post's receipt."
    )


class Scores(Part):
    """Least scores for a label; what reviewers confirmed needs none."""

    match: float = Field(default=LEAST_MATCH, ge=LEAST_MATCH, le=1, description="disputed-claim.")
    claim: float = Field(
        default=LEAST_CLAIM, ge=LEAST_CLAIM, le=1, description="The kinds that name an authority."
    )


class Thresholds(Scores):
    """Least scores, and those of languages that need others."""

    languages: dict[LanguageTag, Scores] = Field(
        default_factory=dict, description="By the post's language as the detector reads it."
    )

    def of(self, language: str) -> Scores:
        """Return the least scores for a language."""
        return self.languages.get(language, self)


class Window(Part):
    """When posts about the elections of a jurisdiction are labelled."""

    jurisdiction: Jurisdiction
    opens: UtcDatetime = Field(description="Posts of this moment and later are labelled.")
    closes: UtcDatetime = Field(description="Posts of this moment and later are not.")

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("closes is not after opens")
        return self


class Accounts(Part):
    """Classes of accounts that are treated apart, for example office holders."""

    classes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Name of the class and the author_id of its accounts."
    )
    exempt: tuple[str, ...] = Field(default=(), description="Classes that get no labels.")
    review_first: tuple[str, ...] = Field(
        default=(), description="Classes whose labels a person confirms first."
    )

    @field_validator("classes")
    @classmethod
    def _names(cls, classes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, ids in classes.items():
            if not name or not all(ids):
                raise ValueError("an empty name or author_id")
        return classes

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in (*self.exempt, *self.review_first):
            if name not in self.classes:
                raise ValueError(f"no class {name!r} among classes")
        return self

    def authors(self, names: tuple[str, ...]) -> frozenset[str]:
        """Return the accounts of some classes."""
        return frozenset(one for name in names for one in self.classes[name])


class ReviewFirst(Part):
    """Where a person confirms before a label is public, whatever its kind."""

    jurisdictions: tuple[Jurisdiction, ...] = ()


class Policy(WireModel):
    """What an operator decides about labels; one file, one record."""

    schema_name: ClassVar[str] = "policy"
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(default=1, ge=1, description="Raised with every change.")
    labels: dict[LabelKind, KindPolicy] = Field(
        default_factory=dict, description="By kind; a kind that is not named is live for ever."
    )
    thresholds: Thresholds = Thresholds()
    windows: tuple[Window, ...] = Field(
        default=(), description="Once there is one, posts outside of all get no labels."
    )
    accounts: Accounts = Accounts()
    review_first: ReviewFirst = ReviewFirst()

    def of(self, kind: LabelKind) -> KindPolicy:
        """Return what becomes of a kind."""
        return self.labels.get(kind, _LIVE)

    @property
    def digest(self) -> str:
        """Return a hash of the content without the version."""
        content = self.model_dump(mode="json", exclude={"version"})
        return stable_id(json.dumps(content, sort_keys=True, ensure_ascii=False))


_LIVE = KindPolicy()
