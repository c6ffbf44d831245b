"""Files of the second stage: whole, the right ones, or a clear error."""

import shutil
from dataclasses import asdict

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from streams.detect.model import base
from streams.detect.model.assemble import (
    CALIBRATION_FILE,
    TUNED_FILE,
    build_second,
    load_model,
    packed,
    shipped,
    unpacked,
)
from streams.detect.model.blocks import to_blocks
from streams.detect.model.calibration import Calibration, Fusion, read_calibration
from streams.detect.model.errors import MissingModelError, WrongModelError

POSTS = (
    "Mail ballots were dumped in the river",
    "¿Es cierto que se puede votar por mensaje?",
    "投票所は午後8時に閉まります",
    "x " * 300,
)


@given(
    arrays.arrays(np.float32, (3, 64), elements=st.floats(-8, 8, width=16, allow_subnormal=False))
)
def test_blocks_keep_a_matrix_to_half_a_step(matrix):
    blocks = to_blocks(matrix)
    steps = np.repeat(blocks.scales, 32, axis=1)
    # Half a step, and what a scale of half precision loses.
    assert np.all(np.abs(blocks.floats() - matrix) <= steps * 0.6 + np.abs(matrix) * 2e-3 + 1e-6)


def test_what_is_packed_comes_back():
    layers, heads = unpacked(shipped(TUNED_FILE))
    again, heads_again = unpacked(packed(layers, heads))
    assert len(again) == len(layers)
    for one, other in zip(layers, again, strict=True):
        assert np.array_equal(one.matrices["up"].packed, other.matrices["up"].packed)
        assert np.array_equal(one.vectors["mix.bias"], other.vectors["mix.bias"])
    assert np.array_equal(heads[0], heads_again[0])


def test_a_text_is_read_the_same_alone_and_among_others():
    second = load_model().second
    together = second.read(POSTS)
    for text, verdict in zip(POSTS, together, strict=True):
        (alone,) = second.read([text])
        assert alone.claim == pytest.approx(verdict.claim, abs=1e-3)
        assert alone.stance == pytest.approx(verdict.stance, abs=1e-3)


def test_vectors_have_length_one_and_meet_across_languages():
    second = load_model().second
    vectors = second.encode(
        [
            "You can vote by text message",
            "Puedes votar por mensaje de texto",
            "The cat sleeps on the sofa",
        ]
    )
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_a_text_that_is_read_gets_the_vector_of_its_encoding_when_it_is_asked_for():
    second = load_model().second
    vectors = second.encode(POSTS)
    read = second.read(POSTS, wants_vector=lambda at, verdict: at != 1)
    assert [bool(verdict.vector) for verdict in read] == [True, False, True, True]
    for at in (0, 2, 3):
        mine = np.frombuffer(read[at].vector, np.int8).astype(float)
        assert mine @ vectors[at] / np.linalg.norm(mine) > 0.999
    assert [v.claim for v in read] == [v.claim for v in second.read(POSTS)]


def test_the_graphs_are_put_together_once_and_bit_for_bit(tmp_path):
    tuned = shipped(TUNED_FILE)
    said = []
    build_second(tuned, folder=tmp_path / "a", say=said.append)
    build_second(tuned, folder=tmp_path / "a", say=said.append)
    build_second(tuned, folder=tmp_path / "b")
    assert len(said) == 1
    first, second = (
        sorted((tmp_path / "a").rglob("*.onnx")),
        sorted((tmp_path / "b").rglob("*.onnx")),
    )
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in second]
    assert not list((tmp_path / "a").glob(".*")), "a draft was left"


@pytest.mark.parametrize("data", [b"", b"foreign", b"PK\x03\x04 cut"])
def test_a_damaged_tuned_file_is_refused(data, tmp_path):
    with pytest.raises(WrongModelError, match="stage two"):
        build_second(data, folder=tmp_path)


def test_a_tuned_file_for_another_encoder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("streams.detect.model.assemble.SHA256", "0" * 64)
    with pytest.raises(WrongModelError, match="another encoder"):
        build_second(shipped(TUNED_FILE), folder=tmp_path)


def test_other_weights_than_those_trained_on_are_refused(tmp_path):
    copy = tmp_path / "weights.bin"
    shutil.copy(base.find_base(), copy)
    with copy.open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff\x00\xff")
    with pytest.raises(WrongModelError, match="locked version"):
        base.load_base(copy)


def test_a_missing_file_names_the_remedy():
    with pytest.raises(MissingModelError, match="not whole"):
        shipped("no-such-file.npz")


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'{"gate": 1}', shipped(CALIBRATION_FILE)[:-3] + b', "fusion": {"bias": 1}}'],
)
def test_thresholds_that_cannot_be_read_are_refused(data):
    with pytest.raises(WrongModelError, match="thresholds"):
        read_calibration(data)


def test_thresholds_come_back_as_they_were_written():
    fusion = Fusion(1.5, 0.5, 0.0, -0.25, 2.0, -1.0)
    written = Calibration(-5.0, -4.0, 1.0, 0.5, {"en": 0.7}, fusion, 0.1, {"ar": -1.0})
    assert read_calibration(orjson.dumps(asdict(written))) == written
    assert written.checkworthy_in("ar") == -1.0
    assert written.checkworthy_in("en") == 0.1
