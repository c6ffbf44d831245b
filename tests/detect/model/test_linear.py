"""Stage one: vector operations against a plain loop, and files that are not ours."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.model.errors import WrongModelError
from streams.detect.model.linear import (
    BITS,
    END,
    HEADS,
    LOOKED_AT,
    ORDERS,
    LinearModel,
    load_linear,
    text_of,
)

_CHANCE = np.random.default_rng(7)
MODEL = LinearModel(
    _CHANCE.normal(size=(len(HEADS), 1 << BITS)).astype(np.float32),
    np.array([0.5, -1.0], np.float32),
    "test",
)


def oracle(text, head):
    """The same sum, one n-gram after the other."""
    folded = bytearray()
    for byte in text[:LOOKED_AT] + b" " * 8:
        if 65 <= byte <= 90:
            folded.append(byte + 32)
        elif byte in b"\0\n\t\r.,!?;:\"()[]{}-_/\\'":
            folded.append(32)
        else:
            folded.append(byte)
    length = len(folded)
    total = 0.0
    for order in ORDERS:
        for start in range(length):
            value = 0
            for byte in folded[start : start + order]:
                value = (value * 0x01000193 + byte) & 0xFFFFFFFF
            place = (value * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - BITS)
            # Beyond the text and one space there is nothing to read.
            total += float(MODEL.weights[head][place if start <= length - 8 else END])
    return total / math.sqrt(length * len(ORDERS)) + float(MODEL.bias[head])


@given(st.text(max_size=40), st.sampled_from([0, 1]))
def test_the_score_is_the_sum_of_the_weights_of_its_n_grams(text, head):
    data = text.encode("utf-8", "replace")
    (scored,) = MODEL.score([data], head)
    assert scored == pytest.approx(oracle(data, head), abs=1e-3)


@given(st.lists(st.binary(max_size=700), min_size=1, max_size=6))
def test_a_text_scores_the_same_alone_and_among_others(texts):
    together = MODEL.score([*texts, b"other words"])
    alone = [MODEL.score([one, b"something else"])[0] for one in texts]
    assert together[:-1] == pytest.approx(alone, abs=1e-3)


def test_no_texts_give_no_scores():
    assert MODEL.score([]).shape == (0,)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b'{"post_id":"1","text":"Vote now","lang":"en"}', b"Vote now"),
        (b'{"text":"say \\"yes\\" now","op":"create"}', b'say \\"yes\\" now'),
        (b'{"text":"cut', b"cut"),
        (b"{plain words", b"plain words"),
        (b"", b""),
    ],
)
def test_the_text_is_found_in_the_json_of_a_post(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut", b"not a model"])
def test_another_file_is_refused(data):
    with pytest.raises(WrongModelError, match="stage one"):
        load_linear(data)
