# ruff: noqa: RUF001 - disguised letters are what is tested

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.catalogue import EMPTY_CATALOGUE
from streams.detect.detector import build_detector
from streams.detect.lexicon import load_lexicon
from streams.detect.normalise import normalise
from streams.detect.rules import load_rules
from streams.detect.words import split

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def detector():
    return build_detector(EMPTY_CATALOGUE)


def value(text, *, escape=False, **fields):
    return json.dumps({"op": "create", **fields, "text": text}, ensure_ascii=escape).encode()


def rules_hold(text):
    words = split(normalise(text))
    reading = load_rules().read(words, load_lexicon().find(words))
    return reading.claim >= load_rules().threshold


PLAIN = value("good morning, nice weather today")


@pytest.mark.parametrize(
    "text",
    [
        "go VOTE",
        "\nvote",
        "\tElection",
        "#ElectionDay",
        "#ILoveElections",
        "las ELECCIONES",
        "la elección",
        "la eleccion",
        "eleic\u0327o\u0303es",
        "Bundestagswahl",
        "SEÇİM günü",
        "चुनाव आयोग",
        "نتائج الانتخابات",
        "v0te",
        "vóte",
        "ｖｏｔｅ",
        "v o t e",
        "v.o.t.e",
        "vo\u200bte",
        "v\u00adote",
        "vоte",
        "v\u0336o\u0336t\u0336e",
        "𝐯𝐨𝐭𝐞",
        "st0p the st3al",
        "el3cciones",
        "b4ll0ts",
        "el*ction",
        "electoin",
        "vo.te",
        "voooote",
        "#riggedelection",
        "s e ç i m",
        "sec1m",
        "вы6оры",
        "выыыборы",
        "선 거",
        "drop box",
        "drop-box",
    ],
)
def test_election_words_pass_however_they_are_written(detector, text):
    assert detector.gate([PLAIN, value(text), PLAIN]) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "natural selection of electrons",
        "the president of the internet",
        "a devoted pivot",
        "oyuncak",
        "promoted",
        "hello",
        "",
        "je devote",
    ],
)
def test_words_that_only_look_like_election_words_open_nothing(detector, text):
    assert detector._gate.scan([value(text)]) == []
    # Stage one judges by itself and may look at more; it must not say more.
    assert not detector.detect(text).election.is_


def test_what_cannot_be_read_raw_passes(detector):
    values = [PLAIN, value("hellö", escape=True), b"not json", b"", b"[1]", PLAIN]
    assert detector.gate(values) == [1, 2, 3, 4]


@pytest.mark.parametrize("op", ["update", "delete"])
@pytest.mark.parametrize("space", ["", " ", "\n  "])
def test_updates_and_deletes_pass_whatever_they_say(detector, op, space):
    raw = f'{{"text":"hi","op"{space}:{space}"{op}"}}'.encode()
    assert detector.gate([PLAIN, raw]) == [1]


def test_a_word_cut_by_the_end_of_a_value_is_no_word(detector):
    assert detector.gate([b'{"text":"ele', b'{ction"}']) == []


def test_a_word_at_the_very_end_belongs_to_its_own_value(detector):
    assert detector.gate([b'{"text":"vote', PLAIN]) == [0]
    assert detector.gate([PLAIN, b'{"text":"vote']) == [1]


def test_no_values_give_no_indexes(detector):
    assert detector.gate([]) == []


@given(values=st.lists(st.binary(max_size=60), max_size=20))
def test_indexes_ascend_inside_the_chunk_for_any_bytes(values):
    passed = build_detector(EMPTY_CATALOGUE).gate(values)
    assert passed == sorted(set(passed))
    assert all(0 <= index < len(values) for index in passed)


@pytest.mark.parametrize("nul", [b"a\0\x02b", b"\0", b"\x02\0\x02\0"])
def test_a_value_with_the_bytes_that_part_values_moves_no_other(detector, nul):
    assert 2 in detector.gate([PLAIN, nul, value("b4ll0ts"), PLAIN])
    assert 3 not in detector.gate([PLAIN, nul, value("b4ll0ts"), PLAIN])


@given(
    values=st.lists(
        st.sampled_from(["vote now", "b4ll0ts", "el*ction", "hello", "x", "Wahlbetrug"]),
        max_size=12,
    )
)
def test_a_value_passes_alone_as_in_a_chunk(values):
    detector = build_detector(EMPTY_CATALOGUE)
    raw = [value(text) for text in values]
    alone = [index for index, one in enumerate(raw) if detector.gate([one])]
    assert detector.gate(raw) == alone


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared posts are not beside the checkout")
@pytest.mark.parametrize(
    "name", ["election_labels.jsonl.gz", "written_posts.jsonl.gz", "background.jsonl.gz"]
)
def test_no_post_that_rules_hold_for_is_dropped_among_real_posts(detector, name):
    with gzip.open(SHARED / name, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for _, line in zip(range(5000), lines, strict=False)]
    passed = set(detector.gate([value(text) for text in texts]))
    dropped = [
        index for index, text in enumerate(texts) if index not in passed and rules_hold(text)
    ]
    assert dropped == []
