# ruff: noqa: RUF001 - disguised letters are what is tested


import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.normalise import normalise, readable
from streams.detect.words import split
from tests.lines_run import lines_run

hostile = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("aAeE10.-_ *#@$!v\u200b\u00ad\u0301\u0335оеасﬁ選ß👍\u1112\u1161\n"),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    "disguised",
    [
        "VOTE",
        "ｖｏｔｅ",
        "vo\u200bte",
        "v\u00adote",
        "vоtе",
        "v o t e",
        "v.o.t.e",
        "v-o-t-e",
        "v*o*t*e",
        "v0te",
        "v0t3",
        "voooote",
        "vóté",
        "v\u0301o\u0301t\u0301e\u0301",
        "v\u0336o\u0336t\u0336e\u0336",
        "𝐯𝐨𝐭𝐞",
        "🅥🅞🅣🅔",
        "🇻🇴🇹🇪",
        "ᴠᴏᴛᴇ",
    ],
)
def test_a_word_in_disguise_reads_like_the_word(disguised):
    assert normalise(disguised).text == "vote"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#StopTheSteal", "#stop the steal"),
        ("#BTWWahl", "#btw wahl"),
        ("3lection", "election"),
        ("e1ection", "election"),
        ("ba11ot", "ballot"),
        ("vot1ng", "voting"),
        ("SEÇİM", "secim"),
        ("ΕΚΛΟΓΈΣ", "εκλογεσ"),
        ("الإنتخابـــات", "الانتخابات"),
        ("\u1109\u1165\u11ab\u1100\u1165", "선거"),
    ],
)
def test_spelling_is_folded(written, read):
    assert normalise(written).text == read


@pytest.mark.parametrize(
    "plain", ["covid19", "2nd", "g20", "vote2024now", "1 2 3 4", "चुनाव में", "選挙"]
)
def test_what_is_no_disguise_stays(plain):
    assert normalise(plain).text == plain


def test_a_span_leads_back_to_the_disguised_word():
    text = "see: V\u200bO\u200bT\u200bE now"
    found = normalise(text)
    at = found.text.index("vote")
    span = found.span(at, at + 4)
    assert text[span.start : span.end].startswith("V")
    assert text[span.start : span.end].rstrip("\u200b ").endswith("E")


@given(hostile)
def test_every_span_lies_inside_the_text_and_keeps_its_order(text):
    found = normalise(text)
    ends = [found.span(at, at + 1) for at in range(len(found.text))]
    assert all(0 <= span.start <= span.end <= len(text) for span in ends)
    assert [span.start for span in ends] == sorted(span.start for span in ends)
    assert [span.end for span in ends] == sorted(span.end for span in ends)


@given(hostile)
def test_the_words_of_any_text_have_places_in_it(text):
    words = split(normalise(text))
    for place in range(len(words.texts)):
        span = words.span(place, place)
        assert 0 <= span.start < span.end <= len(text)


@given(hostile)
def test_folding_twice_changes_no_case(text):
    folded = normalise(text).text
    assert folded == folded.casefold()


@pytest.mark.parametrize(
    "unit",
    ["a b c d ", "é\u0301", "ab1c ", "aaa", "Vоte ", "#aB", "1a", "a.b.c.d!", "\u1112\u1161"],
)
def test_work_grows_with_the_text_not_with_its_square(unit):
    def work(text):
        return lines_run(lambda: split(normalise(text)))

    normalise(unit * 10)
    assert work(unit * 2000) <= 12 * work(unit * 200) + 1000


def test_what_is_read_keeps_its_case_and_parts_joined_hashtags():
    assert readable("They say #stopthesteal in Ohio") == "They say stop the steal in Ohio"
    assert readable("Élections : rien à signaler #Paris") == "Élections : rien à signaler #Paris"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("They dumped #ballots in a river", "They dumped ballots in a river"),
        ("All the #mail-in #votes, gone", "All the mail-in votes, gone"),
        ("they stole the #election.", "they stole the election."),
        ("they stole the #electionresults.", "they stole the election results."),
    ],
)
def test_a_hashtag_among_words_is_one_of_them(written, read):
    assert readable(written) == read


@pytest.mark.parametrize(
    "tags", ["Go out! #vote", "So be it. #vote #election", "#Vote early", "&#vote; a", "a #b c"]
)
def test_a_tag_behind_a_sentence_stays_a_tag(tags):
    assert readable(tags) == tags
