"""The index alone: what opens it, and what it finds."""

import pytest

from streams.detect.index import ClaimIndex
from streams.detect.lexicon import GATE_CONCEPTS, Lexicon, load_lexicon
from streams.detect.normalise import normalise
from streams.detect.sides import Sides
from streams.detect.words import split
from streams.packs.folder import default_folder, read_packs


@pytest.fixture(scope="module")
def shipped():
    catalogue = read_packs(default_folder()).catalogue()
    return Sides(catalogue.packs).fair(catalogue.claims)


def test_every_shipped_statement_opens_the_index_in_its_own_language(shipped):
    base = load_lexicon()
    index = ClaimIndex(shipped, base)
    openers = Lexicon(tuple(index.gate_phrases()), "")
    unheard = [
        (claim.claim_id, language, statement)
        for claim in shipped.values()
        for language, statements in claim.statements.items()
        for statement in statements
        for words in [split(normalise(statement))]
        if not any(
            hit.concept in GATE_CONCEPTS and hit.language in {language, "en", "und"}
            for hit in (*base.find(words), *openers.find(words))
        )
    ]
    assert unheard == []


def test_every_shipped_statement_is_the_best_match_of_itself(shipped):
    index = ClaimIndex(shipped, load_lexicon())
    missed = []
    for claim in shipped.values():
        for language, statements in claim.statements.items():
            for statement in statements:
                words = split(normalise(statement))
                found = index.search(
                    words, (), languages={language}, jurisdictions={claim.jurisdiction}
                )
                if not found or found[0].match.score < 0.99:
                    missed.append((claim.claim_id, statement))
    assert missed == []
