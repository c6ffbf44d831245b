"""Statements of known claims, read once: what an index keeps of them, in few bytes.

Reading costs some 0.4 ms a statement, most of it in Python; what was read is
kept claim by claim, so that a changed claim costs its own statements alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from streams.detect.normalise import normalise
from streams.detect.words import is_number, is_unspaced, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from streams.detect.ear import Hearing
    from streams.detect.lexicon import Hit, Lexicon
    from streams.detect.sides import Sides
    from streams.detect.words import Words
    from streams.schema import Claim

STEM: Final = 5
"""Letters that two words must share to count as forms of one word."""
MOST_WORDS: Final = 600
"""Words of a post that are searched; a statement has a dozen."""
NEGATION: Final = "negation"
DENIAL: Final = "deny"
HEARD_EVERYWHERE: Final = ("en", "und")
"""Languages whose words count in posts of every language."""
NEGATED: Final = 1
"""It holds a negation."""
DENIES: Final = 2
"""It reads like a denial by itself."""
HEARD: Final = 4
"""Stage one lets it pass by itself."""
HEAD: Final = np.dtype([("language", "<u2"), ("count", "<u2"), ("flags", "u1")])
ALWAYS: Final = 1 << 62
"""Microseconds since the epoch that no post reaches: a window without an end."""
_SHORT = 4
_SHORT_ELSEWHERE = 3
"""Letters of a word that tells much in a script other than ours: a syllable each in Korean."""
_MANNERS = frozenset({NEGATION, "ask", DENIAL, "exhort", "future", "personal", "report"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One wording of a claim, as it is compared with posts."""

    language: str
    flags: int
    terms: tuple[str, ...]
    mild: tuple[bool, ...]
    """Is it a short word that stands for nothing in particular?"""
    openers: tuple[str, ...]
    """Words of which some may open the gate for it; none when it needs none."""


ReadClaim = tuple[str, int, int, bytes, bytes, tuple[tuple[int, tuple[str, ...]], ...]]
"""What an index keeps of one claim; terms and languages are numbers of one `Numbers`.

Its jurisdiction; since when and until when, in microseconds since the epoch; one `HEAD` a
statement; one `<u4` a term of each statement in turn: its number, doubled, odd when mild;
which statements need opening words, and which those may be. A plain tuple of plain values:
the garbage collector forgets it, while it would walk a hundred thousand objects at each swap.
"""


class Numbers:
    """Numbers for texts, in order of arrival; grows, never forgets."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def add(self, text: str) -> int:
        """Return the text's number, a new one for a new text."""
        return self._known.setdefault(text, len(self._known))

    def get(self, text: str) -> int:
        """Return the text's number, -1 for an unknown one."""
        return self._known.get(text, -1)


def terms_of(words: Words) -> list[str]:
    """Return what is compared, one term a word: beginnings, and pairs of unspaced characters."""
    texts = words.texts[:MOST_WORDS]
    following = (*texts[1:], "")
    return [
        text if is_number(text) else text + after[:1] if is_unspaced(text) else text[:STEM]
        for text, after in zip(texts, following, strict=False)
    ]


def term_of(opener: str) -> str:
    """Return the term of a word or pair of characters that opens the gate."""
    return opener if is_number(opener) or is_unspaced(opener) else opener[:STEM]


def read_statements(claim: Claim, sides: Sides, lexicon: Lexicon, ear: Hearing) -> list[Statement]:
    """Return the statements of a claim that posts are compared with; none about one side."""
    fair = [
        (language, text)
        for kept in sides.fair({claim.claim_id: claim}).values()
        for language, texts in sorted(kept.statements.items())
        for text in texts
    ]
    texts = [text for _, text in fair]
    read = (
        _read(language, text, lexicon, heard=heard, opens=opens)
        for (language, text), heard, opens in zip(
            fair, ear.hears(texts), ear.opens(texts), strict=True
        )
    )
    return [one for one in read if one.terms]


def packed(
    claim: Claim, statements: Iterable[Statement], *, terms: Numbers, tags: Numbers
) -> ReadClaim:
    """Return what is kept of a claim and its statements, in numbers."""
    given = list(statements)
    heads = np.array(
        [(tags.add(one.language), len(one.terms), one.flags) for one in given], dtype=HEAD
    )
    codes = [
        2 * terms.add(term) + mild
        for one in given
        for term, mild in zip(one.terms, one.mild, strict=True)
    ]
    return (
        claim.jurisdiction,
        -ALWAYS if claim.valid_from is None else microseconds(claim.valid_from),
        ALWAYS if claim.valid_until is None else microseconds(claim.valid_until),
        heads.tobytes(),
        np.array(codes, "<u4").tobytes(),
        tuple((at, one.openers) for at, one in enumerate(given) if one.openers),
    )


def microseconds(moment: datetime) -> int:
    """Return a moment as a whole number."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _read(language: str, text: str, lexicon: Lexicon, *, heard: bool, opens: bool) -> Statement:
    words = split(normalise(text))
    terms = terms_of(words)
    hits = lexicon.find(words)
    own = {hit.concept for hit in hits if hit.language == language}
    flags = NEGATED * (NEGATION in own) | DENIES * (DENIAL in own) | HEARD * heard
    return Statement(
        language=language,
        flags=flags,
        terms=tuple(terms),
        mild=tuple(_mild(words, terms, hits)),
        openers=() if opens or heard else _openers(words, terms),
    )


def _mild(words: Words, terms: Sequence[str], hits: Iterable[Hit]) -> list[bool]:
    meant = {
        place
        for hit in hits
        if hit.concept not in _MANNERS
        for place in range(hit.first, hit.last + 1)
    }
    return [
        len(text) <= _SHORT and place not in meant and text.isalpha() and not is_unspaced(text)
        for place, (text, _) in enumerate(zip(words.texts, terms, strict=False))
    ]


def _openers(words: Words, terms: Sequence[str]) -> tuple[str, ...]:
    """Return the words that are rare enough to open the gate, each once."""
    return tuple(
        dict.fromkeys(
            # A single character of a script without spaces stands in every text.
            term if is_unspaced(text) else text
            for text, term in zip(words.texts, terms, strict=False)
            if text != term or (len(text) >= _SHORT_ELSEWHERE and not text.isascii())
        )
    )


def rarest(openers: Iterable[str], weights: Mapping[str, float], most: int) -> list[str]:
    """Return the openers that tell most, the longer first among even ones."""
    return sorted(openers, key=lambda text: (-weights[text], -len(text), text))[:most]
