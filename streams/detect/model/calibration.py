"""Thresholds of both stages, kept beside the models that they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import orjson

from streams.detect.model.errors import WrongModelError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Fusion:
    """How much each stage's log-odds count for a claim: logistic regression over both.

    The stages err in different places: n-grams see spelling and phrase, the encoder
    sense. Fitted on posts that neither of them learned from.
    """

    claim: float
    """Of the encoder's claim head."""
    topic: float
    checkworthy: float
    first_election: float
    """Of stage one's heads."""
    first_claim: float
    bias: float


ENCODER_ALONE = Fusion(
    claim=1.0, topic=0.0, checkworthy=0.0, first_election=0.0, first_claim=0.0, bias=0.0
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds that were set on posts that training never saw.

    Each is in log-odds of its model; what is over it counts.
    """

    gate: float
    """Stage one, on the bytes as they came: what is looked at."""
    second: float
    """Stage one, on the text without disguises and sides: what the encoder reads."""
    alone: float
    """Stage one's claim head: a claim without the encoder."""
    claim: float
    """Both stages together, see `fusion`."""
    claim_by_language: Mapping[str, float]
    """Where a language's background gives more false alerts than the others, or fewer."""
    fusion: Fusion = ENCODER_ALONE
    checkworthy: float = 0.0
    """The encoder's head of that name."""
    checkworthy_by_language: Mapping[str, float] = field(default_factory=dict)
    """Judges of one language call more posts worth a check than those of another."""
    types: float = 0.0
    sure_of_stance: float = 0.5
    """Least share of a stance for it to outweigh a cue word for another."""
    sure_against_words: float = 0.85
    """The same where more is at stake: tone against a known claim's words."""

    def claim_in(self, language: str) -> float:
        """Return the encoder's threshold in a language."""
        return self.claim_by_language.get(language, self.claim)

    def checkworthy_in(self, language: str) -> float:
        """Return the threshold of check-worthiness in a language."""
        return self.checkworthy_by_language.get(language, self.checkworthy)


def read_calibration(data: bytes) -> Calibration:
    """Return the thresholds of a file; fields that it has not got as they are by themselves.

    Raises:
        WrongModelError: one is missing or no number.
    """
    try:
        values = orjson.loads(data)
        known = {one.name for one in fields(Calibration)}
        given = {name: value for name, value in values.items() if name in known}
        if "fusion" in given:
            given["fusion"] = Fusion(**given["fusion"])
        return Calibration(**given)
    except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
        raise WrongModelError(f"the thresholds cannot be read: {error}") from None
