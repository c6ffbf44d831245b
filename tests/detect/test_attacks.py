# ruff: noqa: RUF001 - other alphabets look alike

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.attacks import ATTACKS, election_words
from streams.detect.gate import build_gate
from streams.detect.lexicon import GATE_CONCEPTS, load_lexicon
from streams.detect.normalise import normalise
from streams.detect.words import split

TEXTS = [
    "Thousands of ballots vanished before the election was certified",
    "Las elecciones fueron robadas, votaron los muertos",
    "Die Stimmzettel der Wahlen lagen im Wald",
    "Oy pusulaları çalındı, seçimler hileli",
    "Бюллетени на выборах подменили",
]


@pytest.fixture(scope="module")
def gate():
    return build_gate(load_lexicon().phrases)


def names_an_election(text):
    words = split(normalise(text))
    return any(hit.concept in GATE_CONCEPTS for hit in load_lexicon().find(words))


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("seed", range(6))
def test_an_attacked_post_passes_the_gate_and_still_names_its_election(gate, name, text, seed):
    attacked = ATTACKS[name](text, election_words(text), Random(seed))  # noqa: S311 - no secret
    assert gate.scan([f'{{"text":"{attacked}"}}'.encode()]) == [0]
    assert names_an_election(attacked)


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"accents-dropped"}))
def test_an_attack_changes_the_words_and_nothing_else(name):
    attacked = ATTACKS[name]("the ballots, my friend", ["ballots"], Random(1))  # noqa: S311
    assert attacked.startswith("the ")
    assert attacked.endswith(", my friend")
    assert attacked != "the ballots, my friend"


@given(
    text=st.text(max_size=60), words=st.lists(st.text(max_size=6), max_size=4), seed=st.integers()
)
def test_an_attack_gives_the_same_for_the_same_numbers(text, words, seed):
    for attack in ATTACKS.values():
        assert attack(text, words, Random(seed)) == attack(text, words, Random(seed))  # noqa: S311


def test_words_in_capitals_are_no_words_to_attack():
    assert election_words("TSE counted the Votes") == ["counted", "Votes"]
