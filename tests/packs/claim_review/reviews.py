"""Builders of ClaimReview objects, written for these tests."""


def review(claim="Dead people voted in the Zedland election", **fields):
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": claim,
        "url": "https://checker.org/1",
        "author": {"@type": "Organization", "name": "The Checker"},
        "inLanguage": "en",
        "datePublished": "2026-10-01",
        "reviewRating": {"@type": "Rating", "alternateName": "False"},
        **fields,
    }


def feed(*items):
    return {
        "@type": "DataFeed",
        "dataFeedElement": [
            {"@type": "DataFeedItem", "url": "https://checker.org", "item": list(items)},
            {"@type": "DataFeedItem", "item": None},
        ],
    }
