"""Reviews are found in every form of file; what is no feed says where and why."""

import contextlib
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.packs.claim_review.feed import FeedError, elements
from streams.packs.claim_review.review import BadReviewError, read_review
from tests.packs.claim_review.reviews import feed, review

FORMS = [
    (lambda a, b: orjson.dumps([a, b]), ["$[0]", "$[1]"]),
    (
        lambda a, b: orjson.dumps({"@graph": [a, {"@type": "Person"}, b]}),
        ["$.@graph[0]", "$.@graph[2]"],
    ),
    (
        lambda a, b: orjson.dumps(feed(a, b)),
        ["$.dataFeedElement[0].item[0]", "$.dataFeedElement[0].item[1]"],
    ),
    (lambda a, b: orjson.dumps(a) + b"\n\n" + orjson.dumps(b) + b"\n", ["line 1", "line 3"]),
    (lambda a, b: orjson.dumps([feed(a)]) + b"\n" + orjson.dumps([b]), None),
    (lambda a, b: b"\xef\xbb\xbf" + json.dumps([a, b], indent=2).encode(), ["$[0]", "$[1]"]),
]


@pytest.mark.parametrize(("form", "places"), FORMS)
def test_every_form_of_file_gives_its_reviews_in_order(form, places):
    found = elements(form(review("one"), review("two")))
    assert [one.value["claimReviewed"] for one in found] == ["one", "two"]
    if places:
        assert [one.place for one in found] == places


@pytest.mark.parametrize(
    "kind", ["ClaimReview", ["Thing", "ClaimReview"], "http://schema.org/ClaimReview"]
)
def test_a_single_object_of_whatever_spelling_of_the_type(kind):
    assert len(elements(orjson.dumps(review(**{"@type": kind})))) == 1


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        (b"", "$", "empty"),
        (b"\n \n", "$", "empty"),
        (b'{\n "a": 1,\n}', "line 2", "not JSON"),
        (b'{"@type": "ClaimReview"}\n{"@type":', "line 2", "not JSON"),
        (b'{"@type": "Person"}', "$", "no ClaimReview"),
        (b"[]", "$", "no ClaimReview"),
        (b"\xff\xfe", "line 1", "not JSON"),
        (b"[" * 60 + b"]" * 60, "$", "nested deeper"),
        (b"[" * 100_000, "line 1", "not JSON"),
    ],
)
def test_what_is_no_feed_says_where_and_why(data, place, reason):
    with pytest.raises(FeedError, match=reason) as failed:
        elements(data)
    assert failed.value.place.startswith(place)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["@type", "@graph", "item", "name", "dataFeedElement"]) | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
reviews = st.fixed_dictionaries(
    {},
    optional={
        name: anything
        | st.sampled_from(["https://a.org/x", "False", "en", "2026-01-01", {"name": "A"}])
        for name in (
            "claimReviewed",
            "url",
            "author",
            "publisher",
            "inLanguage",
            "datePublished",
            "expires",
            "reviewRating",
            "itemReviewed",
        )
    },
).map(lambda fields: {"@type": "ClaimReview", "claimReviewed": "votes were lost here", **fields})


def taken(data):
    """Read all; any error but those that are meant ends the test."""
    with contextlib.suppress(FeedError):
        for one in elements(data):
            with contextlib.suppress(BadReviewError):
                read = read_review(one)
                assert 0 < len(read.claim) <= 500
                assert 0 < len(read.publisher) <= 500
                assert read.url.startswith(("http://", "https://"))


@given(anything | st.lists(reviews, max_size=3) | reviews)
def test_no_json_raises_anything_but_what_is_meant(value):
    taken(json.dumps(value).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_no_bytes_raise_anything_but_what_is_meant(data):
    taken(data)
