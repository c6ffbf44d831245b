import pytest

from streams.detect.language import tell_language
from streams.detect.lexicon import GATE_CONCEPTS, Lexicon, load_lexicon, parse_phrase
from streams.detect.normalise import normalise
from streams.detect.rules import load_rules, read_rules
from streams.detect.words import split


def found(written, text):
    phrases = tuple(parse_phrase("c", "en", one) for one in written)
    words = split(normalise(text))
    return [(hit.first, hit.last) for hit in Lexicon(phrases, "").find(words)]


@pytest.mark.parametrize(
    ("phrase", "text", "hits"),
    [
        ("vote", "a vote", [(1, 1)]),
        ("vote", "a voter", []),
        ("vot*", "a voter", [(1, 1)]),
        ("*wahl", "die Bundestagswahl", [(1, 1)]),
        ("*wahl*", "die Bundestagswahlen", [(1, 1)]),
        ("mail|postal ballots", "postal ballots", [(0, 1)]),
        ("mail ballots", "mail. ballots", []),
        ("mail ballots", "mail, ballots", []),
        ("mail ballots", "mail-ballots", [(0, 1)]),
        ("buy ... votes", "buy all of their votes", [(0, 4)]),
        ("buy ... votes", "buy some of the very many votes", []),
        ("# votes", "12,345 votes", [(0, 1)]),
        ("選挙", "次の選挙は", [(2, 3)]),
    ],
)
def test_phrases_stand_where_they_are_written(phrase, text, hits):
    assert found([phrase], text) == hits


@pytest.mark.parametrize("written", ["", "...", "... vote", "vote ..."])
def test_a_phrase_without_words_is_refused(written):
    with pytest.raises(ValueError, match="not a phrase"):
        parse_phrase("c", "en", written)


def test_a_repeated_word_gives_a_bounded_number_of_hits():
    assert len(found(["vote"], "vote " * 20_000)) <= 2_100


def test_every_need_and_cue_of_the_rules_is_a_concept_of_some_language():
    concepts = {phrase.concept for phrase in load_lexicon().phrases} | {"question", "statement"}
    rules = load_rules()
    assert {one for rule in rules.rules for need in rule.needs for one in need} <= concepts
    assert set(rules.cues) <= concepts
    assert concepts >= GATE_CONCEPTS


def test_every_rule_needs_a_word_that_opens_the_gate():
    for rule in load_rules().rules:
        assert any(need & GATE_CONCEPTS for need in rule.needs), rule.name


RULES = """
version = "t"
bias = -1.0
threshold = 0.5
[cues]
[[rules]]
name = "r"
type = "mail"
needs = ["ballot", "mail"]
within = 4
points = 3.0
type_points = 1.0
"""


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("ballots in the mail", True),
        ("mail for ballots", True),
        ("ballots. The mail", False),
        ("ballots one two three four five mail", False),
        ("ballots", False),
    ],
)
def test_a_rule_fires_on_concepts_close_together_in_one_sentence(text, fires):
    words = split(normalise(text))
    reading = read_rules(RULES).read(words, load_lexicon().find(words))
    assert bool(reading.fired) is fires


@pytest.mark.parametrize(
    ("text", "tags", "code"),
    [
        ("Where can I vote tomorrow morning, does anybody know?", (), "en"),
        ("¿Dónde puedo votar mañana por la mañana en esta ciudad?", ("en",), "es"),
        ("कल सुबह मतदान कहाँ होगा", (), "hi"),
        ("👍👍", (), "und"),
        ("👍👍", ("pt-BR",), "pt"),
        ("", (), "und"),
        ("\ud800 where can I vote tomorrow morning \udfff", (), "en"),
    ],
)
def test_the_language_is_told_from_text_and_tags(text, tags, code):
    assert tell_language(text, tags).code == code
