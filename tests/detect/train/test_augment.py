"""Disguised copies of posts to learn from."""

from __future__ import annotations

from pathlib import Path

from streams.detect.train.augment import disguised
from streams.detect.train.rows import Row, labelled, read_lines

OWN = Path(__file__).parents[3] / "deploy/training/posts"
POSTS = [
    row
    for path in sorted(OWN.glob("more-*.jsonl"))[:5]
    for row in map(labelled, read_lines(path))
    if row.topic
]
"""In many languages: what the normaliser undoes is no copy, and it undoes most in English."""


def test_copies_are_told_from_their_posts_and_keep_their_labels() -> None:
    originals = {row.row_id: row for row in POSTS}
    copies = list(disguised(POSTS, seed=0))

    assert copies
    for copy in copies:
        original = originals[copy.row_id.removesuffix("~")]
        assert copy.row_id != original.row_id
        assert copy.text != original.text
        assert copy.language == original.language
        assert (copy.claim, copy.topic, copy.stance, copy.types) == (
            original.claim,
            original.topic,
            original.stance,
            original.types,
        )


def test_the_same_seed_gives_the_same_copies_and_another_seed_others() -> None:
    first = [copy.text for copy in disguised(POSTS, seed=0)]

    assert first == [copy.text for copy in disguised(POSTS, seed=0)]
    assert first != [copy.text for copy in disguised(POSTS, seed=1)]


def test_a_post_without_an_election_word_has_no_copy() -> None:
    assert not list(disguised([Row("cat", "own", "en", "my cat sleeps all day")], seed=0))
