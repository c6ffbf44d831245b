import pytest

from streams.detect.gate.literal import Literal, literals_of
from streams.detect.lexicon import load_lexicon


@pytest.mark.parametrize(
    ("data", "stands"),
    [
        (b" vote ", True),
        (b"\\nvote.", True),
        (b"#ElectionVote ", True),
        (b" devote ", False),
        (b" voter ", False),
        (b" voteR ", True),
    ],
)
def test_a_word_with_both_edges_stands_alone_or_begins_behind_a_small_letter(data, stands):
    end = data.lower().index(b"vote") + len(b"vote")
    assert Literal(b"vote", left=True, right=True).stands(data, end) is stands


def test_literals_are_distinct_and_none_is_empty():
    literals = literals_of(load_lexicon().phrases)
    assert len(set(literals)) == len(literals)
    assert all(one.value for one in literals)
