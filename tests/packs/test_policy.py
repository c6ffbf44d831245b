"""The policy file: read whole or every problem with its line, compared, published."""

import pytest

from streams.broker.admin import apply_topics
from streams.packs.errors import ClaimsTopicError, PackErrors, TopicError
from streams.packs.folder import PackFolder
from streams.packs.policy_file import default_policy_file, read_policy
from streams.packs.policy_topic import differences, publish_policy, read_policy_topic
from streams.packs.publish import publish
from streams.packs.revise import revise
from streams.schema import (
    ClaimStatus,
    KindPolicy,
    LabelKind,
    Mode,
    Policy,
    Scores,
    Thresholds,
)
from streams.topics import CLAIMS, POLICIES
from tests import builders as build

SHADOW = Policy(labels={LabelKind.DISPUTED_CLAIM: KindPolicy(mode=Mode.SHADOW)})


def test_the_policy_that_comes_along_does_what_is_done_without_one():
    for one in differences(Policy(), read_policy(default_policy_file())):
        assert one.after in ("live", None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("labels: {disputed: {mode: live}}", "disputed"),
        ("labels: {disputed-claim: {mode: loud}}", "'live', 'shadow' or 'review'"),
        ("thresholds: {match: 0.2}", "greater than or equal to 0.6"),
        ("thresholds: {languages: {qq: {match: 0.9}}}", "unknown language 'qq'"),
        ("accounts: {exempt: [mayors]}", "no class 'mayors'"),
        ("review_first: {jurisdictions: [QQ]}", "unknown jurisdiction 'QQ'"),
        (
            "windows: [{jurisdiction: US, opens: 2026-02-01T00:00:00Z, closes: 2026-01-01T00:00Z}]",
            "closes is not after opens",
        ),
        ("windows: [{jurisdiction: US, opens: 2026-02-01, closes: 2026-03-01}]", "timezone"),
        ("surprise: 1", "surprise"),
        ("version: 0", "version"),
    ],
)
def test_every_mistake_is_told_with_its_line(tmp_path, line, reason):
    file = tmp_path / "policy.yaml"
    file.write_text(f"# a comment\n{line}\n", encoding="utf-8")
    with pytest.raises(PackErrors) as told:
        read_policy(file)
    assert all(problem.line == 2 for problem in told.value.problems), told.value
    assert reason in str(told.value)


def test_an_empty_file_is_the_default(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text("# nothing\n", encoding="utf-8")
    assert read_policy(file) == Policy()


def test_what_is_different_is_told_by_its_place():
    stricter = Policy(thresholds=Thresholds(languages={"de": Scores(match=0.8)}))
    found = {one.part: (one.before, one.after) for one in differences(SHADOW, stricter)}
    assert found["labels.disputed-claim.mode"] == ("shadow", None)
    assert found["thresholds.languages.de.match"] == (None, 0.8)
    assert differences(SHADOW, SHADOW.model_copy(update={"version": 9})) == ()


def test_the_digest_is_of_the_content():
    assert SHADOW.digest == SHADOW.model_copy(update={"version": 7}).digest
    assert SHADOW.digest != Policy().digest


@pytest.mark.kafka
def test_a_policy_is_published_once_and_versions_rise(kafka_settings):
    apply_topics(kafka_settings, specs=[POLICIES])
    assert read_policy_topic(kafka_settings) is None
    first, _ = publish_policy(SHADOW, kafka_settings)
    again, changed = publish_policy(SHADOW.model_copy(update={"version": 5}), kafka_settings)
    assert (first.version, again.version, changed) == (1, 1, ())
    third, changed = publish_policy(Policy(), kafka_settings)
    assert (third.version, bool(changed)) == (2, True)
    assert read_policy_topic(kafka_settings) == third


@pytest.mark.kafka
def test_a_missing_topic_names_the_remedy(kafka_settings):
    with pytest.raises(TopicError, match="hustings topics apply"):
        publish_policy(SHADOW, kafka_settings)


@pytest.mark.kafka
def test_a_claim_is_revised_and_withdrawn_with_its_reason(kafka_settings):
    apply_topics(kafka_settings, specs=[CLAIMS])
    files = PackFolder((build.pack(),), (build.claim(),))
    publish(files, kafka_settings)
    with pytest.raises(ClaimsTopicError, match="no claim 'zz-nobody'"):
        revise(kafka_settings, "zz-nobody", ClaimStatus.WITHDRAWN, "gone")
    with pytest.raises(ClaimsTopicError, match="says that already"):
        revise(kafka_settings, "zz-dead-voters", ClaimStatus.ACTIVE, "nothing new")
    with pytest.raises(ClaimsTopicError, match="reason"):
        revise(kafka_settings, "zz-dead-voters", ClaimStatus.WITHDRAWN, "x" * 501)
    changed = build.claim(topic={"en": "something else"})
    revised = revise(
        kafka_settings,
        "zz-dead-voters",
        ClaimStatus.ACTIVE,
        "a clearer topic",
        PackFolder((), (changed,)),
    )
    assert (revised.version, revised.topic["en"]) == (2, "something else")
    # The files say the same, without a reason: nothing has changed.
    assert publish(PackFolder((build.pack(),), (changed,)), kafka_settings).written == 0
    withdrawn = revise(kafka_settings, "zz-dead-voters", ClaimStatus.WITHDRAWN, "not so")
    assert (withdrawn.version, withdrawn.status, withdrawn.reason) == (
        3,
        ClaimStatus.WITHDRAWN,
        "not so",
    )
    # Files do not bring it back silently.
    assert publish(PackFolder((build.pack(),), (changed,)), kafka_settings).written == 0
