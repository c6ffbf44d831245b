"""A chunk of records in, label events, states and dead letters out."""

import base64
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.detection import NOTHING
from streams.labels.latest import Latest
from streams.schema import Action, Fault, Op, Post, cloudevent_headers
from streams.worker.pipeline import Bench, process
from tests import builders as build


class KeywordDetector:
    """Labels posts that say CLAIM; the gate looks for ELECTION."""

    version = "test-1"
    rule_set = "r1"

    def __init__(self):
        self.catalogue = build.catalogue()
        self.detected = []

    def gate(self, values):
        return [
            index
            for index, value in enumerate(values)
            if b"ELECTION" in value or b'"update"' in value or b'"delete"' in value
        ]

    def detect_all(self, queries, *, has_time=None):
        return [self._detect(query.text) for query in queries]

    def _detect(self, text):
        self.detected.append(text)
        if "BUG" in text:
            raise ZeroDivisionError("a fault of ours")
        if "NEW" in text:
            return build.detection(vector=b"" if "LATE" in text else b"\1\2")
        if "WEAK" in text:
            return build.detection(matches=(build.match(score=0.3),), vector=b"\1\2")
        if "CLAIM" in text:
            return build.detection(matches=(build.match(),))
        return NOTHING


def record(value, *, key=b"p1", offset=0, headers=None):
    if isinstance(value, Post):
        key, model = value.post_id.encode(), value
        value = model.to_json()
        headers = headers or cloudevent_headers(
            Post, event_id="1", source="/test", time=model.received_at
        )
    return SimpleNamespace(
        topic="posts",
        partition=3,
        offset=offset,
        timestamp=1_700_000_000_000,
        key=key,
        value=value,
        headers=headers or [("ce_dataschema", b"urn:hustings:schema:post:1")],
    )


def bench(detector, labels=None, latest=None):
    return Bench(detector, build.basis(), labels or {}, Latest() if latest is None else latest)


def run(records, labels=None, latest=None):
    detector = KeywordDetector()
    *_, outcome = process(records, bench(detector, labels, latest))
    return outcome, detector


def test_a_post_without_election_words_is_never_decoded():
    outcome, detector = run([record(build.post(text="CLAIM about cats"))])
    assert outcome.counts["gated"] == 1
    assert detector.detected == []


def test_a_claim_is_labelled_and_its_state_written():
    outcome, _ = run([record(build.post(text="ELECTION CLAIM"))])
    assert [event.action for event in outcome.events] == [Action.APPLY]
    assert outcome.states["p1"].labels == (outcome.events[0].label,)


def test_versions_of_one_post_in_a_chunk_build_on_each_other():
    outcome, _ = run(
        [
            record(build.post(text="ELECTION CLAIM")),
            record(build.post(text="never mind", op=Op.UPDATE, version="2")),
        ]
    )
    assert [event.action for event in outcome.events] == [Action.APPLY, Action.RETRACT]
    assert outcome.states["p1"].labels == ()


def test_any_version_of_a_labelled_post_passes_the_gate():
    labelled, _ = run([record(build.post(text="ELECTION CLAIM"))])
    outcome, _ = run([record(build.post(text="cats", version="2"))], labelled.states)
    assert [event.action for event in outcome.events] == [Action.RETRACT]


@pytest.mark.parametrize("op", [Op.UPDATE, Op.DELETE])
def test_what_overtakes_its_post_leaves_nothing_behind(op):
    newer = build.post(text="" if op is Op.DELETE else "never mind", op=op, version="2")
    latest = Latest()
    overtaking, _ = run([record(newer)], latest=latest)
    assert overtaking.states == {}
    late, _ = run([record(build.post(text="ELECTION CLAIM"))], latest=latest)
    assert (late.events, late.states, late.observations) == ([], {}, [])
    assert late.counts["stale"] == 1


def test_a_claim_that_nothing_known_matches_is_observed_without_its_text():
    posts = [
        build.post("new", "ELECTION NEW words", author_id="somebody", url="https://x.example/1"),
        build.post("weak", "ELECTION WEAK"),
        build.post("known", "ELECTION CLAIM"),
        build.post("none", "ELECTION"),
    ]
    outcome, _ = run([record(post) for post in posts])
    assert [one.post_id for one in outcome.observations] == ["new", "weak"]
    assert outcome.candidates == {"observed": 2}
    observed = outcome.observations[0]
    assert base64.b64decode(observed.vector) == b"\1\2"
    value = observed.to_json()
    assert b"words" not in value
    assert b"somebody" not in value


def test_the_same_post_gives_the_same_observation_byte_for_byte():
    sent = [record(build.post("new", "ELECTION NEW"))]
    (one,), (again,) = (run(sent)[0].observations for _ in range(2))
    assert one.to_json() == again.to_json()


def test_a_claim_that_the_encoder_had_no_time_for_is_counted_not_observed():
    outcome, _ = run([record(build.post(text="ELECTION NEW LATE"))])
    assert outcome.observations == []
    assert outcome.candidates == {"unread": 1}


@pytest.mark.parametrize("op", [Op.UPDATE, Op.DELETE])
def test_an_edit_or_a_delete_takes_a_post_out_of_the_queue(op):
    text = "" if op is Op.DELETE else "never mind"
    outcome, _ = run([record(build.post(text=text, op=op, version="2"))])
    (observation,) = outcome.observations
    assert observation.withdrawn
    assert (observation.post_id, observation.post_version) == ("p1", "2")


def test_an_edit_that_makes_another_new_claim_is_observed_anew():
    outcome, _ = run([record(build.post(text="ELECTION NEW", op=Op.UPDATE, version="2"))])
    assert [one.withdrawn for one in outcome.observations] == [False]


BAD = {
    "not json": (b"not json", Fault.NOT_JSON),
    "cut off": (b'{"post_id": "p1", "op"', Fault.NOT_JSON),
    "not utf-8": (b'{"text": "\xff\xfe ELECTION"}', Fault.NOT_UTF8),
    "a list": (b"[1,2]", Fault.INVALID),
    "too deep": (b'{"ELECTION":' + b"[" * 5000 + b"]" * 5000 + b"}", Fault.TOO_DEEP),
    "wrong types": (b'{"post_id": 1, "op": "create", "x": "ELECTION"}', Fault.INVALID),
    "unknown op": (b'{"post_id":"p1","op":"ELECTION"}', Fault.INVALID),
    "nothing": (None, Fault.INVALID),
    "empty": (b"", Fault.NOT_JSON),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_records_become_dead_letters_that_say_where_and_why(name):
    value, fault = BAD[name]
    outcome, _ = run([record(value, offset=77)])
    (letter,) = outcome.dead_letters
    assert letter.fault is fault, letter.detail
    assert letter.place == "posts[3]@77"
    assert letter.original_bytes == len(value or b"")


def test_another_schema_version_is_refused_by_name():
    headers = [("ce_dataschema", b"urn:hustings:schema:post:9")]
    outcome, _ = run([record(build.post(), headers=headers)])
    assert outcome.dead_letters[0].fault is Fault.UNKNOWN_SCHEMA
    assert "post:9" in outcome.dead_letters[0].detail


def test_a_record_under_another_key_is_refused():
    sent = record(build.post(text="ELECTION"))
    sent.key = b"other"
    outcome, _ = run([sent])
    assert outcome.dead_letters[0].fault is Fault.NO_KEY


def test_nul_and_future_dates_are_refused_by_name():
    good = build.post(text="ELECTION").to_json()
    nul = good.replace(b"ELECTION", b"ELECTION\\u0000")
    future = good.replace(b'"created_at":"2026', b'"created_at":"2029')
    outcome, _ = run([record(nul), record(future)])
    faults = [letter.fault for letter in outcome.dead_letters]
    assert faults == [Fault.NUL_CHARACTER, Fault.FUTURE_DATE]


def test_a_fault_of_ours_costs_one_post_and_says_so():
    outcome, _ = run(
        [record(build.post("p1", "ELECTION BUG")), record(build.post("p2", "ELECTION CLAIM"))]
    )
    assert [letter.fault for letter in outcome.dead_letters] == [Fault.INTERNAL]
    assert "BUG" not in outcome.dead_letters[0].detail
    assert [event.post_id for event in outcome.events] == ["p2"]


def test_an_empty_chunk_gives_an_empty_outcome():
    outcome, _ = run([])
    assert not outcome.events
    assert outcome.counts.total() == 0


@given(st.lists(st.one_of(st.none(), st.binary(max_size=200)), max_size=20))
def test_any_bytes_are_accounted_for(values):
    outcome, _ = run([record(value, offset=n) for n, value in enumerate(values)])
    assert outcome.counts.total() == len(values)
    assert outcome.counts["dead-letter"] == len(outcome.dead_letters)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(list(Op)), st.booleans()), max_size=12
    ),
    st.integers(1, 4),
)
def test_how_records_fall_into_chunks_does_not_matter(script, size):
    records = [
        record(
            build.post(
                post_id,
                "" if op is Op.DELETE else "ELECTION CLAIM" if claims else "ELECTION",
                op=op,
                version=f"{number:03d}",
            ),
            offset=number,
        )
        for number, (post_id, op, claims) in enumerate(script)
    ]
    whole, _ = run(records)
    labels, events, latest = {}, [], Latest()
    for at in range(0, len(records), size):
        outcome, _ = run(records[at : at + size], labels, latest)
        labels.update(outcome.states)
        events.extend(outcome.events)
    assert events == whole.events
    assert labels == whole.states
