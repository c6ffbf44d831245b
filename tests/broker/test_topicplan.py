"""Plans never lose a record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.topicplan import FoundTopic, TopicAction, plan_topics, wanted_topic
from streams.settings import KafkaSettings
from streams.topics import ALL_TOPICS, CLAIMS, LABELS, POSTS

SETTINGS = KafkaSettings(partitions=8)
DAY = 24 * 60 * 60 * 1000


def as_wanted(spec, **changes):
    wanted = wanted_topic(spec, SETTINGS)
    found = FoundTopic(wanted.partitions, wanted.replication, wanted.config, records=5)
    config = dict(found.config) | changes.pop("config", {})
    return replace(found, config=config, **changes)


def plan_of(spec, found, settings=SETTINGS):
    wanted = wanted_topic(spec, settings)
    (plan,) = plan_topics([wanted], {wanted.name: found})
    return plan


@pytest.mark.parametrize("spec", ALL_TOPICS, ids=lambda spec: spec.name)
def test_a_topic_as_wanted_is_verified(spec):
    assert plan_of(spec, as_wanted(spec)).action is TopicAction.VERIFIED


def test_longer_retention_is_kept_and_told():
    plan = plan_of(POSTS, as_wanted(POSTS, config={"retention.ms": str(30 * DAY)}))

    assert plan.action is TopicAction.VERIFIED
    assert "30 days, 7 days are needed" in plan.reasons[0]
    for_ever = as_wanted(POSTS, config={"retention.ms": "-1"})
    assert "for ever" in plan_of(POSTS, for_ever).reasons[0]


def test_shorter_retention_is_lengthened():
    plan = plan_of(POSTS, as_wanted(POSTS, config={"retention.ms": str(DAY)}))

    assert plan.config == {"retention.ms": str(7 * DAY)}


@pytest.mark.parametrize(
    ("spec", "policy", "records", "action"),
    [
        (LABELS, "delete", 1, TopicAction.REFUSED),
        (LABELS, "delete", 0, TopicAction.CHANGED),
        (LABELS, "compact,delete", 1, TopicAction.CHANGED),
        (POSTS, "compact", 1, TopicAction.REFUSED),
        (POSTS, "compact", 0, TopicAction.CHANGED),
    ],
)
def test_cleanup_changes_only_where_no_record_is_lost_by_it(spec, policy, records, action):
    found = as_wanted(spec, records=records, config={"cleanup.policy": policy})

    assert plan_of(spec, found).action is action


def test_a_single_partition_topic_does_not_follow_the_partition_setting():
    plan = plan_of(CLAIMS, as_wanted(CLAIMS), SETTINGS.model_copy(update={"partitions": 99}))

    assert plan.action is TopicAction.VERIFIED


def test_too_few_copies_are_refused_and_three_need_two_in_sync():
    three = SETTINGS.model_copy(update={"replication": 3})

    assert plan_of(POSTS, as_wanted(POSTS), three).action is TopicAction.REFUSED
    assert wanted_topic(POSTS, three).config["min.insync.replicas"] == "2"


def test_larger_messages_stay_allowed():
    found = as_wanted(POSTS, config={"max.message.bytes": str(10**8)})

    assert plan_of(POSTS, found).action is TopicAction.VERIFIED


found_topics = st.builds(
    FoundTopic,
    partitions=st.integers(1, 16),
    replication=st.integers(1, 3),
    records=st.integers(0, 2),
    config=st.fixed_dictionaries(
        {
            "cleanup.policy": st.sampled_from(["delete", "compact", "compact,delete"]),
            "retention.ms": st.integers(-1, 10**12).map(str),
            "max.message.bytes": st.integers(1, 10**9).map(str),
        },
        optional={"compression.type": st.sampled_from(["producer", "lz4"])},
    ),
)


@given(
    found=st.dictionaries(st.sampled_from([spec.name for spec in ALL_TOPICS]), found_topics),
    partitions=st.integers(1, 16),
)
def test_no_plan_takes_partitions_or_time_away_and_one_refusal_stops_all(found, partitions):
    settings = KafkaSettings(partitions=partitions)
    plans = plan_topics([wanted_topic(spec, settings) for spec in ALL_TOPICS], found)
    acts = {plan.action for plan in plans}

    assert not (TopicAction.REFUSED in acts and acts & {TopicAction.CREATED, TopicAction.CHANGED})
    for plan in plans:
        now = found.get(plan.wanted.name)
        if plan.action is not TopicAction.CHANGED:
            continue
        if plan.partitions is not None:
            assert plan.partitions > now.partitions
            assert not now.records
        if "retention.ms" in plan.config:
            before = int(now.config["retention.ms"])
            assert 0 <= before < int(plan.config["retention.ms"])
        if "cleanup.policy" in plan.config and now.records:
            assert now.config["cleanup.policy"] == "compact,delete"
