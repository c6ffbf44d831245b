"""The index alone: what opens it, and what it finds."""

from datetime import timedelta

import pytest

from streams.detect.asking import Query
from streams.detect.catalogue import Catalogue
from streams.detect.detector import STRONG_MATCH, build_detector
from streams.detect.ear import ear_of, load_ear
from streams.detect.lexicon import load_lexicon
from streams.detect.model.assemble import load_model
from streams.detect.normalise import normalise
from streams.detect.plain import fold_text
from streams.detect.reader import ClaimReader
from streams.detect.sides import Sides
from streams.detect.words import split
from streams.packs.folder import default_folder, read_packs
from tests import builders as build


@pytest.fixture(scope="module")
def shipped():
    catalogue = read_packs(default_folder()).catalogue()
    sides = Sides(catalogue.packs)
    fair = Catalogue.of(catalogue.packs.values(), sides.fair(catalogue.claims).values())
    return fair, ClaimReader(load_lexicon(), ear_of(load_model())).index(fair, sides)


def statements_of(catalogue):
    for claim in catalogue.claims.values():
        for language, statements in claim.statements.items():
            for statement in statements:
                yield claim, language, statement


class Deaf:
    """Hears nothing: every statement needs the index."""

    def hears(self, texts):
        return [False] * len(texts)

    opens = hears


def index_of(*claims):
    catalogue = Catalogue.of((), claims)
    return ClaimReader(load_lexicon(), Deaf()).index(catalogue, Sides({}))


def search(index, text, **fields):
    return [one.match.claim_id for one in index.search(split(normalise(text)), (), **fields)]


def test_every_shipped_statement_is_heard_or_looked_for(shipped):
    catalogue, index = shipped
    hears = ear_of(load_model()).hears
    lost = [
        (claim.claim_id, language, statement)
        for claim, language, statement in statements_of(catalogue)
        if not hears([statement])[0] and not index.may_hold(split(fold_text(statement)))
    ]
    assert lost == []


def test_every_shipped_statement_is_the_best_match_of_itself(shipped):
    catalogue, index = shipped
    missed = []
    for claim, language, statement in statements_of(catalogue):
        words = split(normalise(statement))
        found = index.search(words, (), languages={language}, jurisdictions={claim.jurisdiction})
        if not found or found[0].match.score < 0.99:
            missed.append((claim.claim_id, statement))
    assert missed == []


def test_the_detector_finds_every_shipped_statement(shipped):
    catalogue, _ = shipped
    detector = build_detector(catalogue)
    said = list(statements_of(catalogue))
    values = [build.post(text=statement).to_json() for _, _, statement in said]
    passed = set(detector.gate(values))
    assert [one[2] for at, one in enumerate(said) if at not in passed] == []
    found = detector.detect_all(
        [Query(statement, (language,), None) for _, language, statement in said],
        has_time=lambda: False,
    )
    missed = [
        (claim.claim_id, statement)
        for (claim, _, statement), one in zip(said, found, strict=True)
        if not one.matches
        or one.matches[0].claim_id != claim.claim_id
        or one.matches[0].score < STRONG_MATCH
    ]
    assert missed == []


def test_an_ear_without_the_encoder_is_the_models_own():
    own, alone = ear_of(load_model()), load_ear()
    said = ["the election was stolen", "Die OVK laat jou met WhatsApp stem", "lovely weather"]
    assert own.threshold == alone.threshold
    assert own.hears(said) == alone.hears(said)
    assert own.opens(said) == alone.opens(said)


def test_a_claim_is_found_inside_its_window_alone():
    start, end = build.CREATED, build.CREATED + timedelta(days=2)
    index = index_of(build.claim("a", valid_from=start, valid_until=end))
    text = "dead people voted in this election"
    moment = timedelta(microseconds=1)
    assert search(index, text) == ["a"]
    assert search(index, text, created_at=start) == ["a"]
    assert search(index, text, created_at=end - moment) == ["a"]
    assert search(index, text, created_at=start - moment) == []
    assert search(index, text, created_at=end) == []


def test_claims_that_are_not_valid_crowd_no_other_out():
    gone = [build.claim(f"a{at:02}", valid_until=build.CREATED) for at in range(50)]
    index = index_of(*gone, build.claim("z"))
    assert search(index, "dead people voted in this election", created_at=build.CREATED) == ["z"]


def test_claims_in_other_languages_crowd_no_other_out():
    text = "dead people voted in this election"
    foreign = [
        build.claim(f"a{at:02}", statements={"de": (text,)}, topic={"de": "Tote"})
        for at in range(50)
    ]
    assert search(index_of(*foreign, build.claim("z")), text, languages=("en",)) == ["z"]


def test_an_index_of_nothing_answers_nothing():
    index = index_of()
    assert len(index) == 0
    assert search(index, "dead people voted") == []
    assert not index.may_hold(split(normalise("dead people voted")))
    assert index.gate_phrases() == []


def test_words_that_no_claim_holds_are_no_hint():
    index = index_of(build.claim("a"))
    assert index.may_hold(split(normalise("dead people voted in this election")))
    assert not index.may_hold(split(normalise("a lovely afternoon at the seaside")))
