# ruff: noqa: RUF001 - disguised letters are what is tested

import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.asking import Query
from streams.detect.catalogue import EMPTY_CATALOGUE, Catalogue
from streams.detect.detection import NOTHING, Stage
from streams.detect.detector import build_detector
from streams.schema import Claim, ClaimSource, ClaimType, SourceStance, Stance

T = ClaimType


def claim(claim_id, *statements, language="en", **fields):
    source = ClaimSource(
        publisher="A paper",
        title="It is otherwise",
        url="https://example.org/a",
        stance=SourceStance.DISPUTES,
        language="en",
    )
    return Claim(
        claim_id=claim_id,
        jurisdiction="US",
        types=(T.MAIL,),
        topic={language: "ballots"},
        statements={language: statements},
        sources=(source, source),
        **fields,
    )


RIVER = claim("river", "Thousands of mail ballots were dumped in the Green river")
PENS = claim("pens", "Ballots marked with felt pens are not counted", "Felt pens void ballots")


@pytest.fixture(scope="module")
def plain():
    return build_detector(EMPTY_CATALOGUE)


@pytest.fixture(scope="module")
def knowing():
    return build_detector(Catalogue.of((), (RIVER, PENS)))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mail-in ballots were dumped behind the post office in Ohio", T.MAIL),
        ("Election fraud: voting machines switched 4,000 votes in Wayne County", T.FRAUD),
        ("Polling stations close at 10 pm, registration deadline is Friday", T.DATES),
        ("The court ruled that absentee ballots without a date are rejected", T.OFFICIALS),
        ("El tribunal electoral anuló los votos por correo de la casilla 14", T.MAIL),
        ("Briefwahlunterlagen und Stimmzettel lagen im Müll, Wahlbetrug in Halle", T.FRAUD),
        ("As urnas eletrônicas foram hackeadas e o TSE trocou 2 milhões de votos", T.FRAUD),
        ("Surat suara tercoblos ditemukan di TPS 12, KPU diminta hitung ulang", T.FRAUD),
    ],
)
def test_claims_are_found_with_their_type(plain, text, kind):
    found = plain.detect(text)
    assert found.claim.is_
    assert found.election.is_
    assert kind in found.types


@pytest.mark.parametrize(
    "text",
    [
        "good morning",
        "",
        "Vote for your favourite singer, the award show is on Friday!",
        "Vote now for the MVP of the season, fans",
        "The senate voted against the bill",
        "Please go vote on Tuesday!",
        "We put the files into Dropbox",
        "Bugün yeni bir oyun oynadık",
        "Jeg liker stemmer fra fjellet",
        "Acepta los términos y marca la opción de enviar",
    ],
)
def test_other_posts_make_no_claim(plain, text):
    found = plain.detect(text)
    assert not found.claim.is_
    assert found.types == ()
    assert found.stance is Stance.NONE
    assert found.spans == ()


def test_a_post_without_election_words_is_nothing(plain):
    assert plain.detect("good morning") == NOTHING


def test_evidence_spans_are_ascending_and_apart(plain):
    text = (
        "🗳️ Ｅlection fraud! M\u00adail-in ballots were burned. Voting machines deleted 9,000 votes!"
    )
    spans = plain.detect(text).spans
    assert spans
    assert all(a.end < b.start for a, b in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_a_known_claim_is_matched_in_other_words(knowing):
    found = knowing.detect("BREAKING!! 1000s of mail ballots dumped in the Green River, share this")
    assert found.matches[0].claim_id == "river"
    assert found.matches[0].score > 0.6
    assert found.claim.is_
    assert T.MAIL in found.types


def test_a_match_says_where_it_stands(knowing):
    text = "Listen. Ballots marked with felt pens are not counted. Bye."
    match = knowing.detect(text).matches[0]
    assert match.score == 1.0
    assert [text[s.start : s.end] for s in match.spans] == [
        "Ballots marked with felt pens are not counted"
    ]


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Ballots marked with felt pens are not counted", Stance.ASSERTS),
        ("Ballots marked with felt pens are counted", Stance.DENIES),
        ("It is a myth that ballots marked with felt pens are not counted", Stance.DENIES),
        ("Is it true that ballots marked with felt pens are not counted?", Stance.ASKS),
        ("Officials say ballots marked with felt pens are not counted", Stance.REPORTS),
        ("Babylon Bee: ballots marked with felt pens are not counted", Stance.SATIRE),
    ],
)
def test_the_stance_to_a_known_claim(knowing, text, stance):
    found = knowing.detect(text)
    assert found.matches
    assert found.stance is stance


def test_a_claim_matches_only_inside_its_window():
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    detector = build_detector(
        Catalogue.of((), (RIVER.model_copy(update={"valid_from": begin, "valid_until": end}),))
    )
    text = RIVER.statements["en"][0]

    def matched(moment):
        return bool(detector.detect(text, created_at=moment).matches)

    assert matched(begin)
    assert matched(None)
    assert not matched(end)
    assert not matched(datetime(2025, 12, 31, tzinfo=UTC))


def test_a_statement_without_election_words_opens_the_gate():
    detector = build_detector(
        Catalogue.of((), (claim("macron", "Macron may stand again in 2027"),))
    )
    raw = b'{"text":"Macron may stand again in 2027"}'
    assert detector.gate([raw]) == [0]
    assert detector.detect("Macron may stand again in 2027").matches


def test_claims_that_fit_several_jurisdictions_alike_are_doubted():
    here = claim("here", "Thousands of dead people voted")
    there = claim("there", "Thousands of dead people voted").model_copy(
        update={"jurisdiction": "DE"}
    )
    text = "Thousands of dead people voted"
    sure = build_detector(Catalogue.of((), (here,))).detect(text).matches[0].score
    doubted = build_detector(Catalogue.of((), (here, there))).detect(text).matches[0].score
    assert doubted < sure


def test_claims_in_another_language_do_not_match():
    detector = build_detector(Catalogue.of((), (RIVER,)))
    german = "Heute sprechen wir lange und ausführlich über die Wahlen in diesem schönen Land"
    assert detector.detect(german).matches == ()


def test_the_rule_set_changes_with_the_claims(plain, knowing):
    assert plain.rule_set != knowing.rule_set
    assert build_detector(Catalogue.of((), (PENS, RIVER))).rule_set == knowing.rule_set
    assert plain.version == knowing.version


def test_every_process_says_the_same():
    script = (
        "from streams.detect.detector import build_detector\n"
        "from streams.detect.catalogue import EMPTY_CATALOGUE\n"
        "d = build_detector(EMPTY_CATALOGUE)\n"
        "print(d.rule_set, d.detect('Mail ballots were dumped, voter fraud, officials say'))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


@given(st.text(max_size=200))
def test_no_text_breaks_the_detector(text):
    detector = build_detector(EMPTY_CATALOGUE)
    found = detector.detect("vote election fraud " + text)
    assert all(0 <= span.start < span.end for span in found.spans)
    assert 0 <= found.claim.score <= 1


@pytest.mark.parametrize("unit", ["vote ", "vote fraud ballot ", "election? ", "v o t e ", "選挙"])
def test_a_post_of_100_000_characters_is_judged(knowing, unit):
    text = (unit * 100_000)[:100_000]
    assert 0 <= knowing.detect(text).claim.score <= 1


def test_a_thorough_look_reads_what_the_gate_would_drop(plain):
    query = Query("The bridge is 300 metres long")
    (dropped,) = plain.detect_all([query])
    (read,) = plain.detect_all([query], thorough=True)
    assert dropped == NOTHING
    assert read.stage is Stage.TWO
    assert not read.claim.is_
    assert 0 < read.checkworthy < 1


def test_without_time_the_first_stage_judges_and_says_so(plain):
    query = Query("Mail-in ballots were dumped behind the post office in Ohio")
    (late,) = plain.detect_all([query], has_time=lambda: False)
    assert late.stage is Stage.LATE
    assert late.claim.is_, "the rules know this one"
    assert plain.detect_all([query])[0].stage is Stage.TWO
