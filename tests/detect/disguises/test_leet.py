import pytest

from streams.detect.disguises import undisguise
from streams.detect.disguises.leet import read_leet
from streams.detect.gate import build_gate
from streams.detect.lexicon import load_lexicon


@pytest.fixture(scope="module")
def gate():
    return build_gate(load_lexicon().phrases)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("vote$ and ballot5", "votes and ballots"),
        ("m411-in ballots", "mail-in ballots"),
        ("el mandat0 por voto", "el mandato por voto"),
        ("3lect1on2024", "election2024"),
        ("p0l1s and ballots", "polls and ballots"),
        ("an ab$3ntee voter", "an absentee voter"),
        ("voter reg1$tration", "voter registration"),
    ],
)
def test_leetspeak_is_read_and_passes_the_gate(gate, written, meant):
    assert undisguise(written) == meant
    assert gate.scan([f'{{"text":"{written}"}}'.encode()]) == [0]


@pytest.mark.parametrize(
    "plain",
    [
        "4th b2b mp3 p2p h1n1 k12 wahl21 web3 4chan day5 #Day4 Line@ prop8 level0",
        "vote1 Vote2 poll1 ballot4 election3 seat5 votes4all top10 polls24 election2024",
    ],
)
def test_digits_that_count_stay(plain):
    assert undisguise(plain) == plain


@pytest.mark.parametrize("core", ["vote2024", "election2016", "2024", "a1", "9" * 41 + "vote"])
def test_what_is_no_leetspeak_has_no_reading(core):
    assert read_leet(core) is None


def test_many_signs_between_letters_hide_no_word():
    assert "".join(read_leet("e!!l!!e!!c!!t!!i!!o!!n") or ()) == "election"


def test_capitals_stay_capitals():
    assert "".join(read_leet("3LECT1ON") or ()) == "ELECTION"
