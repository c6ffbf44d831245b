import pytest

from streams.detect.almanac import MADE_CONCEPTS
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
    written = {phrase.concept for phrase in load_lexicon().phrases}
    concepts = written | {"question", "statement"} | MADE_CONCEPTS
    rules = load_rules()
    assert {one for rule in rules.rules for one in rule.unless} <= written
    assert {one for rule in rules.rules for need in rule.needs for one in need} <= concepts
    assert set(rules.cues) <= concepts
    assert concepts >= GATE_CONCEPTS


def test_every_rule_needs_a_word_that_opens_the_gate_or_leans_on_the_models():
    for rule in load_rules().rules:
        leans = rule.lift > 0 or rule.points == 0
        assert leans or any(need & GATE_CONCEPTS for need in rule.needs), rule.name


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


def fired(rule, text):
    words = split(normalise(text))
    hits = [hit for hit in load_lexicon().find(words) if hit.language == "en"]
    return read_rules(RULES.replace("type_points = 1.0", f"type_points = 1.0\n{rule}")).read(
        words, hits
    )


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("ballots in the mail", True),
        ("no ballots in the mail", False),
        ("ballots not in the mail", False),
        ("ballots in the mail, not a dream", True),
        ("No. Ballots in the mail", True),
    ],
)
def test_a_rule_that_lifts_does_not_fire_on_what_is_negated(text, fires):
    assert bool(fired("lift = 2.0", text).fired) is fires
    assert fired("", text).fired


def test_a_negation_inside_a_phrase_negates_nothing_else():
    lexicon = load_lexicon()
    words = split(normalise("No ID needed to vote"))
    hits = [hit for hit in lexicon.find(words) if hit.language == "en"]
    names = {one.rule.name for one in load_rules().read(words, hits).fired}
    assert "papers-to-vote" in names


def test_a_concept_of_its_unless_keeps_a_rule_from_firing_in_its_sentence():
    rule = 'unless = ["elsewhere"]'
    assert fired(rule, "ballots in the mail").fired
    assert not fired(rule, "Eurovision ballots in the mail").fired
    assert fired(rule, "I love Eurovision. Ballots in the mail").fired


def test_phrases_may_stand_in_different_sentences_where_the_rule_says_so():
    assert fired("apart = true", "ballots. The mail").fired
    assert not fired("", "ballots. The mail").fired


def test_a_rule_without_points_makes_no_claim():
    words = split(normalise("ballots in the mail"))
    hits = load_lexicon().find(words)
    reading = read_rules(RULES.replace("points = 3.0", "points = 0.0")).read(words, hits)
    assert reading.fired
    assert reading.claim == 0


@pytest.mark.parametrize(
    ("language", "text", "rule"),
    [
        ("en", "You can vote by text message", "vote-from-afar"),
        ("es", "Puedes votar por WhatsApp", "vote-from-afar"),
        ("de", "Jetzt online wählen", "vote-from-afar"),
        ("sv", "Nu kan du rösta via SMS", "vote-from-afar"),
        ("el", "Φέτος ψηφίζεις με SMS", "vote-from-afar"),
        ("en", "No ID needed this time", "papers-to-vote"),
        ("pl", "Można głosować bez dowodu", "papers-to-vote"),
        ("en", "She withdrew from the race", "candidate-left"),
        ("tr", "Aday listeden silindi", "candidate-left"),
        ("ro", "Candidatura lui a fost respinsă", "candidate-left"),
        ("en", "Armed men at the polling station", "voters-threatened"),
        ("fr", "Des hommes armés devant le bureau de vote", "voters-threatened"),
        ("it", "Minacce agli elettori al seggio", "voters-threatened"),
    ],
)
def test_statements_are_found_in_the_languages_of_the_packs(language, text, rule):
    words = split(normalise(text))
    hits = [hit for hit in load_lexicon().find(words) if hit.language == language]
    assert rule in {one.rule.name for one in load_rules().read(words, hits).fired}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("You cannot vote by text message", "vote-from-afar"),
        ("Vote by text for your favourite in the Eurovision final", "vote-from-afar"),
        ("She never withdrew from the race", "candidate-left"),
        ("No armed men at the polling station", "voters-threatened"),
    ],
)
def test_denials_and_song_contests_are_no_such_statements(text, rule):
    words = split(normalise(text))
    hits = [hit for hit in load_lexicon().find(words) if hit.language == "en"]
    assert rule not in {one.rule.name for one in load_rules().read(words, hits).fired}


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
