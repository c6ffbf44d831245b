import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluate.reading import (
    BadFileError,
    choose,
    read_retrieval,
    read_samples,
    without_repeats,
)
from streams.evaluate.samples import BadSampleError, Sample, parse_sample
from streams.schema import ClaimType, Stance

ROW = {"id": "a", "text": "t", "lang": "en", "claim": 1, "topic": 1, "stance": "denies"}


def written(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_row_says_what_a_person_said():
    one = parse_sample({**ROW, "types": ["mail", "fraud", "mail"], "set": "s", "country": "US"})
    assert (one.claim, one.topic, one.stance) == (True, True, Stance.DENIES)
    assert one.types == (ClaimType.FRAUD, ClaimType.MAIL)
    assert (one.set_, one.country, one.languages) == ("s", "US", ("en",))


def test_what_nobody_said_is_unknown():
    one = parse_sample({"id": 7, "text": "t", "claim": None})
    assert (one.sample_id, one.claim, one.topic, one.checkworthy) == ("7", None, None, None)
    assert one.languages == ()


def test_a_post_without_a_claim_has_neither_stance_nor_types():
    one = parse_sample({**ROW, "claim": 0, "types": ["mail"]})
    assert (one.stance, one.types) == (None, ())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([], "object"),
        ({"text": "t"}, '"id"'),
        ({"id": True, "text": "t"}, '"id"'),
        ({"id": "a"}, '"text"'),
        ({"id": "a", "text": "x" * 100_001}, "longer"),
        ({"id": "a", "text": "x\0"}, "NUL"),
        ({**ROW, "claim": 2}, '"claim"'),
        ({**ROW, "claim": "yes"}, '"claim"'),
        ({**ROW, "stance": "agrees"}, '"stance"'),
        ({**ROW, "stance": []}, '"stance"'),
        ({**ROW, "types": ["rumour"]}, '"types"'),
        ({**ROW, "types": 3}, '"types"'),
        ({**ROW, "types": [[]]}, '"types"'),
        ({**ROW, "lang": 3}, '"lang"'),
    ],
)
def test_a_bad_row_is_refused_with_the_reason(row, reason):
    with pytest.raises(BadSampleError, match=reason):
        parse_sample(row)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


@given(st.dictionaries(st.sampled_from([*ROW, "types", "checkworthy", "set", "country"]), JSON))
def test_any_row_is_a_sample_or_is_refused(row):
    with suppress(BadSampleError):
        assert parse_sample(row).sample_id


def test_files_are_read_plain_and_packed(tmp_path):
    plain = written(tmp_path / "a.jsonl", ROW)
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(b"\n" + plain.read_bytes()))
    assert read_samples(plain) == read_samples(packed) == [parse_sample(ROW)]


def test_a_bad_line_is_named_with_its_place(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps(ROW) + "\n\n{oops\n", encoding="utf-8")
    with pytest.raises(BadFileError, match=r"a\.jsonl:3: not JSON"):
        read_samples(file)
    written(file, ROW, {**ROW, "claim": 9})
    with pytest.raises(BadFileError, match=r'a\.jsonl:2: "claim"'):
        read_samples(file)


@pytest.mark.parametrize("content", [b"plain", b"", gzip.compress(b"{}")[:-4], b"\x1f\x8b\x08"])
def test_a_damaged_packed_file_is_refused_or_holds_nothing(tmp_path, content):
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(content)
    with suppress(BadFileError):
        assert read_samples(file) == []


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadFileError, match=r"gone\.jsonl: cannot be read"):
        read_samples(tmp_path / "gone.jsonl")


def test_a_limit_chooses_the_same_posts_wherever_they_stand():
    samples = [Sample(str(at), "t") for at in range(100)]
    chosen = choose(samples, 10)
    assert len(chosen) == 10
    assert list(chosen) == sorted(chosen, key=lambda one: int(one.sample_id))
    assert set(choose(samples[::-1], 10)) == set(chosen)
    assert choose(samples, None) == choose(samples, 100) == tuple(samples)


def test_a_post_that_is_given_twice_counts_once():
    first, again, other = Sample("a", "t", claim=True), Sample("a", "u"), Sample("b", "t")
    assert without_repeats([first, again, other]) == (first, other)


def test_a_retrieval_set_needs_every_right_claim(tmp_path):
    queries = written(tmp_path / "q", {"id": "1", "text": "q", "claim_ids": ["a"]})
    claims = written(tmp_path / "c", {"claim_id": "a", "text": "x"}, {"claim_id": "b", "text": "y"})
    found = read_retrieval(queries, claims)
    assert found.relevant == {"1": frozenset({"a"})}
    assert found.claims == {"a": "x", "b": "y"}
    written(tmp_path / "c", {"claim_id": "b", "text": "y"})
    with pytest.raises(BadFileError, match="not among the claims: a"):
        read_retrieval(queries, claims)
    written(tmp_path / "q", {"id": "1", "text": "q"})
    with pytest.raises(BadFileError, match="claim_ids"):
        read_retrieval(queries, claims)
