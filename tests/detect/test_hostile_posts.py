import pytest

from streams.detect import normalise as normalising
from streams.detect.disguises import letters, tokens
from streams.detect.gate import MOST_SCANNED, build_gate
from streams.detect.lexicon import load_lexicon
from streams.detect.normalise import MOST_CHARACTERS, MOST_SHOWN, normalise, readable
from streams.detect.words import split
from tests.bench.hostile_posts import HOSTILE, hostile_post
from tests.lines_run import lines_run

SHORT = 2_500


def work(text):
    """Count the lines with nothing remembered of other posts, or it hangs on the tests before."""
    tokens._READ.clear()
    letters._plain_letter.cache_clear()
    normalising._segments.cache_clear()
    return lines_run(lambda: read(text))


def read(text):
    readable(text)
    words = split(normalise(text))
    load_lexicon().find(words)


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_the_post_is_no_more_than_twice_the_work(name):
    """Counted in lines that run, not in seconds; every post is another one: nothing is cached."""
    read(hostile_post(name, seed=0, length=SHORT))
    once, twice, four_times = (
        work(hostile_post(name, seed=times, length=times * SHORT)) for times in (1, 2, 4)
    )
    assert twice <= 2.6 * once + 2_000
    assert four_times <= 5.2 * once + 2_000


@pytest.mark.parametrize("name", HOSTILE)
def test_what_stands_behind_the_bound_costs_nothing(name):
    text = hostile_post(name, seed=5)
    head = normalise(text[:MOST_CHARACTERS])
    assert normalise(text) == head
    assert len(head.text) <= 2 * MOST_CHARACTERS, "joined words are parted behind the bound"
    assert readable(text) == readable(text[:MOST_SHOWN])


def test_the_span_of_the_last_word_of_a_cut_text_ends_where_it_does():
    text = "ﷺ" * (MOST_CHARACTERS // 2)
    found = normalise(text)
    assert len(found.text) == MOST_CHARACTERS
    last = found.span(MOST_CHARACTERS - 1, MOST_CHARACTERS)
    assert last.start < last.end <= last.start + 1 < len(text)


@pytest.mark.parametrize("name", ["one letter", "words without spaces", "addresses"])
def test_a_value_too_long_to_be_scanned_passes_the_gate_and_moves_no_other(name):
    gate = build_gate(load_lexicon().phrases)
    text = hostile_post(name, seed=1).encode()
    long, dull, vote = b'{"text":"' + text + b'"}', b'{"text":"tea"}', b'{"text":"ballots"}'
    assert len(long) > MOST_SCANNED
    assert gate.scan([dull, long, vote, dull, long]) == [1, 2, 4]
    assert gate.scan([long]) == [0]
    assert gate.scan([dull, vote]) == [1]
