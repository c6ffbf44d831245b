"""The contract on the wire."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.cli.schema import differences
from streams.schema import (
    WIRE_MODELS,
    Claim,
    DeadLetter,
    Fault,
    Post,
    cloudevent_headers,
    dataschema_of,
    stable_id,
)
from tests import builders as build

SCHEMAS = Path(__file__).parents[2] / "deploy" / "schemas"


def test_the_published_schemas_are_those_of_the_code():
    assert differences(SCHEMAS) == []


@pytest.mark.parametrize("model", WIRE_MODELS, ids=lambda model: model.schema_name)
def test_every_model_is_frozen_and_names_its_version(model):
    assert model.model_config["frozen"]
    assert model.dataschema() == f"urn:hustings:schema:{model.schema_name}:{model.schema_version}"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_text_survives_the_wire_and_no_letter_is_escaped(text):
    value = build.post(text=text).to_json()
    assert Post.from_json(value).text == text
    for letter in text:
        if ord(letter) > 0x7F:
            assert letter.encode() in value


def test_moments_travel_in_utc():
    eastern = timezone(timedelta(hours=-5))
    post = build.post(
        created_at=datetime(2026, 11, 3, 20, tzinfo=eastern),
        received_at=datetime(2026, 11, 4, 1, 0, 1, tzinfo=UTC),
    )
    assert json.loads(post.to_json())["created_at"] == "2026-11-04T01:00:00Z"


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValidationError, match="timezone"):
        build.post(created_at=datetime(2026, 11, 3))  # noqa: DTZ001 - the point of the test


def test_unknown_fields_of_newer_writers_are_passed_over():
    value = json.loads(build.post().to_json()) | {"a_later_field": 1}
    assert Post.from_json(json.dumps(value).encode()) == build.post()


def test_headers_follow_the_kafka_binding_of_cloudevents():
    headers = cloudevent_headers(
        Post, event_id="é", source="/connectors/test", time=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": "é".encode(),
        "ce_type": b"hustings.post",
        "ce_source": b"/connectors/test",
        "ce_time": b"2026-01-01T00:00:00Z",
        "ce_dataschema": b"urn:hustings:schema:post:1",
        "content-type": b"application/json",
    }
    assert dataschema_of(headers) == b"urn:hustings:schema:post:1"
    assert dataschema_of([]) is None


def test_a_claim_needs_two_sources_and_a_window_with_length():
    with pytest.raises(ValidationError, match="at least 2"):
        build.claim(sources=(build.source(),))
    with pytest.raises(ValidationError, match="not after"):
        build.claim(
            valid_from=datetime(2026, 2, 1, tzinfo=UTC),
            valid_until=datetime(2026, 1, 1, tzinfo=UTC),
        )
    with pytest.raises(ValidationError, match=r"http\(s\)"):
        Claim.model_validate_json(build.claim().to_json().replace(b"https://", b"javascript:"))


def test_a_dead_letter_keeps_a_bounded_part_and_the_whole_hash():
    letter = DeadLetter.of(
        origin="replay",
        place="file:1",
        fault=Fault.TOO_LARGE,
        detail="x" * 5000,
        original=b"a" * 1_000_000,
        happened_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert len(letter.to_json()) < 400_000
    assert letter.original_bytes == 1_000_000
    assert len(letter.detail) == 2000


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_ids_depend_on_the_parts_and_their_borders(one, other):
    assert (stable_id(*one) == stable_id(*other)) == (one == other)
