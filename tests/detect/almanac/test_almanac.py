from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.almanac import MADE_CONCEPTS, STATED, Almanac
from streams.detect.almanac.hours import told_hour
from streams.detect.almanac.words import load_date_words, read_date_words
from streams.detect.catalogue import Catalogue
from streams.detect.detector import build_detector
from streams.detect.lexicon import load_lexicon
from streams.detect.normalise import normalise
from streams.detect.words import split
from streams.schema import Calendar, CalendarSource, DayRange, Election, Stance
from tests.builders import pack

BEFORE = datetime(2026, 10, 29, 12, tzinfo=UTC)  # a Thursday; the polls open on Tuesday
CALENDAR = Calendar(
    days=(date(2026, 11, 3),),
    registration_ends=(date(2026, 11, 1),),
    opens=("07:00",),
    closes=("20:00",),
    sources=(CalendarSource(publisher="Zed Election Board", url="https://zeb.example"),),
)


def zedland(calendar=CALENDAR, *, jurisdiction="ZZ", languages=("en", "es", "de", "pt", "it")):
    election = Election(
        election_id=f"{jurisdiction.lower()}-2026",
        name={"en": "Zedland general election"},
        polls_open=datetime(2026, 11, 3, 6, tzinfo=UTC),
        polls_close=datetime(2026, 11, 3, 20, tzinfo=UTC),
        certified_by=datetime(2026, 11, 25, tzinfo=UTC),
        calendar=calendar,
    )
    return pack(jurisdiction, elections=(election,), languages=languages)


def compared(text, *, language="en", at=BEFORE, packs=None, named=()):
    packs = packs if packs is not None else [zedland()]
    words = split(normalise(text))
    hits = [hit for hit in load_lexicon().find(words) if hit.language == language]
    found = Almanac({one.jurisdiction: one for one in packs}).compare(
        words, hits, language=language, jurisdictions=named, created_at=at
    )
    return {(hit.concept, " ".join(words.texts[hit.first : hit.last + 1])) for hit in found}


def others(text, **asked):
    return {what for concept, what in compared(text, **asked) if concept.startswith("other")}


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "Vote on Wednesday!", "wednesday"),
        ("en", "The election is on November 10", "november 10"),
        (
            "en",
            "The election has moved, election postponed to 10th of November",
            "10 th of november",
        ),
        ("en", "Vote on Wednesday, November 4", "november 4"),
        ("en", "The election is on 11/10/2026", "11 10 2026"),
        ("es", "Se vota el lunes", "lunes"),
        ("es", "La votación será el 4 de noviembre", "4 de noviembre"),
        ("de", "Gewählt wird am 4. November", "4 november"),
        ("de", "Gewählt wird am 4.11.2026", "4.11.2026"),
        ("pt", "A votação será na segunda-feira", "segunda feira"),
        ("it", "Si vota mercoledì", "mercoledi"),
        ("en", "Register to vote by November 2", "november 2"),
        ("en", "Polls close at 10pm", "10 pm"),
        ("en", "Polls close at 22:00", "22:00"),
        ("en", "Polls are open until 9.", "9"),
        ("es", "Las casillas cierran a las 21h", "21 h"),
        ("de", "Die Wahllokale schließen um 18 Uhr", "18 uhr"),
    ],
)
def test_another_day_or_hour_than_the_calendar_has_is_found(language, text, told):
    assert others(text, language=language) == {told}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Vote on Tuesday!"),
        ("en", "Vote on Tuesday, November 3"),
        ("en", "The election is on 11/3/2026"),
        ("en", "The election is on 3/11/2026"),
        ("es", "Se vota el martes 3 de noviembre"),
        ("de", "Gewählt wird am 3. November"),
        ("en", "Register to vote by Sunday, November 1"),
        ("en", "Polls close at 8pm"),
        ("en", "Polls close at 8"),
        ("en", "Polls close at 20:00"),
        ("en", "Polls open at 7 am"),
        ("en", "I took Wednesday off. Vote on your own terms"),
        ("en", "The debate is on Wednesday"),
        ("en", "Vote on whether the bridge should be closed to cars from Wednesday"),
        ("en", "Vote on mercredi"),
    ],
)
def test_what_agrees_with_the_calendar_or_is_about_something_else_is_left_alone(language, text):
    assert others(text, language=language) == set()


def test_days_of_early_voting_agree():
    early = (DayRange(first=date(2026, 10, 20), last=date(2026, 10, 31)),)
    packs = [zedland(CALENDAR.model_copy(update={"early": early}))]
    assert others("Vote on Saturday", packs=packs) == set()
    assert others("Vote on Saturday") == {"saturday"}
    assert others("Vote on Wednesday", packs=packs) == {"wednesday"}


@pytest.mark.parametrize(
    "at",
    [
        None,
        datetime(2026, 9, 1, tzinfo=UTC),  # `Wednesday` is of a week that has no election
        datetime(2026, 11, 6, tzinfo=UTC),  # it was on Tuesday
    ],
)
def test_a_weekday_is_compared_only_just_before_an_election(at):
    assert others("Vote on Wednesday", at=at) == set()
    assert ("told_day", "wednesday") in compared("Vote on Wednesday", at=at)


def test_a_date_far_from_the_election_is_that_of_something_else():
    assert others("The election is on 20 February 2027") == set()
    assert others("The election is on 20 November 2025") == set()


def test_a_post_agrees_when_one_of_the_packs_that_it_may_mean_agrees():
    other = CALENDAR.model_copy(update={"days": (date(2026, 11, 4),), "closes": ("22:00",)})
    packs = [zedland(), zedland(other, jurisdiction="YY")]
    assert others("Vote on Wednesday", packs=packs) == set()
    assert others("Polls close at 22:00", packs=packs) == set()
    assert others("Vote on Wednesday", packs=packs, named=("ZZ",)) == {"wednesday"}
    assert others("Vote on Wednesday", packs=packs, named=("YY",)) == set()


def test_packs_of_another_language_are_not_meant():
    assert others("Vote on Wednesday", packs=[zedland(languages=("de",))]) == set()


def test_without_a_calendar_nothing_is_another_day():
    assert others("Vote on Wednesday", packs=[zedland(calendar=None)]) == set()


@pytest.mark.parametrize(
    ("at", "named", "early"),
    [
        (datetime(2026, 11, 3, 21, tzinfo=UTC), (), True),
        (datetime(2026, 11, 20, tzinfo=UTC), (), False),
        (datetime(2026, 11, 20, tzinfo=UTC), ("ZZ",), True),
        (datetime(2026, 11, 25, tzinfo=UTC), ("ZZ",), False),
        (datetime(2026, 11, 3, 5, 59, tzinfo=UTC), ("ZZ",), False),
        (None, ("ZZ",), False),
    ],
)
def test_a_winner_is_early_until_the_result_is_certified(at, named, early):
    found = compared("She has won the election", at=at, named=named)
    assert ("open_count" in {concept for concept, _ in found}) is early


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("22:30", {1350}),
        ("8", {480, 1200}),
        ("8 pm", {1200}),
        ("8 am", {480}),
        ("12 am", {0}),
        ("12 pm", {720}),
        ("17h30", {1050}),
        ("20 Uhr", {1200}),
        ("24:00", {0}),
    ],
)
def test_an_hour_is_read_in_every_way_that_it_may_be_meant(text, minutes):
    told = told_hour(split(normalise(text)), 0)
    assert told is not None
    assert told[1] == minutes


@pytest.mark.parametrize("text", ["25", "8:75", "1000", "9" * 6_000, "8,5"])
def test_what_is_no_hour_is_not_read_as_one(text):
    assert told_hour(split(normalise(text)), 0) is None


def test_every_concept_that_is_compared_is_written_in_the_word_lists():
    written = {phrase.concept for phrase in load_lexicon().phrases}
    assert written >= STATED
    assert MADE_CONCEPTS.isdisjoint(written)


def test_every_language_names_each_day_and_month():
    by_language: dict[str, set[str]] = {}
    for phrase in load_date_words().phrases:
        by_language.setdefault(phrase.language, set()).add(phrase.concept)
    assert len(by_language) >= 18
    for concepts in by_language.values():
        assert len([one for one in concepts if one.startswith("weekday:")]) == 7
        assert len([one for one in concepts if one.startswith("month:")]) == 12


def test_a_week_of_six_days_is_refused():
    months = '", "'.join("abcdefghijkl")
    text = f'language = "zz"\nweekdays = ["a", "b", "c", "d", "e", "f"]\nmonths = ["{months}"]'
    with pytest.raises(ValueError, match="7 days"):
        read_date_words(text)


def test_a_number_of_thousands_of_digits_is_no_day():
    assert others(f"The election is on {'9' * 5_000} november") == set()


PIECES = [
    "vote on", "polls close at", "register to vote by", "the election is on", "wednesday", "may",
    "november", "4", "31", "30 february", "0", "2026", "99/99", "4.11.", "2026-11-04", "9" * 5_000,
    "pm", "h", ".", "/", "-", "?", "today", "th", "٣", "²", "12:60", "won the election", "\n",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES), max_size=12),
    st.sampled_from([" ", "", "/", "-"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds the zone
)
def test_whatever_is_written_is_read_and_stands_in_the_text(pieces, joint, at):
    words = split(normalise(joint.join(pieces)))
    hits = [hit for hit in load_lexicon().find(words) if hit.language == "en"]
    almanac = Almanac({"ZZ": zedland()})
    for hit in almanac.compare(words, hits, language="en", jurisdictions=(), created_at=at):
        assert hit.concept in MADE_CONCEPTS
        assert 0 <= hit.first <= hit.last < len(words.texts)


@pytest.fixture(scope="module")
def detector():
    return build_detector(Catalogue.of((zedland(),), ()))


@pytest.mark.parametrize(
    ("text", "at", "kind"),
    [
        ("Remember: the election is on Wednesday this year", BEFORE, "dates"),
        ("Polling stations are open until 11pm, no rush", BEFORE, "dates"),
        (
            "She has officially won the Zedland election, it is over",
            datetime(2026, 11, 4, tzinfo=UTC),
            "counting",
        ),
    ],
)
def test_the_detector_makes_a_claim_of_it_and_shows_the_words(detector, text, at, kind):
    detection = detector.detect(text, languages=("en",), created_at=at)
    assert detection.claim.is_
    assert kind in detection.types
    assert detection.spans


def test_denials_of_another_day_assert_nothing(detector):
    text = "FALSE: the election is not moved to Wednesday, this is a hoax. Ignore the flyer"
    detection = detector.detect(text, languages=("en",), created_at=BEFORE)
    assert detection.stance is not Stance.ASSERTS


def test_the_calendars_words_are_part_of_the_rule_set(detector):
    other = build_detector(Catalogue.of((zedland(calendar=None),), ()))
    assert detector.rule_set != other.rule_set
