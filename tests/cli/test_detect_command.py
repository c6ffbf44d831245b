import json
import os
import select
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "streams.cli", "detect"]
CLAIM = "Mail-in ballots were dumped behind the post office, voter fraud in Ohio"


def detect(raw, *args):
    return subprocess.run([*COMMAND, *args], input=raw, capture_output=True, check=False)


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def post(post_id, text, **fields):
    return json.dumps({"id": post_id, "text": text, **fields}).encode() + b"\n"


def test_one_line_a_post_in_the_same_order():
    done = detect(post("a", "hello") + post("b", CLAIM, lang="en") + b"\n" + post("c", ""))
    assert done.returncode == 0
    said = lines(done)
    assert [one["id"] for one in said] == ["a", "b", "c"]
    assert [one["claim"]["is"] for one in said] == [False, True, False]
    assert set(said[1]) == {
        "id", "language", "election", "claim", "types", "stance", "spans", "matches", "label",
        "checkworthy", "stage",
    }  # fmt: skip
    assert {"fraud", "mail"} <= set(said[1]["types"])
    assert said[1]["language"] == "en"
    assert all(0 <= start < end <= len(CLAIM) for start, end in said[1]["spans"])


def test_a_known_claim_of_the_packs_gets_its_label(tmp_path):
    raw = post("a", "BREAKING Thousands of dead people voted in this election!! Share")
    default = detect(raw)
    assert default.returncode == 0
    said = lines(default)[0]
    assert said["matches"]
    assert said["label"] == "disputed-claim"
    missing = detect(raw, "--packs", str(tmp_path / "none"))
    assert missing.returncode == 2
    assert b"election packs" in missing.stderr


BAD = [
    (b"not json", "not JSON"),
    (b'{"id":"a","text":"\xff\xfe"}', "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b"[1]", "not a JSON object"),
    (b'{"id":"a"}', '"text" is not a text'),
    (b'{"text":"a"}', '"id" is not a text'),
    (b'{"id":true,"text":"a"}', '"id" is not a text'),
    (b'{"id":"a","text":7}', '"text" is not a text'),
    (b'{"id":"a","text":"a\\u0000b"}', "NUL"),
    (b'{"id":"a","text":"\\ud800"}', "not JSON"),
    (b'{"id":"a","text":"b","lang":7}', '"lang"'),
    (b'{"id":"a","text":"b","created_at":"yesterday"}', '"created_at"'),
    (b'{"id":"a","text":"b","created_at":"0001-01-01T00:00:00+14:00"}', '"created_at"'),
    (post("a", "x" * 100_001).strip(), "longer than 100000 characters"),
    (b'{"id":"a","text":"' + b"x" * 10_000_000 + b'"}', "longer than 4194304 bytes"),
]


def test_bad_lines_are_named_and_keep_their_place():
    raw = b"".join(
        bad + b"\n" + post(f"good{number}", CLAIM) for number, (bad, _) in enumerate(BAD)
    )
    done = detect(raw)
    assert done.returncode == 1
    said = lines(done)
    assert [one["id"] for one in said[1::2]] == [f"good{number}" for number in range(len(BAD))]
    assert all(one["claim"]["is"] for one in said[1::2])
    errors = done.stderr.decode().splitlines()
    for number, (_, reason) in enumerate(BAD):
        assert reason in said[2 * number]["error"]["reason"]
        assert errors[number].startswith(f"stdin:{2 * number + 1}: ")


def test_a_post_of_100_000_characters_and_one_without_a_line_end_are_judged():
    done = detect(post("a", ("vote fraud " * 10_000)[:100_000]) + post("b", "hi").strip())
    assert done.returncode == 0
    assert [one["id"] for one in lines(done)] == ["a", "b"]


def test_files_are_read_one_after_the_other_and_a_missing_one_is_named(tmp_path):
    (tmp_path / "a").write_bytes(post("a", "hi"))
    (tmp_path / "b").write_bytes(b"oops\n" + post("b", "hi"))
    done = detect(b"", str(tmp_path / "a"), str(tmp_path / "b"))
    assert done.returncode == 1
    assert [one["id"] for one in lines(done)] == ["a", None, "b"]
    assert f"{tmp_path / 'b'}:1: not JSON" in done.stderr.decode()
    gone = detect(b"", str(tmp_path / "gone"))
    assert gone.returncode == 2
    assert str(tmp_path / "gone") in gone.stderr.decode()


def test_an_answer_comes_before_the_next_line_is_asked_for():
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for post_id in ("a", "b"):
            running.stdin.write(post(post_id, "hi"))
            running.stdin.flush()
            ready, _, _ = select.select([running.stdout], [], [], 120)
            assert ready
            assert json.loads(os.read(running.stdout.fileno(), 65536))["id"] == post_id
        running.stdin.close()
        assert running.wait() == 0


@pytest.mark.parametrize("count", [200_000])
def test_a_reader_that_leaves_ends_the_run_quietly(count, tmp_path):
    (tmp_path / "many").write_bytes(post("a", "hi") * count)
    with subprocess.Popen(
        [*COMMAND, str(tmp_path / "many")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 0
