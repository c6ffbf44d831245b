"""`hustings match` as a person or a program uses it."""

import json
import os
import subprocess
import sys

import pytest

CLAIMS = (
    {"claim_id": "text", "text": "You can vote by text message instead of going to the polls"},
    {"claim_id": "pens", "text": "Ballots that were marked with felt-tip pens are not counted"},
    {"claim_id": "moon", "text": "The moon landing was filmed in a studio"},
)


@pytest.fixture(scope="module")
def claims(tmp_path_factory):
    path = tmp_path_factory.mktemp("match") / "claims.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in CLAIMS))
    return path


def match(claims, data, *options, cache=None):
    environment = {**os.environ, **({"XDG_CACHE_HOME": str(cache)} if cache else {})}
    command = [sys.executable, "-m", "streams.cli", "match", "--claims", str(claims), *options]
    return subprocess.run(
        command, input=data, capture_output=True, timeout=120, check=False, env=environment
    )


def query(query_id, text):
    return json.dumps({"id": query_id, "text": text}).encode() + b"\n"


def test_each_query_gets_its_claims_in_order_across_languages(claims, tmp_path):
    data = query("a", "they throw away ballots marked with a felt tip!!") + query(
        "b", "Se puede votar por mensaje de texto sin ir a las urnas"
    )
    done = match(claims, data, "--top", "2", cache=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert [first["id"], second["id"]] == ["a", "b"]
    assert first["matches"][0]["claim_id"] == "pens"
    assert second["matches"][0]["claim_id"] == "text"
    assert len(first["matches"]) == 2
    assert first["matches"][0]["score"] >= first["matches"][1]["score"]
    assert list((tmp_path / "hustings" / "claim-vectors").glob("*.npy"))
    # The second time the vectors come from the cache: the same answers, byte for byte.
    assert match(claims, data, "--top", "2", cache=tmp_path).stdout == done.stdout


def test_words_alone_need_no_model(claims):
    done = match(claims, query("a", "the moon landing"), "--lexical")
    assert json.loads(done.stdout)["matches"][0]["claim_id"] == "moon"


def test_words_that_no_claim_has_match_nothing(claims):
    done = match(claims, query("a", "zzz qqq") + query("b", ""), "--lexical")
    assert [json.loads(line)["matches"] for line in done.stdout.splitlines()] == [[], []]


def test_a_bad_query_is_answered_with_its_place_and_the_others_too(claims):
    done = match(claims, b"{not json}\n" + query("b", "moon") + b'{"id":"c"}\n', "--lexical")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert said[0]["error"]["place"] == "stdin:1"
    assert said[1]["matches"]
    assert "text" in said[2]["error"]["reason"]
    assert b"stdin:1" in done.stderr


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"nonsense", b"not JSON"),
        (b'{"claim_id": "x"}', b"text"),
        (b'{"text": "x"}', b"claim_id"),
        (b'{"claim_id": "pens", "text": "again"}', b"twice"),
    ],
)
def test_a_bad_claim_refuses_the_whole_file(claims, tmp_path, line, reason):
    path = tmp_path / "bad.ndjson"
    path.write_bytes(claims.read_bytes() + line + b"\n")
    done = match(path, query("a", "moon"), "--lexical")
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"bad.ndjson:4" in done.stderr
    assert reason in done.stderr


def test_a_missing_file_is_named(tmp_path):
    done = match(tmp_path / "none.ndjson", b"")
    assert done.returncode == 2
    assert b"none.ndjson" in done.stderr
