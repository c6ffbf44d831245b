"""The author's stance to the claim, by cue words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.schema import Stance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.detect.lexicon import Hit
    from streams.detect.words import Words

_REACH = 40
"""Words; a cue further from the claim speaks about something else."""


def tell_stance(words: Words, hits: Sequence[Hit], evidence: Iterable[Hit]) -> Stance:
    """Return the stance; asserting is what is left when no cue says otherwise."""
    places = [hit.first for hit in evidence]
    if not places:
        return Stance.ASSERTS
    first, last = min(places), max(places)
    near = {
        hit.concept for hit in hits if hit.first >= first - _REACH and hit.last <= last + _REACH
    }
    asked = bool({words.sentences[place] for place in places} & words.questions)
    if "satire" in near:
        return Stance.SATIRE
    if "deny" in near:
        return Stance.DENIES
    if asked or "ask" in near:
        return Stance.ASKS
    if "report" in near:
        return Stance.REPORTS
    return Stance.ASSERTS
