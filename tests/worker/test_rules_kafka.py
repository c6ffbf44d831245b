"""Claims, policy, reviews and overtaking deletions against running workers on a real broker."""

import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from kafka import KafkaProducer

from streams.kafka_client import client_config
from streams.packs.folder import PackFolder, default_folder
from streams.packs.policy_topic import publish_policy
from streams.packs.publish import publish
from streams.packs.revise import revise
from streams.reviews.desk import make_review
from streams.reviews.topic import read_post, write_review
from streams.schema import (
    Action,
    Actor,
    ClaimStatus,
    Decision,
    KindPolicy,
    LabelKind,
    Mode,
    Op,
    Policy,
    Post,
    Reason,
    cloudevent_headers,
)
from streams.topics import POSTS, REVIEWS
from tests import builders as build
from tests.rig import Rig
from tests.worker.test_pipeline_kafka import events_folded, write

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]


def send(rig, spec, *records):
    """Put records on a topic as they are: (key, value, headers)."""
    producer = KafkaProducer(**client_config(rig.settings))
    for key, value, headers in records:
        producer.send(rig.settings.topic(spec), key=key.encode(), value=value, headers=headers)
    producer.flush()
    producer.close()


def post_record(post_id, text, *, op=Op.CREATE, version="1"):
    post = build.post(post_id, text, op=op, version=version, received_at=datetime.now(UTC))
    headers = cloudevent_headers(Post, event_id="1", source="/test", time=post.received_at)
    return post_id, post.to_json(), headers


CLAIMS = {
    "us-robots": "the purple counting robots of Zedland swallowed half of the ballots",
    "us-balloons": "green balloons carried sealed ballot boxes over the border at night",
}


@contextmanager
def pipeline(settings, folder):
    """One small pack and two claims of our own: workers are ready soon on a busy machine."""
    with Rig(settings, folder, packs=default_folder() / "us.yaml") as rig:
        claims = [
            build.claim(name, jurisdiction="US", statements={"en": (text,)}, topic={"en": name})
            for name, text in CLAIMS.items()
        ]
        publish(PackFolder(rig.packs.packs, tuple(claims)), settings)
        yield rig


def in_one(rig, posts, text):
    rig.ingest(
        write(
            rig.folder / f"{time.monotonic()}.ndjson",
            [{"id": post_id, "text": text} for post_id in posts],
        )
    )


def reasons(rig, post_id):
    return [(e.action, e.reason) for e in rig.events() if e.post_id == post_id]


def has_label(rig, post_id, claim_id):
    return claim_id in {label.claim_id for label in rig.labels().get(post_id, {}).values()}


def test_labels_follow_claims_policy_and_people(kafka_settings, tmp_path):
    with pipeline(kafka_settings, tmp_path) as rig:
        (claim_id, text), (other_id, other_text) = CLAIMS.items()
        rig.start_workers(1)
        in_one(rig, ("one", "two"), text)
        in_one(rig, ("other",), other_text)
        rig.wait_until(lambda: len(rig.labels()) == 3, what="three labels")
        assert has_label(rig, "one", claim_id)
        assert has_label(rig, "other", other_id)

        # A person rejects one of the two.
        state = read_post(kafka_settings, "one")
        (label,) = state.labels
        review = make_review(
            state, Decision.REJECT, "r", "it is a quotation", datetime.now(UTC), label.label_id
        )
        write_review(kafka_settings, review)
        rig.wait_until(lambda: not has_label(rig, "one", claim_id), what="the retraction")
        rejection = next(e for e in rig.events() if e.reason is Reason.REVIEW_REJECTED)
        assert (rejection.post_id, rejection.note) == ("one", "it is a quotation")
        assert has_label(rig, "two", claim_id)

        # The policy hides the kind, then shows it again.
        shadow = Policy(labels={LabelKind.DISPUTED_CLAIM: KindPolicy(mode=Mode.SHADOW)})
        published, _ = publish_policy(shadow, kafka_settings)
        at = time.monotonic()
        rig.wait_until(
            lambda: rig.labels()["two"][label_of(rig, "two", claim_id)].mode is Mode.SHADOW,
            what="the policy",
        )
        print(f"policy in force after {time.monotonic() - at:.2f} s")  # noqa: T201 - for -s
        publish_policy(Policy(), kafka_settings)
        rig.wait_until(
            lambda: rig.labels()["two"][label_of(rig, "two", claim_id)].mode is Mode.LIVE,
            what="the policy after it",
        )
        hidden = next(e for e in rig.events() if e.label.mode is Mode.SHADOW)
        assert (hidden.actor, hidden.policy_version) == (Actor.POLICY, published.version)

        # The claim is withdrawn: what a person rejected before has nothing left to retract.
        revise(kafka_settings, claim_id, ClaimStatus.WITHDRAWN, "the source retracted it")
        at = time.monotonic()
        rig.wait_until(lambda: not has_label(rig, "two", claim_id), what="the withdrawal")
        print(f"claim withdrawn after {time.monotonic() - at:.2f} s")  # noqa: T201 - for -s
        withdrawn = [e for e in rig.events() if e.reason is Reason.CLAIM_WITHDRAWN]
        assert {e.post_id for e in withdrawn if e.action is Action.RETRACT} == {"two"}
        assert {e.note for e in withdrawn} == {"the source retracted it"}

        # … and comes back with another reason; the rejection still stands.
        revise(kafka_settings, claim_id, ClaimStatus.ACTIVE, "checked again")
        rig.wait_until(lambda: has_label(rig, "two", claim_id), what="the label again")
        assert not has_label(rig, "one", claim_id)
        assert has_label(rig, "other", other_id)
        assert rig.dead_letters() == {}
        assert events_folded(rig.events()) == rig.labels()

        # Another worker finds all of it as it was, and says nothing.
        before = rig.events()
        rig.supervisor.seats[0].child.kill()
        in_one(rig, ("late",), text)
        rig.wait_until(lambda: has_label(rig, "late", claim_id), what="a label by the next worker")
        assert [e.post_id for e in rig.events() if e not in before] == ["late"]


def label_of(rig, post_id, claim_id):
    return next(i for i, one in rig.labels()[post_id].items() if one.claim_id == claim_id)


def test_a_deletion_that_overtakes_its_post_leaves_nothing_behind(kafka_settings, tmp_path):
    with pipeline(kafka_settings, tmp_path) as rig:
        text = CLAIMS["us-robots"]
        gone = ("p1", "p2", "p3", "p4", "p5", "p6")
        send(rig, POSTS, *(post_record(one, "", op=Op.DELETE, version="2") for one in gone))
        rig.start_workers(1)
        rig.wait_until_decided()
        send(rig, POSTS, *(post_record(one, text) for one in gone[:3]))
        rig.wait_until_decided()
        # The next worker has to find the deletions on the topic.
        rig.supervisor.seats[0].child.kill()
        send(rig, POSTS, *(post_record(one, text) for one in gone[3:]), post_record("kept", text))
        rig.wait_until(lambda: rig.supervisor.restarts == 1, what="the restart")
        rig.wait_until_decided()
        assert set(rig.labels()) == {"kept"}
        assert {event.post_id for event in rig.events()} == {"kept"}


def test_what_is_no_review_is_a_dead_letter_once(kafka_settings, tmp_path):
    with pipeline(kafka_settings, tmp_path) as rig:
        claim_id, text = "us-robots", CLAIMS["us-robots"]
        rig.start_workers(1)
        in_one(rig, ("one",), text)
        rig.wait_until(lambda: has_label(rig, "one", claim_id), what="a label")
        state = read_post(kafka_settings, "one")
        review = make_review(state, Decision.CONFIRM, "r", "yes", datetime.now(UTC))
        send(
            rig,
            REVIEWS,
            ("one", b"not json", []),
            ("one", review.to_json().replace(b'"one"', b'"two"'), []),
            ("one", review.to_json(), []),
        )
        rig.wait_until(
            lambda: (Action.UPDATE, Reason.REVIEW_CONFIRMED) in reasons(rig, "one"),
            what="the confirmation",
        )
        letters = rig.dead_letters().values()
        assert len(letters) == 2
        assert all(
            letter.place.startswith(f"{kafka_settings.topic(REVIEWS)}[") for letter in letters
        )


@pytest.mark.slow
def test_a_claim_falls_in_every_partition_while_posts_go_on_and_a_worker_dies(
    kafka_settings, tmp_path
):
    with pipeline(kafka_settings, tmp_path) as rig:
        (claim_id, text), (_, other_text) = CLAIMS.items()
        many = [f"many-{number}" for number in range(3_000)]
        rig.start_workers(2)
        in_one(rig, many, text)
        rig.wait_until(lambda: len(rig.labels()) == 3_000, what="the labels")
        live = write(
            tmp_path / "live.ndjson",
            [
                {"id": f"live-{number}", "text": (text, other_text)[number % 2]}
                for number in range(600)
            ],
        )
        connector = rig.start_connector(live, "--rate", "100", "--connector-id", "live")
        revise(kafka_settings, claim_id, ClaimStatus.WITHDRAWN, "withdrawn")
        rig.wait_until(
            lambda: Counter(e.reason for e in rig.events())[Reason.CLAIM_WITHDRAWN] > 300,
            what="the first retractions",
        )
        rig.supervisor.seats[0].child.kill()
        rig.wait_until(lambda: connector.returncode == 0, what="the end of the source")
        rig.wait_until_decided()
        rig.wait_until(
            lambda: not any(has_claim(labels, claim_id) for labels in rig.labels().values()),
            what="the last retraction",
        )
        labels = rig.labels()
        assert {f"live-{number}" for number in range(1, 600, 2)} <= set(labels)
        assert events_folded(rig.events()) == labels
        assert rig.supervisor.restarts == 1


def has_claim(labels, claim_id):
    return any(label.claim_id == claim_id for label in labels.values())
