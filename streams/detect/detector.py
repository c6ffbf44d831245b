"""The detector: from a post's text to what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from streams.detect.almanac import Almanac
from streams.detect.asking import Query
from streams.detect.detection import NOTHING, Detection, Judged, Stage
from streams.detect.ear import ear_of
from streams.detect.gate import build_gate
from streams.detect.judge import claim_types, fused, lift, stance_of, strength
from streams.detect.language import UNDETERMINED, tell_language
from streams.detect.lexicon import Lexicon, load_lexicon, parse_phrase
from streams.detect.model.assemble import load_model
from streams.detect.model.linear import LOOKED_AT, text_of
from streams.detect.model.text import clean
from streams.detect.normalise import MOST_CHARACTERS, normalise
from streams.detect.plain import fold_text
from streams.detect.reader import ClaimReader
from streams.detect.rules import load_rules
from streams.detect.sides import Sides
from streams.detect.stance import tell_stance
from streams.detect.statements import HEARD_EVERYWHERE
from streams.detect.words import split
from streams.schema import Span, Stance, stable_id

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from datetime import datetime

    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Match
    from streams.detect.index import Found
    from streams.detect.lexicon import Hit, Phrase
    from streams.detect.model.assemble import Model
    from streams.detect.model.second import Verdict
    from streams.detect.rules import Reading
    from streams.detect.words import Words
    from streams.schema import ClaimType

STRONG_MATCH = 0.7
"""A match that makes a post a claim without any rule."""
HALF = 0.5
BATCH = 16
"""Texts between two looks at the clock."""
TYPE_POINTS = 1.0
"""Least points of the rules of a type for the type to be named."""
NEAR = 3.0
"""Log-odds of stage one: more than names, addresses and escapes were seen to move them."""
_ESCAPES = (("\\n", "\n"), ("\\t", "\t"), ("\\r", "\r"), ('\\"', '"'), ("\\/", "/"), ("\\\\", "\\"))
JURISDICTION = "jurisdiction:"


class Detector:
    """All stages, built whole for one catalogue and swapped whole; immutable.

    The same text gives the same detection in every process: no clock, no
    random number, no order of hashes. Sides that a pack mirrors are masked
    before anything is scored.
    """

    def __init__(
        self, catalogue: Catalogue, model: Model, reader: ClaimReader | None = None
    ) -> None:
        """Build all stages.

        Args:
            catalogue: packs and known claims.
            model: of both stages.
            reader: remembers what it read of the claims of earlier catalogues; none: a new one.
        """
        base = load_lexicon()
        self.catalogue = catalogue
        self._model = model
        self._rules = load_rules()
        self._almanac = Almanac(catalogue.packs)
        self._sides = Sides(catalogue.packs)
        reader = reader if reader is not None else ClaimReader(base, ear_of(model))
        self._index = reader.index(catalogue, self._sides)
        openers = tuple(self._index.gate_phrases())
        self._lexicons = (
            base,
            Lexicon((*_pack_phrases(catalogue, self._sides), *openers), catalogue.digest),
        )
        self._gate = build_gate(base.phrases, openers)
        self.version = f"{self._rules.version}+{model.version}"
        self.rule_set = stable_id(
            self.version,
            base.digest,
            self._rules.digest,
            self._almanac.digest,
            catalogue.digest,
        )

    def gate(self, values: Sequence[bytes]) -> list[int]:
        """Return the ascending indexes of raw JSON values that must be looked at.

        All others say nothing about an election and are no updates or deletes.
        """
        passed = set(self._gate.scan(values))
        texts = [text_of(value) for value in values]
        scores = self._model.first.score(texts)
        gate = self._model.calibration.gate
        passed.update(np.flatnonzero(scores > gate).tolist())
        # Names of sides, addresses and escapes may keep a post from the gate: near it, the text is
        # looked at as `detect_all` will.
        near = [at for at in np.flatnonzero(scores > gate - NEAR).tolist() if at not in passed]
        again = self._model.first.score([self._bare_of(values[at]) for at in near])
        passed.update(at for at, score in zip(near, again, strict=True) if score > gate)
        return sorted(passed)

    def _bare_of(self, value: bytes) -> bytes:
        text = text_of(value, 2 * LOOKED_AT).decode("utf-8", "replace")
        for escape, sign in _ESCAPES:
            text = text.replace(escape, sign)
        return self._sides.mask(clean(text)).encode("utf-8", "replace")

    def detect(
        self, text: str, *, languages: Sequence[str] = (), created_at: datetime | None = None
    ) -> Detection:
        """Return what one text says; see `detect_all` for many."""
        return self.detect_all([Query(text, tuple(languages), created_at)])[0]

    def detect_all(
        self,
        queries: Sequence[Query],
        *,
        has_time: Callable[[], bool] = lambda: True,
        thorough: bool = False,
    ) -> list[Detection]:
        """Return what each text says, in order.

        Args:
            queries: texts that passed the gate, or any others.
            has_time: asked before each batch of the encoder. When it says no, the
                rest is judged by stage one and marked `late`.
            thorough: read every text with the encoder, whatever stage one says: for
                measurements, some 30 ms a text.
        """
        calibration = self._model.calibration
        bare = [self._sides.bare(query.text) for query in queries]
        raw = [one.encode("utf-8", "replace") for one in bare]
        scores = self._model.first.score(raw)
        # Most posts that hold an election word are about something else: told at the price of a
        # few vector operations, before words are looked up.
        looked_at = {at for at in range(len(queries)) if thorough or scores[at] > calibration.gate}
        known = self._may_hold(bare, skip=looked_at)
        wanted = sorted(looked_at.union(known))
        claims = self._model.first.score([raw[at] for at in wanted], head=1)
        drafts = {
            at: draft
            for at, claim in zip(wanted, claims, strict=True)
            for draft in [self._read(queries[at], bare[at], (float(scores[at]), float(claim)))]
            if at in looked_at or draft.matched
        }
        chosen = [
            at
            for at, draft in drafts.items()
            if thorough
            or scores[at] > calibration.second
            or draft.matched
            or self._by_rules(draft.reading)
        ]
        # The likeliest first: what is left when the time is spent matters least.
        chosen.sort(key=lambda at: (-scores[at], at))
        verdicts: dict[int, Verdict] = {}
        second = self._model.second
        for start in range(0, len(chosen), BATCH):
            if second is None or not has_time():
                break
            batch = chosen[start : start + BATCH]
            read = second.read(
                [bare[at] for at in batch],
                wants_vector=lambda row, verdict, batch=batch: self._is_new(  # type: ignore[misc] # mypy cannot infer defaults of lambdas
                    drafts[batch[row]], verdict
                ),
            )
            verdicts.update(zip(batch, read, strict=True))
        late = set(chosen).difference(verdicts) if second is not None else ()
        return [
            self._detection(
                drafts[at],
                verdicts.get(at),
                Stage.LATE if at in late else Stage.ONE,
            )
            if at in drafts
            else NOTHING
            for at in range(len(queries))
        ]

    def _may_hold(self, bare: Sequence[str], *, skip: Container[int]) -> list[int]:
        """Return the texts that may make a known claim, of those that stage one would drop."""
        return [
            at
            for at, text in enumerate(bare)
            if at not in skip and self._index.may_hold(split(fold_text(text)))
        ]

    def _read(self, query: Query, bare: str, first: tuple[float, float]) -> _Draft:
        """Return what words, rules and known claims say of a text, beside stage one."""
        words = split(normalise(self._sides.cover(query.text[:MOST_CHARACTERS])))
        hits = [hit for lexicon in self._lexicons for hit in lexicon.find(words)]
        language = tell_language(bare, query.languages)
        spoken = language.possible | {*HEARD_EVERYWHERE, language.code}
        hits = [hit for hit in hits if hit.language in spoken]
        jurisdictions = _jurisdictions(hits)
        hits += self._almanac.compare(
            words,
            hits,
            language=language.code,
            jurisdictions=jurisdictions,
            created_at=query.created_at,
        )
        reading = self._rules.read(words, hits)
        known = language.possible | {language.code} if language.code != UNDETERMINED else ()
        found = self._index.search(
            words,
            hits,
            languages=known,
            jurisdictions=jurisdictions,
            created_at=query.created_at,
        )
        return _Draft(words, tuple(hits), language.code, first, reading, jurisdictions, found)

    def _is_new(self, draft: _Draft, verdict: Verdict) -> bool:
        """Return whether a text makes a claim that no known claim surely matches."""
        return not draft.matched and self._said(draft, verdict) >= HALF

    def _said(self, draft: _Draft, verdict: Verdict) -> float:
        """Return how surely a text makes a claim, by encoder and rules."""
        threshold = self._model.calibration.claim_in(draft.language)
        logit = fused(verdict, draft.first, self._model.calibration.fusion)
        return strength(logit + lift(verdict, draft.reading), threshold)

    def _by_rules(self, reading: Reading) -> bool:
        return reading.claim >= self._rules.threshold and bool(_types(reading))

    def _detection(self, draft: _Draft, verdict: Verdict | None, stage: Stage) -> Detection:
        calibration = self._model.calibration
        reading, found = draft.reading, draft.found
        matches = tuple(one.match for one in found)
        matched = draft.matched
        evidence = [hit for one in reading.fired for hit in one.hits]
        cued = _stance(draft.words, draft.hits, evidence, found)
        if verdict is not None:
            claim = max(self._said(draft, verdict), matched)
            is_claim = claim >= HALF
            election = strength(verdict.topic, 0.0)
            kinds = claim_types(verdict, calibration) | _types(reading)
            stance = stance_of(verdict, cued, calibration, known=matched > 0)
            worthy = calibration.checkworthy_in(draft.language)
            checkworthy = strength(verdict.checkworthy, worthy)
            stage = Stage.TWO
        else:
            claim = max(reading.claim, matched)
            is_claim = matched > 0 or self._by_rules(reading)
            election = max(reading.election, strength(draft.first[0], 0.0))
            kinds = _types(reading)
            stance, checkworthy = cued, 0.0
        if found and found[0].match.score >= STRONG_MATCH:
            kinds |= set(self.catalogue.claims[matches[0].claim_id].types)
            if found[0].negated and stance is Stance.ASSERTS:
                stance = cued
        if not is_claim and not draft.hits and stage is Stage.ONE and election < HALF:
            return NOTHING
        return Detection(
            language=draft.language,
            election=Judged(
                is_=is_claim or election >= HALF,
                score=max(election, claim) if is_claim else election,
            ),
            claim=Judged(is_=is_claim, score=claim),
            types=tuple(sorted(kinds)) if is_claim else (),
            stance=stance if is_claim else Stance.NONE,
            spans=self._evidence(draft, evidence) if is_claim else (),
            matches=matches,
            jurisdictions=draft.jurisdictions,
            checkworthy=checkworthy,
            stage=stage,
            vector=verdict.vector if verdict is not None else b"",
        )

    def _evidence(self, draft: _Draft, evidence: Sequence[Hit]) -> tuple[Span, ...]:
        """Return the words that rules and known claims found, or the likeliest sentence."""
        words = draft.words
        spans = _spans(words, evidence, [one.match for one in draft.found])
        if spans or not words.texts:
            return spans
        sentences: dict[int, tuple[int, int]] = {}
        for at, sentence in enumerate(words.sentences):
            first, _ = sentences.get(sentence, (at, at))
            sentences[sentence] = (first, at)
        places = [words.span(first, last) for first, last in sentences.values()]
        said = [" ".join(words.texts[a : b + 1]).encode() for a, b in sentences.values()]
        scores = self._model.first.score(said, head=1)
        return (places[int(np.argmax(scores))],)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A text read by everything but the encoder."""

    words: Words
    hits: tuple[Hit, ...]
    language: str
    first: tuple[float, float]
    """Log-odds of stage one: about an election, and a claim."""
    reading: Reading
    jurisdictions: tuple[str, ...]
    found: tuple[Found, ...]

    @property
    def matched(self) -> float:
        """Return the score of a known claim that is surely meant, or 0."""
        return max(
            (one.match.score for one in self.found if one.match.score >= STRONG_MATCH), default=0.0
        )


def build_detector(
    catalogue: Catalogue, model: Model | None = None, reader: ClaimReader | None = None
) -> Detector:
    """Return the detector for a catalogue, with the models that ship unless others are given.

    Raises:
        ModelError: a model's file or package is missing or another one. There is no
            detector without it: labels would change in silence.
    """
    return Detector(catalogue, model if model is not None else load_model(), reader)


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


def _pack_phrases(catalogue: Catalogue, sides: Sides) -> list[Phrase]:
    """Return the words that stand for a jurisdiction; a side's name says nothing here."""
    return [
        parse_phrase(JURISDICTION + pack.jurisdiction, "und", plain)
        for pack in catalogue.packs.values()
        for words in pack.words.values()
        for word in words
        if not sides.names(word) and (plain := " ".join(split(normalise(word)).texts))
    ]
