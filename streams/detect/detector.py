"""The detector: from a post's text to what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.detect.detection import NOTHING, Detection, Judged
from streams.detect.gate import build_gate
from streams.detect.index import ClaimIndex
from streams.detect.language import UNDETERMINED, tell_language
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
    from streams.detect.index import Found
    from streams.detect.lexicon import Hit, Phrase
    from streams.detect.words import Words
    from streams.schema import ClaimType, ElectionPack

STRONG_MATCH = 0.7
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
        self._rules = load_rules()
        self._index = ClaimIndex(catalogue.claims, base)
        openers = tuple(self._index.gate_phrases())
        self._lexicons = (base, Lexicon((*_pack_phrases(catalogue), *openers), catalogue.digest))
        self._gate = build_gate((*base.phrases, *openers))
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
        hits = [hit for lexicon in self._lexicons for hit in lexicon.find(words)]
        if not any(hit.concept in GATE_CONCEPTS for hit in hits):
            return NOTHING
        language = tell_language(text, languages)
        spoken = language.possible | {"en", UNDETERMINED, language.code}
        hits = [hit for hit in hits if hit.language in spoken]
        reading = self._rules.read(words, hits)
        jurisdictions = _jurisdictions(hits)
        known = language.possible | {language.code} if language.code != UNDETERMINED else ()
        found = self._index.search(
            words, hits, languages=known, jurisdictions=jurisdictions, created_at=created_at
        )
        matches = tuple(one.match for one in found)
        matched = max((m.score for m in matches if m.score >= STRONG_MATCH), default=0.0)
        score = max(reading.claim, matched)
        is_claim = matched > 0 or (reading.claim >= self._rules.threshold and bool(_types(reading)))
        evidence = [hit for one in reading.fired for hit in one.hits]
        return Detection(
            language=language.code,
            election=Judged(
                is_=is_claim or reading.election >= ELECTION_THRESHOLD,
                score=max(reading.election, score) if is_claim else reading.election,
            ),
            claim=Judged(is_=is_claim, score=score),
            types=self._types_of(reading, matches) if is_claim else (),
            stance=_stance(words, hits, evidence, found) if is_claim else Stance.NONE,
            spans=_spans(words, evidence, matches) if is_claim else (),
            matches=matches,
            jurisdictions=jurisdictions,
        )

    def _types_of(self, reading: Reading, matches: Sequence[Match]) -> tuple[ClaimType, ...]:
        types = _types(reading)
        if matches and matches[0].score >= STRONG_MATCH:
            types |= set(self.catalogue.claims[matches[0].claim_id].types)
        return tuple(sorted(types))


def build_detector(catalogue: Catalogue) -> Detector:
    """Return the detector for a catalogue."""
    return Detector(catalogue)


def _stance(
    words: Words, hits: Sequence[Hit], evidence: Sequence[Hit], found: Sequence[Found]
) -> Stance:
    """Return the stance; what a known claim says itself is no stance to it."""
    if not found or found[0].match.score < STRONG_MATCH:
        return tell_stance(words, hits, evidence, negated=bool(found) and found[0].negated)
    best = found[0]
    around = [
        hit
        for hit in hits
        if best.negated
        or hit.last < best.first
        or best.last < hit.first
        # `not true that … not counted`: the match may begin inside the words of the denial.
        or (hit.concept == "deny" and hit.first <= best.first and not best.denies)
    ]
    return tell_stance(words, around, evidence, negated=best.negated)


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
