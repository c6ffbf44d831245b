"""The whole way of a post on a real broker, through crashes, against an oracle."""

import gzip
import itertools
import json
import random

import pytest

from streams.labels.life import fold
from streams.schema import Action, Reason
from tests.oracle import expected_labels, standing_labels
from tests.rig import SHARED, Rig

pytestmark = pytest.mark.kafka

MOMENT = "2026-11-04T02:00:00Z"


def write(path, posts):
    with path.open("w", encoding="utf-8") as file:
        for post in posts:
            file.write(json.dumps({"created_at": MOMENT, **post}, ensure_ascii=False) + "\n")
    return path


def real_posts(count):
    """Return real posts, most of them about anything, some with election claims."""
    pools = [("election_labels.jsonl.gz", count // 4), ("background.jsonl.gz", count)]
    posts = []
    for name, most in pools:
        path = SHARED / "data" / name
        if not path.exists():
            pytest.skip(f"no {path}: name the folder of shared data in HUSTINGS_SHARED")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            read = ({**json.loads(line)} for line in lines)
            usable = (post for post in read if post["text"].strip() and "\0" not in post["text"])
            posts.extend(
                {"id": post["id"], "text": post["text"], "lang": post["lang"]}
                for post in itertools.islice(usable, min(most, count - len(posts)))
            )
    return posts


def statements(packs):
    return [
        (language, statement)
        for claim in packs.claims
        for language, wordings in claim.statements.items()
        for statement in wordings
    ]


def events_folded(events):
    state = {}
    for event in events:
        fold(state, event)
    return state


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_labels_equal_the_oracles_through_seven_crashes(kafka_settings, tmp_path):
    """20,000 real posts; a worker is killed five times, the connector twice."""
    dice = random.Random(20261103)  # noqa: S311 - a seed, so that a failure can be repeated
    with Rig(kafka_settings, tmp_path) as rig:
        posts = real_posts(19_400)
        assert len(posts) == 19_400
        claims = [
            {"id": f"claim-{number}", "text": text, "lang": language}
            for number, (language, text) in enumerate(dice.sample(statements(rig.packs), 400))
        ]
        posts = [*posts, *claims]
        dice.shuffle(posts)
        later = [
            *({**post, "op": "delete", "text": ""} for post in claims[:100]),
            *({**post, "op": "update", "text": "I changed my mind"} for post in claims[100:200]),
        ]
        source = write(tmp_path / "posts.ndjson", [*posts, *later])
        expected = expected_labels(source, rig.packs)
        assert len(expected) > 50, "the oracle must have something to say"

        rig.start_workers(2)
        connector = rig.start_connector(source, "--rate", "1200", "--connector-id", "crashing")
        kills = sorted(dice.uniform(0.05, 0.9) for _ in range(7))
        connector_kills = set(dice.sample(range(7), 2))
        for number, share in enumerate(kills):
            rig.wait_until(
                lambda share=share: (
                    sum(end for _committed, end in rig.standing().values()) >= share * 20_000
                ),
                what=f"{share:.0%} of the posts",
            )
            if number in connector_kills:
                connector.kill()
                connector.close()
                connector = rig.start_connector(
                    source, "--rate", "1200", "--connector-id", "crashing"
                )
            else:
                seat = rig.supervisor.seats[number % 2]
                rig.wait_until(lambda seat=seat: seat.child is not None, what="a restart")
                seat.child.kill()
        rig.wait_until(lambda: connector.returncode == 0, what="the end of the source")
        rig.wait_until_decided()

        assert rig.supervisor.restarts >= 5
        written = [(record.key, json.loads(record.value)["version"]) for record in rig.posts()]
        assert len(written) == len(set(written)) == 20_000
        assert rig.cursors()["crashing"].posts == 20_000
        assert rig.dead_letters() == {}
        labels, events = rig.labels(), rig.events()
        assert standing_labels(labels) == expected
        assert events_folded(events) == labels
        assert all(committed == end for committed, end in rig.standing().values())


def test_a_delete_and_an_edit_retract_and_decide_anew(kafka_settings, tmp_path):
    with Rig(kafka_settings, tmp_path) as rig:
        (_, one), (_, other), *_ = labelled_statements(rig, tmp_path)
        rig.start_workers(1)
        first = write(
            tmp_path / "first.ndjson",
            [{"id": name, "text": one} for name in ("deleted", "dropped", "changed", "kept")],
        )
        rig.ingest(first)
        rig.wait_until(lambda: len(rig.labels()) == 4, what="four labels")
        second = write(
            tmp_path / "second.ndjson",
            [
                {"id": "deleted", "op": "delete", "version": "9"},
                {"id": "dropped", "op": "update", "version": "9", "text": "never mind"},
                {"id": "changed", "op": "update", "version": "9", "text": other},
            ],
        )
        before = rig.labels()
        rig.ingest(second)
        rig.wait_until_decided()
        after = rig.labels()
        assert after["kept"] == before["kept"]
        assert "deleted" not in after
        assert "dropped" not in after
        assert set(after["changed"]).isdisjoint(before["changed"])
        said = {
            (event.post_id, event.action, event.reason)
            for event in rig.events()
            if event.reason is not Reason.POST_DECIDED
        }
        assert said == {
            ("deleted", Action.RETRACT, Reason.POST_DELETED),
            ("dropped", Action.RETRACT, Reason.POST_EDITED),
            ("changed", Action.RETRACT, Reason.POST_EDITED),
            ("changed", Action.APPLY, Reason.POST_EDITED),
        }


def labelled_statements(rig, tmp_path):
    """Return statements of different claims that surely get a label."""
    posts = [
        {"id": str(number), "text": text, "lang": language}
        for number, (language, text) in enumerate(statements(rig.packs))
    ]
    labels = expected_labels(write(tmp_path / "probe.ndjson", posts), rig.packs)
    firsts = {}
    for post_id, (_kind, about) in labels.items():
        firsts.setdefault(about, post_id)
    return [statements(rig.packs)[int(post_id)] for post_id in firsts.values()]
