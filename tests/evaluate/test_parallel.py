"""Judging in several processes gives what one process gives."""

import pytest

from streams.detect.detector import build_detector
from streams.evaluate.judging import Asked, judge
from streams.evaluate.parallel import judge_in_processes
from tests.builders import catalogue


@pytest.mark.slow
def test_several_processes_say_the_same_in_the_same_order():
    of = catalogue()
    texts = [f"dead people voted in this election {at}" for at in range(300)]
    asked = [Asked(text, ("en",)) for text in (*texts, *texts[:10], "a cat")]
    done = []
    found = judge_in_processes(of, asked, 2, done.append)
    assert found == judge(build_detector(of), asked)
    assert sum(done) == len(asked)
    assert judge_in_processes(of, [], 2) == []
