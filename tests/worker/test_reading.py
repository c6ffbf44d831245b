"""Claims read in another process are read as they would be here."""

import io
import subprocess
import sys

import orjson
import pytest

from streams.detect.catalogue import Catalogue
from streams.detect.ear import load_ear
from streams.detect.lexicon import load_lexicon
from streams.detect.shelf import ClaimShelf, fold_claim
from streams.detect.sides import Sides
from streams.detect.statements import read_statements
from streams.packs.folder import default_folder, read_packs
from streams.worker import reading
from streams.worker.reading import ReadingError, answer, read_elsewhere


@pytest.fixture(scope="module")
def shipped():
    folder = read_packs(default_folder())
    shelf = ClaimShelf({claim.claim_id: fold_claim(claim) for claim in folder.claims})
    return Catalogue.shelved(folder.packs, shelf)


def test_what_comes_back_is_what_is_read_here(shipped):
    asked = list(shipped.claims)[::7]
    sides, lexicon, ear = Sides(shipped.packs), load_lexicon(), load_ear()
    here = [read_statements(shipped.claims[one], sides, lexicon, ear) for one in asked]
    assert list(read_elsewhere(asked, shipped)) == here


def test_a_process_that_dies_is_an_error_and_leaves_nothing_running(shipped, monkeypatch):
    script = "import sys; sys.stdin.buffer.readline(); print('[]', flush=True)"
    monkeypatch.setattr(reading, "_COMMAND", [sys.executable, "-c", script])
    children = []
    child = reading.Child

    def remember(*args, **fields):
        children.append(child(*args, **fields))
        return children[-1]

    monkeypatch.setattr(reading, "Child", remember)
    answers = read_elsewhere(list(shipped.claims), shipped)
    assert next(answers) == []
    with pytest.raises(ReadingError, match=r"after 1 of \d+ claims"):
        next(answers)
    assert children[0].returncode is not None


def test_a_reader_that_stops_ends_the_process(shipped, monkeypatch):
    children = []
    child = reading.Child

    def remember(*args, **fields):
        children.append(child(*args, **fields))
        return children[-1]

    monkeypatch.setattr(reading, "Child", remember)
    answers = read_elsewhere(list(shipped.claims), shipped)
    next(answers)
    assert children[0].returncode is None
    answers.close()
    assert children[0].returncode is not None


def test_the_other_end_answers_a_line_for_each_claim(shipped):
    claims = [shipped.claims[one] for one in list(shipped.claims)[:3]]
    packs = orjson.dumps([orjson.Fragment(one.to_json()) for one in shipped.packs.values()])
    out = io.BytesIO()
    answer([packs + b"\n", *(one.to_json() + b"\n" for one in claims)], out)
    lines = out.getvalue().splitlines()
    assert [len(orjson.loads(line)) > 0 for line in lines] == [True, True, True]


def test_it_leaves_when_nothing_is_asked_any_more():
    done = subprocess.run(
        [sys.executable, "-m", "streams.worker.reading"],
        input=b"[]\n",
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
