"""What is different between two rulebooks, and which posts that concerns."""

from streams.detect.shelf import ClaimShelf, fold_claim
from streams.labels.rulebook import Rulebook
from streams.schema import ClaimStatus, Policy
from tests import builders as build


def test_only_what_changed_is_different():
    before = build.book(claims=(build.claim("a"), build.claim("b")))
    gone = build.claim("b", version=2, status=ClaimStatus.WITHDRAWN)
    change = build.book(claims=(build.claim("a"), gone)).change_since(before)
    assert (change.everything, change.cited) == (False, {"b"})
    assert not build.book(claims=(build.claim("b"), build.claim("a"))).change_since(before)
    assert not before.change_since(before)


def test_a_pack_concerns_its_jurisdiction_and_a_policy_everything():
    before = build.book()
    changed = build.book(packs=(build.pack(version=2),))
    assert changed.change_since(before).cited == {"ZZ"}
    stricter = Policy(version=2, windows=())
    assert not build.book(policy=stricter).change_since(before), "the content is the same"
    other = Policy.model_validate({"review_first": {"jurisdictions": ["ZZ"]}})
    assert build.book(policy=other).change_since(before).everything
    assert before.change_since(None).everything


def test_folded_claims_make_the_same_rulebook():
    claims = (build.claim("a"), build.claim("b", status=ClaimStatus.EXPIRED))
    folded = ClaimShelf({claim.claim_id: fold_claim(claim) for claim in claims})
    shelved = Rulebook.of((build.pack(),), folded, Policy())
    assert not shelved.change_since(build.book(claims=claims))
    assert dict(shelved.claims) == {claim.claim_id: claim for claim in claims}


def test_of_folded_claims_too_only_what_changed_is_different():
    old, new = build.claim("a"), build.claim("a", version=2)
    before, after = (
        Rulebook.of(
            (build.pack(),),
            ClaimShelf({one.claim_id: fold_claim(one) for one in (claim, build.claim("b"))}),
        )
        for claim in (old, new)
    )
    assert after.change_since(before).cited == {"a"}
    assert not after.change_since(after)
