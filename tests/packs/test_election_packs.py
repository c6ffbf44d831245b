"""The packs that come with Hustings: complete, dated, even-handed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.packs.folder import default_folder, read_packs
from streams.packs.placed import fold
from streams.schema import ClaimType, SourceStance

FOUND = read_packs(default_folder())
JURISDICTIONS = [pack.jurisdiction for pack in FOUND.packs]


def claims_of(jurisdiction):
    return [claim for claim in FOUND.claims if claim.jurisdiction == jurisdiction]


SHIPPED = {
    "AR",
    "AU",
    "BR",
    "CA",
    "CO",
    "DE",
    "ES",
    "EU",
    "FR",
    "GB",
    "GR",
    "ID",
    "IN",
    "IT",
    "JP",
    "KE",
    "KR",
    "MX",
    "NG",
    "NL",
    "PH",
    "PL",
    "RO",
    "SE",
    "TR",
    "TW",
    "UA",
    "US",
    "ZA",
}


def test_no_pack_has_gone_missing():
    assert set(JURISDICTIONS) >= SHIPPED


@pytest.mark.parametrize("pack", FOUND.packs, ids=JURISDICTIONS)
def test_a_pack_has_claims_of_every_type_in_its_languages_and_in_english(pack):
    claims = claims_of(pack.jurisdiction)
    assert len(claims) >= 10
    assert {kind for claim in claims for kind in claim.types} == set(ClaimType)
    for claim in claims:
        assert "en" in claim.statements, claim.claim_id
        assert "en" in claim.topic, claim.claim_id
        main = pack.languages[0]
        if main == "en" or main in claim.statements:
            assert len(claim.statements[main]) >= 2, claim.claim_id
        assert main in claim.statements, claim.claim_id
    assert {lang for claim in claims for lang in claim.statements} == set(pack.languages)


@pytest.mark.parametrize("claim", FOUND.claims, ids=[claim.claim_id for claim in FOUND.claims])
def test_a_claim_rests_on_sources_that_dispute_it_or_are_official(claim):
    carrying = {SourceStance.DISPUTES, SourceStance.OFFICIAL}
    publishers = {fold(s.publisher) for s in claim.sources if s.stance in carrying}
    assert len(publishers) >= 2 or any(s.stance is SourceStance.OFFICIAL for s in claim.sources)
    assert claim.claim_id.startswith(f"{claim.jurisdiction.lower()}-")


NOT_CALLED = {"EU", "GR", "ID", "PL", "RO", "TR", "UA"}
"""No date is set for their next elections, or for years; packs make none up: the last stand."""


@pytest.mark.parametrize("pack", FOUND.packs, ids=JURISDICTIONS)
def test_a_pack_has_an_election_near_the_first_release(pack):
    begin, end = datetime(2019, 1, 1, tzinfo=UTC), datetime(2028, 12, 31, tzinfo=UTC)
    assert all(begin <= e.polls_open and e.certified_by <= end for e in pack.elections)
    if pack.jurisdiction not in NOT_CALLED:
        assert any(e.polls_open >= datetime(2026, 1, 1, tzinfo=UTC) for e in pack.elections)


@pytest.mark.parametrize("pack", FOUND.packs, ids=JURISDICTIONS)
def test_claims_name_two_opposing_parties_as_often(pack):
    statements = [
        f" {fold(statement)} "
        for claim in claims_of(pack.jurisdiction)
        for wordings in claim.statements.values()
        for statement in wordings
    ]
    for group in pack.mirrored_names:
        if group.kind == "party" and len(group.sides) == 2:
            named = [
                sum(any(f" {fold(name)} " in text for name in side) for text in statements)
                for side in group.sides
            ]
            assert abs(named[0] - named[1]) <= 1, group.sides
