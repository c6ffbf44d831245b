"""Disguised copies of posts to learn from."""

from __future__ import annotations

from streams.detect.train.augment import disguised
from streams.detect.train.rows import Row

POSTS = [
    Row(f"post-{number}", "own", "en", text, claim=1, topic=1, stance="asserts")
    for number, text in enumerate(
        (
            f"{place} election officials threw mail ballots away before the recount"
            for place in ("Northern", "Southern", "Eastern", "Western", "Central") * 8
        ),
    )
]


def test_copies_are_told_from_their_posts_and_keep_their_labels() -> None:
    copies = list(disguised(POSTS, seed=0))

    assert copies
    for copy in copies:
        original = POSTS[int(copy.row_id.removesuffix("~").removeprefix("post-"))]
        assert copy.text != original.text
        assert (copy.claim, copy.topic, copy.stance) == (1, 1, "asserts")


def test_the_same_seed_gives_the_same_copies_and_another_seed_others() -> None:
    first = [copy.text for copy in disguised(POSTS, seed=0)]

    assert first == [copy.text for copy in disguised(POSTS, seed=0)]
    assert first != [copy.text for copy in disguised(POSTS, seed=1)]


def test_a_post_without_an_election_word_has_no_copy() -> None:
    assert not list(disguised([Row("cat", "own", "en", "my cat sleeps all day")], seed=0))
