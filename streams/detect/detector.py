"""The detector: from a post's text to what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.detect.detection import NOTHING, Detection, Judged
from streams.detect.gate import Gate
from streams.detect.index import ClaimIndex
from streams.detect.language import tell_language
from streams.detect.lexicon import GATE_CONCEPTS, Lexicon, load_lexicon, parse_phrase
from streams.detect.normalise import normalise
from streams.detect.rules import Reading, load_rules
from streams.detect.stance import tell_stance
from streams.detect.words import split
from streams.schema import Span, Stance, stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Match
    from streams.detect.lexicon import Hit, Phrase
    from streams.detect.words import Words
    from streams.schema import ClaimType, ElectionPack

STRONG_MATCH = 0.75
"""A match that makes a post a claim without any rule."""
ELECTION_THRESHOLD = 0.5
TYPE_POINTS = 1.0
"""Least points of the rules of a type for the type to be named."""
JURISDICTION = "jurisdiction:"


class Detector:
    """All stages, built whole for one catalogue and swapped whole; immutable.

    The same text gives the same detection in every process: no clock, no
    random number, no order of hashes.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        base = load_lexicon()
        self.catalogue = catalogue
        self._lexicon = Lexicon((*base.phrases, *_pack_phrases(catalogue)), base.digest)
        self._rules = load_rules()
        self._index = ClaimIndex(catalogue.claims)
        self._gate = Gate(self._lexicon.phrases)
        self.version = self._rules.version
        self.rule_set = stable_id(self.version, base.digest, self._rules.digest, catalogue.digest)

    def gate(self, values: Sequence[bytes]) -> list[int]:
        """Return the ascending indexes of raw JSON values that must be looked at.

        All others say nothing about an election and are no updates or deletes.
        """
        return self._gate.scan(values)

    def detect(
        self, text: str, *, languages: Sequence[str] = (), created_at: datetime | None = None
    ) -> Detection:
        """Return what a text says.

        Args:
            text: as published; any Unicode.
            languages: BCP 47 tags that the author or the network gave; hints.
            created_at: when it was published; claims out of their window do not match.
        """
        words = split(normalise(text))
        hits = self._lexicon.find(words)
        if not any(hit.concept in GATE_CONCEPTS for hit in hits):
            return NOTHING
        language = tell_language(text, languages)
        spoken = language.possible | {"en", "und", language.code}
        hits = [hit for hit in hits if hit.language in spoken]
        reading = self._rules.read(words, hits)
        matches = self._index.search(words, created_at=created_at)
        best = matches[0] if matches else None
        strong = best is not None and best.score >= STRONG_MATCH
        score = max(reading.claim, best.score if best is not None and strong else 0.0)
        is_claim = strong or (reading.claim >= self._rules.threshold and bool(_types(reading)))
        evidence = [hit for one in reading.fired for hit in one.hits]
        return Detection(
            language=language.code,
            election=Judged(
                is_=is_claim or reading.election >= ELECTION_THRESHOLD,
                score=max(reading.election, score) if is_claim else reading.election,
            ),
            claim=Judged(is_=is_claim, score=score),
            types=self._types_of(reading, matches) if is_claim else (),
            stance=tell_stance(words, hits, evidence) if is_claim else Stance.NONE,
            spans=_spans(words, evidence, matches) if is_claim else (),
            matches=matches,
            jurisdictions=_jurisdictions(hits),
        )

    def _types_of(self, reading: Reading, matches: Sequence[Match]) -> tuple[ClaimType, ...]:
        types = _types(reading)
        if matches and matches[0].score >= STRONG_MATCH:
            types |= set(self.catalogue.claims[matches[0].claim_id].types)
        return tuple(sorted(types))


def build_detector(catalogue: Catalogue) -> Detector:
    """Return the detector for a catalogue."""
    return Detector(catalogue)


def _types(reading: Reading) -> set[ClaimType]:
    points: dict[ClaimType, float] = {}
    for one in reading.fired:
        points[one.rule.type] = points.get(one.rule.type, 0.0) + one.rule.type_points
    return {kind for kind, sum_ in points.items() if sum_ >= TYPE_POINTS}


def _spans(words: Words, evidence: Iterable[Hit], matches: Sequence[Match]) -> tuple[Span, ...]:
    """Return the places of the evidence, ascending, not overlapping."""
    places = {
        (span.start, span.end) for hit in evidence for span in [words.span(hit.first, hit.last)]
    }
    if matches and matches[0].score >= STRONG_MATCH:
        places |= {(span.start, span.end) for span in matches[0].spans}
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(Span(start=start, end=end) for start, end in merged)


def _jurisdictions(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return the packs whose words stand in the text: most different places first."""
    places: dict[str, set[int]] = {}
    for hit in hits:
        if hit.concept.startswith(JURISDICTION):
            places.setdefault(hit.concept.removeprefix(JURISDICTION), set()).add(hit.first)
    return tuple(sorted(places, key=lambda code: (-len(places[code]), code)))


def _pack_phrases(catalogue: Catalogue) -> list[Phrase]:
    return [
        phrase
        for pack in catalogue.packs.values()
        for language, words in pack.words.items()
        for phrase in _pack_words(pack, language, words)
    ]


def _pack_words(pack: ElectionPack, language: str, words: Iterable[str]) -> list[Phrase]:
    phrases = []
    for word in words:
        plain = " ".join(split(normalise(word)).texts)
        if plain:
            phrases.append(parse_phrase(JURISDICTION + pack.jurisdiction, "und", plain))
    del language
    return phrases
