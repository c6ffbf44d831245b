"""Records of the claims topic, folded: what they leave is what stands in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.catalogue import Catalogue
from streams.schema import ClaimStatus
from streams.worker.claims import CatalogueBuilder
from tests import builders as build

statuses = st.sampled_from([*ClaimStatus, None, "unreadable"])
records = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), statuses), max_size=12)


@given(records)
def test_the_highest_readable_version_of_each_claim_counts(given_records):
    builder = CatalogueBuilder()
    builder.keep(b"pack:ZZ", build.pack().to_json())
    newest, unreadable = {}, 0
    for name, version, status in given_records:
        if status is None:
            builder.keep(name.encode(), None)
            newest.pop(name, None)
        elif status == "unreadable":
            builder.keep(name.encode(), b'{"claim_id":')
            unreadable += 1
        else:
            claim = build.claim(name, version=version, status=status)
            builder.keep(name.encode(), claim.to_json())
            if name not in newest or newest[name].version <= version:
                newest[name] = claim
    expected = Catalogue.of([build.pack()], newest.values())
    kept = builder.catalogue()
    assert dict(kept.claims) == dict(expected.claims)
    assert kept.digest == expected.digest
    assert dict(builder.claims) == newest
    assert builder.refused == unreadable


@pytest.mark.parametrize("key", [b"pack:ZZ", None, b"\xff"])
def test_nothing_that_a_record_holds_can_raise(key):
    builder = CatalogueBuilder()
    for value in (b"", b"null", b"[]", b"{}", b"\xff\xfe", None):
        builder.keep(key, value)
    assert builder.refused == 5
    assert len(builder.catalogue().claims) == 0


def test_claims_that_are_no_longer_active_are_kept_for_the_reason_that_they_give():
    builder = CatalogueBuilder()
    builder.keep(b"pack:ZZ", build.pack().to_json())
    gone = build.claim("a", version=2, status=ClaimStatus.WITHDRAWN, reason="not so")
    for claim in (build.claim("a"), build.claim("b"), gone):
        builder.keep(claim.claim_id.encode(), claim.to_json())
    assert builder.packs == (build.pack(),)
    assert dict(builder.claims) == {"a": gone, "b": build.claim("b")}
    assert dict(builder.catalogue().claims) == {"b": build.claim("b")}
    builder.keep(b"a", None)
    assert list(builder.claims) == ["b"]
