import gzip
import json

import pytest

from streams.detect.train.rows import is_held_out, labelled
from streams.evaluate.held_out import read_checkthat, read_held_out
from streams.evaluate.reading import BadFileError

NAMES = (
    "election_labels.jsonl.gz",
    "written_posts.jsonl.gz",
    "labelled.jsonl.gz",
    "background.jsonl.gz",
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def post(name, at, **fields):
    text = f"{LETTERS[at % 26]}{LETTERS[at // 26]} {name} ballots https://example.org/{at} @user"
    return {"id": f"{name}:{at}", "set": name, "lang": "en", "text": text, **fields}


def write(folder, name, rows):
    packed = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    (folder / name).write_bytes(packed)


@pytest.fixture
def shared(tmp_path):
    label = {"claim": 1, "topic": 1, "stance": "asserts", "types": ["fraud"]}
    rows = [post("posts", at, **label) for at in range(300)]
    write(tmp_path, NAMES[0], rows)
    write(tmp_path, NAMES[1], [post("written", 1, country="US", **label)])
    worth = {"checkworthy": 1, "licence": "open"}
    write(tmp_path, NAMES[2], [post("ct22-1A-dev", at, **worth) for at in range(5)])
    write(tmp_path, NAMES[3], [post("bg", at, licence="open") for at in range(40)])
    return tmp_path


def test_only_what_training_never_sees_is_read_with_its_text_as_published(shared):
    found = read_held_out(shared, shared / "none")
    unseen = {
        row.row_id
        for at in range(300)
        if is_held_out(row := labelled(post("posts", at, claim=1, topic=1, stance="", types=[])))
    }
    ids = {one.sample_id for one in found.labelled if one.set_ == "posts"}
    assert ids == unseen
    assert 0 < len(ids) < 100
    assert all("https://example.org/" in one.text for one in found.labelled)
    assert 0 < len(found.background) < 40
    assert len(found.checkworthy) == 5
    assert found.retrieval is None


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(shared, name):
    (shared / name).unlink()
    with pytest.raises(BadFileError, match=name):
        read_held_out(shared, shared / "none")


def test_a_row_in_another_form_is_refused(shared):
    write(shared, NAMES[0], [{"id": "a"}])
    with pytest.raises(BadFileError, match="not in the form"):
        read_held_out(shared, shared / "none")


def test_queries_and_right_claims_are_joined(tmp_path):
    folder = tmp_path / "claims"
    folder.mkdir()
    (folder / "CT2022-Task2A-EN-Train-Dev_Queries.tsv").write_text('1\t"a\tquery"\n2\tb\n')
    (folder / "CT2022-Task2A-EN-Dev_QRELs.tsv").write_text("1\t0\tx\t1\n")
    row = {"vclaim_id": "x", "vclaim": "c", "title": "t", "subtitle": ""}
    write(folder, "vclaims_2a_en.jsonl.gz", [row])
    found = read_checkthat(tmp_path)
    assert found.queries == {"1": "a\tquery"}
    assert found.claims == {"x": "c t"}
    (folder / "CT2022-Task2A-EN-Dev_QRELs.tsv").write_text("1\t0\ty\t1\n")
    with pytest.raises(BadFileError, match="not among the claims: y"):
        read_checkthat(tmp_path)
