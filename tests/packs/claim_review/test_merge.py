"""Reviews of one claim are one claim; what cannot be labelled in public is a draft."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.packs.claim_review.feed import Element
from streams.packs.claim_review.merge import Choices, Judgement, merge
from streams.packs.claim_review.review import read_review
from streams.packs.placed import fold
from streams.schema import ClaimType, SourceStance
from tests.packs.claim_review.reviews import review

LANGUAGES = {"US": frozenset({"en", "es"}), "DE": frozenset({"de"})}


def reviewed(claim="Dead people voted in the county election", publisher="A", **fields):
    host = publisher.lower().replace(" ", "-")
    fields = {"url": f"https://{host}.org/1", "author": {"name": publisher}, **fields}
    return read_review(Element("$", review(claim, **fields)))


def judge(claims):
    return [
        Judgement(
            election="election" in text or "Wahl" in text,
            types=() if "untyped" in text else (ClaimType.FRAUD,),
            jurisdictions=("DE",) if language == "de" else ("US",),
        )
        for language, text in claims
    ]


def merged(*reviews, **fields):
    return merge(reviews, judge, languages=LANGUAGES, **fields)


def test_two_publishers_of_one_claim_are_one_claim_that_holds():
    found = merged(
        reviewed(publisher="A", datePublished="2026-10-02"),
        reviewed("DEAD people voted, in the county election!", publisher="B"),
    )
    (claim,) = found.claims
    assert found.drafts == ()
    assert [one.publisher for one in claim.sources] == ["B", "A"]
    assert {one.stance for one in claim.sources} == {SourceStance.DISPUTES}
    assert claim.jurisdiction == "US"
    assert claim.types == (ClaimType.FRAUD,)


def test_one_source_is_a_draft_and_says_so():
    (draft,) = merged(reviewed()).drafts
    assert "fewer than two publishers" in draft.lacks
    # The same publisher twice is one source.
    again = reviewed(url="https://a.org/2", datePublished="2026-11-01")
    (draft,) = merged(reviewed(), again).drafts
    assert draft.lacks == ("fewer than two publishers",)
    assert len(draft.fields["sources"]) == 1


@pytest.mark.parametrize(
    ("fields", "lack"),
    [
        ({"reviewRating": {"alternateName": "True"}}, "no source disputes"),
        ({"reviewRating": {"alternateName": "Half true"}}, "no source disputes"),
        ({"claim": "untyped election matter of a county"}, "a type"),
        ({"claim": "election lies"}, "shorter than 3 words"),
        ({"claim": "A fake election of dead people"}, "is a judgement"),
        ({"claim": "Die Wahl war gestern vorbei", "inLanguage": "en"}, None),
    ],
)
def test_what_a_claim_lacks_is_said(fields, lack):
    found = merged(reviewed(publisher="A", **fields), reviewed(publisher="B", **fields))
    if lack is None:
        assert len(found.claims) == 1
    else:
        assert found.claims == ()
        assert any(lack in one for one in found.drafts[0].lacks)


def test_a_claim_without_a_place_needs_one():
    judgement = Judgement(election=True, types=(ClaimType.MAIL,), jurisdictions=())

    def nowhere(claims):
        return [judgement for _ in claims]

    pair = [reviewed(publisher="A"), reviewed(publisher="B")]
    (draft,) = merge(pair, nowhere, languages=LANGUAGES).drafts
    assert [lack for lack in draft.lacks if "jurisdiction" in lack]
    (claim,) = merge(pair, nowhere, languages=LANGUAGES, choices=Choices("US")).claims
    assert claim.jurisdiction == "US"


def test_other_matters_are_left_out_unless_all_are_wanted():
    pair = [reviewed("Water boils at forty degrees", publisher=name) for name in "AB"]
    assert (merged(*pair).claims, merged(*pair).elsewhere) == ((), 1)
    assert len(merged(*pair, choices=Choices(everything=True)).claims) == 1


def test_what_the_packs_know_is_not_made_again():
    pair = [reviewed(publisher=name) for name in "AB"]
    found = merged(*pair, known=frozenset({fold(pair[0].claim)}))
    assert (found.claims, found.drafts, found.known) == ((), (), 1)


def test_the_window_is_from_the_first_day_to_the_last():
    one = reviewed(
        publisher="A", itemReviewed={"datePublished": "2026-05-03"}, expires="2026-12-01"
    )
    other = reviewed(
        publisher="B", itemReviewed={"datePublished": "2026-05-01"}, expires="2027-12-01"
    )
    (claim,) = merged(one, other).claims
    assert claim.valid_from == datetime(2026, 4, 30, tzinfo=UTC)
    assert claim.valid_until == datetime(2027, 12, 1, tzinfo=UTC)
    (claim,) = merged(one, reviewed(publisher="B")).claims
    assert claim.valid_until is None


@given(st.permutations(list("ABCDEFGH")))
def test_the_order_of_reviews_does_not_matter(names):
    claims = ["the election was moved to Sunday", "nobody counted the election ballots"]
    made = {
        name: reviewed(claims[at % 2] if at % 3 else claims[at % 2].upper(), publisher=name)
        for at, name in enumerate("ABCDEFGH")
    }
    assert merged(*(made[name] for name in names)) == merged(*made.values())
