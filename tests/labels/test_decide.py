"""Which label a post gets, and which posts get none."""

from datetime import UTC, datetime

import pytest

from streams.labels.decide import decide, sources_in_order
from streams.schema import ClaimType, LabelKind, Op, SourceStance, Stance
from tests import builders as build


def kind(detection, *, post=None, catalogue=None):
    proposal = decide(post or build.post(), detection, catalogue or build.catalogue())
    return proposal and proposal.kind


def test_an_asserted_known_claim_gets_its_sources():
    proposal = decide(build.post(), build.detection(matches=(build.match(),)), build.catalogue())
    assert proposal.kind is LabelKind.DISPUTED_CLAIM
    assert proposal.claim.claim_id == "zz-dead-voters"
    assert len(proposal.claim.sources) >= 2


@pytest.mark.parametrize(
    "stance", [Stance.DENIES, Stance.ASKS, Stance.REPORTS, Stance.SATIRE, Stance.NONE]
)
def test_only_assertions_get_a_disputing_label(stance):
    assert kind(build.detection(matches=(build.match(),), stance=stance)) is None


def test_a_weak_match_gets_no_disputing_label():
    assert kind(build.detection(matches=(build.match(score=0.3),))) is None


def test_a_claim_that_no_source_disputes_gets_no_disputing_label():
    supported = build.claim(
        sources=tuple(build.source(name, stance=SourceStance.CONTEXT) for name in ("One", "Two"))
    )
    assert (
        kind(
            build.detection(matches=(build.match(),)),
            catalogue=build.catalogue(claims=(supported,)),
        )
        is None
    )


def test_a_match_of_an_unknown_claim_is_passed_over_for_the_next():
    found = decide(
        build.post(),
        build.detection(matches=(build.match("zz-gone"), build.match())),
        build.catalogue(),
    )
    assert found.claim.claim_id == "zz-dead-voters"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 3, 5, tzinfo=UTC), None),
        (datetime(2026, 11, 3, 6, tzinfo=UTC), LabelKind.RESULT_NOT_FINAL),
        (datetime(2026, 11, 24, 23, tzinfo=UTC), LabelKind.RESULT_NOT_FINAL),
        (datetime(2026, 11, 25, tzinfo=UTC), None),
    ],
)
def test_results_are_not_final_from_the_opening_of_the_polls_to_certification(moment, expected):
    counted = build.detection(types=(ClaimType.COUNTING,), jurisdictions=("ZZ",))
    post = build.post(created_at=moment, received_at=moment)
    assert kind(counted, post=post) is expected


def test_a_post_without_a_date_is_judged_by_its_receipt():
    counted = build.detection(types=(ClaimType.COUNTING,), jurisdictions=("ZZ",))
    assert kind(counted, post=build.post(created_at=None)) is LabelKind.RESULT_NOT_FINAL


@pytest.mark.parametrize("stance", [Stance.ASSERTS, Stance.ASKS])
def test_claims_about_how_to_vote_point_to_the_authority(stance):
    asked = build.detection(types=(ClaimType.DATES,), jurisdictions=("ZZ",), stance=stance)
    proposal = decide(build.post(), asked, build.catalogue())
    assert proposal.kind is LabelKind.VOTING_INFORMATION
    assert proposal.authority.url == "https://zeb.example"


def test_without_a_jurisdiction_in_the_text_there_is_no_authority_to_point_to():
    assert kind(build.detection(types=(ClaimType.DATES,))) is None
    assert kind(build.detection(types=(ClaimType.DATES,), jurisdictions=("QQ",))) is None


def test_a_delete_carries_no_label():
    assert (
        kind(build.detection(matches=(build.match(),)), post=build.post(op=Op.DELETE, text=""))
        is None
    )


def test_official_sources_stand_first_then_the_newest():
    claim = build.claim(
        sources=(
            build.source("Old", published="2020-01-01"),
            build.source("New", published="2024-01-01"),
            build.source("Board", stance=SourceStance.OFFICIAL),
        )
    )
    assert [s.publisher for s in sources_in_order(claim)] == ["Board", "New", "Old"]
