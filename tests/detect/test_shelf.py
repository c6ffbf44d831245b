"""Claims kept folded are the claims that were put there."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.catalogue import Catalogue
from streams.detect.shelf import ClaimShelf, fold_claim, mark_of
from streams.schema import ClaimStatus
from tests import builders as build

ids = st.lists(st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,3})?", fullmatch=True), unique=True)


def shelf_of(claims):
    return ClaimShelf({claim.claim_id: fold_claim(claim) for claim in claims})


@given(ids, st.randoms(use_true_random=False))
def test_a_catalogue_of_folded_claims_is_that_of_open_ones(names, random):
    claims = [build.claim(name) for name in names]
    shuffled = random.sample(claims, len(claims))
    kept = Catalogue.shelved((build.pack(),), shelf_of(shuffled))
    open_ = Catalogue.of((build.pack(),), claims)
    assert dict(kept.claims) == dict(open_.claims)
    assert list(kept.claims) == list(open_.claims) == sorted(names)
    assert list(kept.marks.items()) == list(open_.marks.items())
    assert kept.digest == open_.digest


def test_a_mark_changes_with_anything_in_a_claim():
    claim = build.claim()
    others = [
        claim.model_copy(update={"version": 2}),
        claim.model_copy(update={"status": ClaimStatus.WITHDRAWN}),
        claim.model_copy(update={"topic": {"en": "something else"}}),
        claim.model_copy(update={"valid_from": build.CREATED}),
    ]
    marks = {mark_of(one.to_json()) for one in (claim, *others)}
    assert len(marks) == 1 + len(others)


def test_what_is_not_there_is_not_found():
    shelf = shelf_of([build.claim()])
    assert "zz-dead-voters" in shelf
    assert "zz-others" not in shelf
    assert shelf.get("zz-others") is None
    with pytest.raises(KeyError):
        shelf["zz-others"]


def test_later_changes_of_what_it_was_made_of_do_not_reach_a_shelf():
    folded = {claim.claim_id: fold_claim(claim) for claim in (build.claim("a"), build.claim("b"))}
    shelf = ClaimShelf(folded)
    folded.pop("a")
    assert list(shelf) == ["a", "b"]


def test_the_collector_has_nothing_to_walk_in_folded_claims():
    folded = {f"c{at}": fold_claim(build.claim(f"c{at}")) for at in range(3)}
    gc.collect()
    assert not any(gc.is_tracked(one) for one in folded.values())


@given(ids, ids, st.integers(0, 2))
def test_two_shelves_differ_by_what_their_claims_say(names, others, changed):
    here = [build.claim(name) for name in names]
    there = [build.claim(name) for name in others]
    there[:changed] = [one.model_copy(update={"version": 2}) for one in there[:changed]]
    ours, theirs = ({one.claim_id: one for one in claims} for claims in (here, there))
    expected = {one for one in ours.keys() | theirs.keys() if ours.get(one) != theirs.get(one)}
    assert shelf_of(here).different_from(shelf_of(there)) == expected
