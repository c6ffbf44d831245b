"""Thresholds of both stages, kept beside the models that they belong to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import orjson

from streams.detect.model.errors import WrongModelError

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    """The encoder's claim head."""
    claim_by_language: Mapping[str, float]
    """Where a language's background gives more false alerts than the others."""
    types: float = 0.0
    sure_of_stance: float = 0.6
    """Least share of a stance for it to outweigh a cue word for another."""
    sure_against_words: float = 0.85
    """The same where more is at stake: assertion against a cue, tone against a claim's words."""

    def claim_in(self, language: str) -> float:
        """Return the encoder's threshold in a language."""
        return self.claim_by_language.get(language, self.claim)


def read_calibration(data: bytes) -> Calibration:
    """Return the thresholds of a file.

    Raises:
        WrongModelError: one is missing or no number.
    """
    try:
        values = orjson.loads(data)
        known = {field.name for field in fields(Calibration)}
        return Calibration(**{name: value for name, value in values.items() if name in known})
    except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
        raise WrongModelError(f"the thresholds cannot be read: {error}") from None
