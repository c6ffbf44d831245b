"""The author's stance to the claim, by cue words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.detect.rules import NEGATION
from streams.schema import Stance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.lexicon import Hit
    from streams.detect.words import Words

_SHORT_POST = 45
"""Words; in so short a post the question is about the claim."""
_PAUSES = frozenset(",:،、，")  # noqa: RUF001 - commas of other scripts
_REACH = 40
"""Words; a cue further from the claim speaks about something else."""


def tell_stance(
    words: Words, hits: Sequence[Hit], evidence: Sequence[Hit], *, negated: bool = False
) -> Stance:
    """Return the stance; asserting is what is left when no cue says otherwise.

    Args:
        words: the post.
        hits: the phrases that stand in it.
        evidence: those of them that make it a claim.
        negated: the post turns a known claim round.
    """
    first = min((hit.first for hit in evidence), default=0)
    last = max((hit.last for hit in evidence), default=len(words.texts))
    near = {
        hit.concept for hit in hits if hit.first >= first - _REACH and hit.last <= last + _REACH
    }
    if "satire" in near:
        return Stance.SATIRE
    if "deny" in near or _says_no(words, hits):
        return Stance.DENIES
    if _asks(words, first, last, cued="ask" in near):
        return Stance.ASKS
    if negated:
        return Stance.DENIES
    if "report" in near:
        return Stance.REPORTS
    return Stance.ASSERTS


def _says_no(words: Words, hits: Sequence[Hit]) -> bool:
    """Is the first word a no that stands alone? `No, …` answers what others claim."""
    if len(words.texts) < 2:  # noqa: PLR2004 - a no and what it answers
        return False
    alone = words.between(0)[:1] in _PAUSES or words.sentences[1] != words.sentences[0]
    return alone and any(
        hit.concept == NEGATION and hit.first == 0 and hit.last == 0 for hit in hits
    )


def _asks(words: Words, first: int, last: int, *, cued: bool) -> bool:
    """Is the claim put as a question?

    In a long post a question mark far from the claim asks something else.
    """
    if not words.questions:
        return cued and len(words.texts) <= _SHORT_POST
    if cued or len(words.texts) <= _SHORT_POST:
        return True
    claimed = set(words.sentences[first : last + 1])
    return not claimed.isdisjoint(words.questions)
