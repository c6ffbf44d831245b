# ruff: noqa: RUF001 - disguised letters are what is tested


import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.disguises import undisguise
from streams.detect.gate import build_gate
from streams.detect.lexicon import load_lexicon
from streams.detect.normalise import normalise
from streams.detect.words import split
from tests.lines_run import lines_run

hostile = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from(
            "vVoOtTeElLaAbB01345.-_*  #@$!\u200b\u00ad\u0301\u0335оеаѕﬁ選ß👍\u1112\u1161चुना\n"
        ),
    ),
    max_size=80,
)


@pytest.fixture(scope="module")
def gate():
    return build_gate(load_lexicon().phrases)


@pytest.mark.parametrize(
    ("disguised", "meant"),
    [
        ("Go v*te", "Go vote"),
        ("el*ction", "election"),
        ("EL***ION", "ELECTION"),
        ("election fr@ud", "election fraud"),
        ("electoin", "election"),
        ("Vtoe", "Vote"),
        ("BALOT", "BALLOT"),
        ("m a i l  i n  b a l l o t s", "mail  in  ballots"),
        ("m a i l b a l l o t s", "mail ballots"),
        ("v.o.t.e", "vote"),
        ("vo.te", "vote"),
        ("v👏o👏t👏e", "vote"),
        ("las el3cciones", "las elecciones"),
        ("w4hl", "wahl"),
        ("b4llOtttts", "ballOts"),
        ("bаllоts", "ballots"),
        ("BАLLОTS", "BALLOTS"),
        ("выбoры", "выборы"),
        ("вы6оры", "выборы"),
        ("εκλoγές", "εκλογές"),
        ("ＶＯＴＥ", "VOTE"),
        ("𝐕𝐨𝐭𝐞", "Vote"),
        ("v\u200bote", "vote"),
        ("elec\u00adción", "elección"),
        ("s e ç i m", "seçim"),
        ("선 거", "선거"),
        ("चु ना व", "चुनाव"),
    ],
)
def test_a_disguise_is_undone_in_its_own_case_and_passes_the_gate(gate, disguised, meant):
    assert undisguise(disguised) == meant
    assert gate.scan([f'{{"text":"{disguised}"}}'.encode()]) == [0]


@pytest.mark.parametrize(
    "plain",
    [
        "",
        "Selections of the ballet were devoted to electrons",
        "mail-in, by-election, e-voting, re-elected, mid-term",
        "covid19 vote2024now 2nd G20 iPhone15 U.S.A.",
        "f**k this sh*t",
        "Wähler*innen und Bürger:innen",
        "the month's calling, he'll boost it",
        "@votes https://example.org/v0te www.v0te.example",
        "Los años de la elección 👨‍👩‍👧 🇪🇸 नि‍र्वाचन می‌شود",
        "#StopTheSteal #electionfraud",
        "Élections: l’abstention, naïve Wahlbeteiligung; oylar & seçim",
    ],
)
def test_what_is_not_disguised_stays_as_published(plain):
    assert undisguise(plain) == plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#stopthesteal", "#stop the steal"),
        ("#electionfraud", "#election fraud"),
        ("#naturalselection", "#naturalselection"),
    ],
)
def test_joined_hashtags_are_read_as_words(written, read):
    assert normalise(written).text == read


@given(hostile)
def test_undoing_knows_no_text_that_breaks_it_and_places_stay_inside(text):
    assert isinstance(undisguise(text), str)
    words = split(normalise(text))
    for place in range(len(words.texts)):
        span = words.span(place, place)
        assert 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("see v*te now", "v*te"), ("see v o t e now", "v o t e"), ("the electoin!", "electoin")],
)
def test_a_span_leads_back_to_the_disguise(text, shown):
    words = split(normalise(text))
    place = next(at for at, word in enumerate(words.texts) if word in {"vote", "election"})
    span = words.span(place, place)
    assert text[span.start : span.end] == shown


@pytest.mark.parametrize(
    "unit",
    [
        "a b c d ", "v*te ", "a*", "a-", "el*ct1on", "चु ना व ", "i n ", "#stopthesteal ",
        "b4ll0t!1|", "electoin ", "vo.te ", "v\u200bo", "𝐯", "ballloottt ", "в о т e ",
    ],
)  # fmt: skip
def test_work_grows_with_the_text_not_with_its_square(unit):
    def work(text):
        return lines_run(lambda: normalise(text))

    # Both are beyond the bounds of what is read word by word.
    normalise(unit * 3000)
    assert work(unit * 6000) <= 2.5 * work(unit * 3000)


def test_a_post_full_of_different_disguises_is_read_in_bounded_work():
    names = [f"b4ll0t{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}1!|" for n in range(600)]
    assert undisguise(" ".join(names)).split()[-1] == names[-1]
