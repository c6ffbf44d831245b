"""What training reads, what it strips and what it never sees."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.train.rows import (
    HELD_OUT,
    UNKNOWN,
    Row,
    is_held_out,
    read_background,
    read_checkworthy,
    read_labelled,
    read_statements,
    without_duplicates,
    without_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKS = Path(__file__).parents[3] / "deploy/elections"


def row(text: str, *, row_id: str = "post-1", set_: str = "own") -> Row:
    return Row(row_id, set_, "en", text)


@given(st.text(max_size=120), st.text(alphabet=" 0123456789.,!#\t", max_size=10))
def test_near_duplicates_fall_on_the_same_side(text: str, signs: str) -> None:
    assert row(text).group == row(f"{signs}{text}{signs}").group


def test_about_the_promised_share_is_held_out() -> None:
    held = sum(is_held_out(row(f"post about {'abcdefghij'[n % 10]}{n:x}q")) for n in range(4000))

    # Digits do not count towards a post's side: the number of different letters is what varies.
    assert 0 < held < 4000 * 4 * HELD_OUT / 100


@pytest.mark.parametrize("set_", ["ct24-test", "ct22-dev", "x-valid"])
def test_a_set_that_comes_with_a_split_keeps_it(set_: str) -> None:
    assert all(is_held_out(row(f"{letter} text", set_=set_)) for letter in "abcdefgh")


def test_posts_marked_as_learned_only_are_never_scored() -> None:
    texts = [f"{first}{second}" for first in "abcdefgh" for second in "ijklmnop"]

    assert any(is_held_out(row(text)) for text in texts)
    assert not any(is_held_out(row(text, row_id="own2-en-001")) for text in texts)


def test_the_first_of_two_posts_with_the_same_words_is_kept() -> None:
    kept = without_duplicates([row("Vote: 12!"), row("vote 13"), row("votes"), row("9"), row("8")])

    assert [one.text for one in kept] == ["Vote: 12!", "votes", "9", "8"]


def test_names_inside_sentences_are_masked_and_first_words_are_not() -> None:
    masked = without_names(row("Yesterday Anna Smith won; the count was over")).text

    assert masked.startswith("Yesterday ")
    assert "Anna" not in masked
    assert "Smith" not in masked
    assert masked.endswith(" won; the count was over")


def test_labels_of_the_project_are_joined_to_posts_by_id(tmp_path: Path) -> None:
    shared, own = folder(
        tmp_path,
        election_labels=[label("a", "polls close at nine")],
        labelled=[{**pool("b", "ballots were burnt"), "set": "pool", "checkworthy": None}],
        background=[{**pool("c", "a cat"), "set": "pool"}, {**pool("d", "a dog"), "set": "pool"}],
    )
    labels = [
        {"id": "b", "topic": 1, "claim": 1, "stance": "asserts", "types": ["fraud", "other"]},
        {"id": "c", "topic": 0, "claim": 0, "stance": "none", "types": []},
        {"id": "gone", "topic": 0, "claim": 0, "stance": "none", "types": []},
    ]
    lines(own / "labels/pool.jsonl", labels)

    rows = {one.row_id: one for one in read_labelled(shared, own)}
    background = read_background(shared, rows.values())

    assert set(rows) == {"a", "b", "c"}
    assert (rows["b"].claim, rows["b"].stance, rows["b"].types) == (1, "asserts", ("fraud",))
    assert rows["b"].text == "ballots were burnt"
    assert [one.row_id for one in background] == ["d"]


def test_checkers_own_style_is_stripped_from_posts_judged_for_check_worthiness(
    tmp_path: Path,
) -> None:
    shared, _ = folder(
        tmp_path,
        labelled=[
            {**pool("a", "FACT CHECK: ballots were burnt"), "set": "ct22", "checkworthy": 1},
            {**pool("b", "nobody judged this"), "set": "ct22", "checkworthy": None},
            {**pool("c", "another set"), "set": "rumours", "checkworthy": 1},
        ],
    )

    (only,) = read_checkworthy(shared)

    assert (only.text, only.checkworthy, only.claim) == ("ballots were burnt", 1, UNKNOWN)


def test_every_statement_of_the_packs_is_a_claim_to_learn() -> None:
    statements = read_statements(PACKS)

    assert len(statements) > 1000
    assert all(one.claim == one.topic == 1 and one.types for one in statements)
    assert len({one.row_id for one in statements}) == len(statements)


def label(post_id: str, text: str) -> dict[str, Any]:
    return {**pool(post_id, text), "topic": 1, "claim": 1, "stance": "asserts", "types": ["dates"]}


def pool(post_id: str, text: str) -> dict[str, Any]:
    return {"id": post_id, "lang": "en", "text": text, "licence": "open"}


def folder(
    root: Path,
    *,
    election_labels: Iterable[dict[str, Any]] = (),
    labelled: Iterable[dict[str, Any]] = (),
    background: Iterable[dict[str, Any]] = (),
) -> tuple[Path, Path]:
    shared, own = root / "shared", root / "own"
    lines(shared / "election_labels.jsonl.gz", election_labels)
    lines(shared / "written_posts.jsonl.gz", ())
    lines(shared / "labelled.jsonl.gz", labelled)
    lines(shared / "background.jsonl.gz", background)
    return shared, own


def lines(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(one) + "\n" for one in objects).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
