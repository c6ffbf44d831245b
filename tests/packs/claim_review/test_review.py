"""What is taken of one review, and what is refused with its reason."""
# ruff: noqa: RUF001 - words of many alphabets

from datetime import UTC, date, datetime

import pytest

from streams.packs.claim_review.feed import Element
from streams.packs.claim_review.ratings import stance_of_number, stance_of_text
from streams.packs.claim_review.review import BadReviewError, read_review
from streams.schema import SourceStance
from tests.packs.claim_review.reviews import review

D, S, C = SourceStance.DISPUTES, SourceStance.SUPPORTS, SourceStance.CONTEXT


def read(**fields):
    return read_review(Element("$", review(**fields)))


@pytest.mark.parametrize(
    ("rating", "stance"),
    [
        ("False", D), ("FALSE", D), ("Mostly false", D), ("Pants on Fire", D), ("Misleading", D),
        ("Not true", D), ("Fake", D), ("Altered photo", D), ("No evidence", D), ("Incorrect", D),
        ("True", S), ("Mostly true", S), ("Correct", S), ("Accurate", S),
        ("Half true", C), ("Partly false", C), ("Mixture", C), ("Unproven", C), ("Satire", C),
        ("Missing context", C), ("True but misleading", C), ("Not misleading", C), ("", C),
        ("Falso", D), ("Engañoso", D), ("No es cierto", D), ("Verdadero", S), ("Cierto", S),
        ("Falsch", D), ("Irreführend", D), ("Richtig", S), ("Teilweise falsch", C),
        ("Größtenteils falsch", D), ("Faux", D), ("Trompeur", D), ("Vrai", S), ("Plutôt vrai", S),
        ("Enganoso", D), ("Verdadeiro", S), ("Falso, mas verdadeiro em parte", C),
        ("Onwaar", D), ("Waar", S), ("Fałsz", D), ("Prawda", S), ("Nieprawda", D),
        ("Yanlış", D), ("Doğru", S), ("Doğru değil", D), ("Хибний", D), ("Неправда", D),
        ("Правда", S), ("झूठ", D), ("सच", S), ("Salah", D), ("Benar", S), ("Tidak benar", D),
        ("كاذب", D), ("صحيح", S), ("غير صحيح", D), ("錯誤", D), ("虛假", D), ("正確", S),
        ("거짓", D), ("사실", S), ("사실무근", D), ("誤り", D), ("正しい", S), ("Ψευδής", D),
        ("Fals", D), ("Adevărat", S), ("Falskt", D), ("Sant", S), ("Bufala", D), ("Vero", S),
    ],
)  # fmt: skip
def test_ratings_of_many_languages_are_stances(rating, stance):
    assert stance_of_text(rating) is stance


@pytest.mark.parametrize(
    ("value", "worst", "best", "stance"),
    [
        (1, 1, 5, D), (2, 1, 5, D), (3, 1, 5, C), (4, 1, 5, S), (5, None, None, S),
        (1, None, None, D), (0, 0, 1, D), (1, 0, 1, S), (100, 0, 100, S), (-1, None, None, C),
        (7, None, None, C), (1, 5, 5, C), (1, 5, 1, C),
    ],
)  # fmt: skip
def test_numbers_are_stances_by_their_place_on_the_scale(value, worst, best, stance):
    assert stance_of_number(value, worst, best) is stance


def test_a_whole_review():
    found = read(
        itemReviewed={
            "@type": "Claim",
            "datePublished": "2026-09-20T23:00:00-05:00",
            "firstAppearance": {"datePublished": "2026-09-18"},
        },
        expires="2027-01-01",
    )
    assert found.claim == "Dead people voted in the Zedland election"
    assert (found.language, found.publisher, found.stance) == ("en", "The Checker", D)
    assert found.published == date(2026, 10, 1)
    # The day before: days begin earlier in the east.
    assert found.since == datetime(2026, 9, 17, tzinfo=UTC)
    assert found.until == datetime(2027, 1, 1, tzinfo=UTC)


def test_words_of_a_rating_outrank_its_number():
    rating = {"alternateName": "Half true", "ratingValue": 1, "bestRating": 5, "worstRating": 1}
    assert read(reviewRating=rating).stance is C
    assert (
        read(reviewRating={"ratingValue": "1", "bestRating": "5", "worstRating": "1"}).stance is D
    )
    assert read(reviewRating={"ratingValue": "Verdadero"}).stance is S
    assert read(reviewRating="False").stance is D
    assert read(reviewRating=None).stance is C


def test_a_language_that_is_not_given_is_told_from_the_claim():
    claim = "Los muertos votaron en las elecciones y nadie revisó las actas"
    for given in (None, "", "xx", {"name": "nobody knows"}, 7):
        assert read(claim=claim, inLanguage=given).language == "es"
    assert read(inLanguage="pt-BR").language == "pt"
    assert read(inLanguage={"@type": "Language", "alternateName": "de"}).language == "de"


def test_a_publisher_without_a_name_is_its_host():
    assert read(author=None, publisher={"name": "Another"}).publisher == "Another"
    assert read(author="By hand").publisher == "By hand"
    assert read(author={}, url="https://www.checker.org/1").publisher == "checker.org"


def test_characters_that_nobody_sees_are_not_taken():
    assert read(claim=" votes\u202e were\n\nlost\x00 ").claim == "votes were lost"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"claim": None}, "claimReviewed: no text"),
        ({"claim": " \u200b "}, "claimReviewed: no text"),
        ({"claim": "a" * 501}, "claimReviewed: longer"),
        ({"url": None}, "url: no address"),
        ({"url": "javascript:alert(1)"}, "url: not an http"),
        ({"url": "https://"}, "url: not an http"),
        ({"url": "https://[a/"}, "url: an address that cannot be read"),
        ({"url": "https://a.org/ b"}, "url: not an http"),
        ({"url": "https://a.org/" + "b" * 2048}, "url: not an http"),
        ({"datePublished": "yesterday"}, "datePublished: not a date"),
        ({"datePublished": 5}, "datePublished: not a date"),
        ({"expires": "2026-13-01"}, "expires: not a date"),
        ({"itemReviewed": {"datePublished": "x"}}, "itemReviewed.datePublished: not a date"),
        (
            {"itemReviewed": {"datePublished": "2026-10-01"}, "expires": "2026-09-01"},
            "expires: not after",
        ),
        ({"claim": "1 2 3", "inLanguage": None}, "inLanguage: no known language"),
    ],
)
def test_a_bad_part_is_named_with_its_reason(fields, reason):
    with pytest.raises(BadReviewError, match=reason):
        read(**fields)
