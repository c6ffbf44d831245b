"""What publishing would do, without Kafka."""

from __future__ import annotations

import pytest

from streams.packs.claims_topic import Published
from streams.packs.folder import PackFolder, default_folder, read_packs
from streams.packs.plan import PublishAction, plan
from streams.schema import ClaimStatus

FOUND = read_packs(default_folder())
PACK = FOUND.packs[0]
CLAIM = next(claim for claim in FOUND.claims if claim.jurisdiction == PACK.jurisdiction)
FOLDER = PackFolder((PACK,), (CLAIM,))


def published(claim=CLAIM, **changes):
    records = {PACK.key: PACK}
    if claim is not None:
        records[claim.claim_id] = claim.model_copy(update=changes)
    return Published(records)


def step_of(folder, on_topic):
    return next(step for step in plan(folder, on_topic) if step.key == CLAIM.claim_id)


def test_what_was_never_published_is_new():
    steps = plan(FOLDER, Published())
    assert [step.action for step in steps] == [PublishAction.NEW] * 2
    assert all(step.writes for step in steps)


@pytest.mark.parametrize("version", [1, 7])
def test_the_same_content_is_not_written_again(version):
    step = step_of(FOLDER, published(version=version))
    assert (step.action, step.record.version, step.writes) == (
        PublishAction.UNCHANGED,
        version,
        False,
    )


def test_a_change_raises_the_version_above_the_published_one_and_says_so():
    step = step_of(FOLDER, published(version=4, topic={"en": "something else"}))
    assert (step.action, step.record.version) == (PublishAction.CHANGED, 5)
    assert step.record.topic == CLAIM.topic
    assert "raised to 5; the file says 1" in step.note


def test_a_version_that_is_higher_already_is_kept():
    mine = CLAIM.model_copy(update={"version": 9})
    step = step_of(PackFolder((PACK,), (mine,)), published(version=4, topic={"en": "else"}))
    assert (step.action, step.record.version, step.note) == (PublishAction.CHANGED, 9, "")


@pytest.mark.parametrize(
    "status", [ClaimStatus.WITHDRAWN, ClaimStatus.CORRECTED, ClaimStatus.EXPIRED]
)
def test_a_claim_that_was_taken_back_is_not_brought_back_by_an_old_file(status):
    on_topic = published(version=3, status=status)
    step = step_of(FOLDER, on_topic)
    assert (step.action, step.writes, step.record.status) == (PublishAction.HELD, False, status)
    mine = CLAIM.model_copy(update={"version": 4})
    assert step_of(PackFolder((PACK,), (mine,)), on_topic).action is PublishAction.CHANGED


def test_what_left_the_files_is_named_and_not_withdrawn():
    step = step_of(PackFolder((PACK,), ()), published())
    assert (step.action, step.writes) == (PublishAction.NOT_IN_FILES, False)
    assert "hustings claims withdraw" in step.note


def test_a_withdrawn_claim_that_left_the_files_is_not_mentioned():
    steps = plan(PackFolder((PACK,), ()), published(status=ClaimStatus.WITHDRAWN))
    assert [step.key for step in steps] == [PACK.key]


def test_a_record_that_cannot_be_read_is_replaced():
    on_topic = Published({}, frozenset({CLAIM.claim_id}))
    step = step_of(FOLDER, on_topic)
    assert (step.action, step.writes) == (PublishAction.NEW, True)
    assert "could not be read" in step.note
