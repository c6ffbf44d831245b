"""The weights of terms beside the formula as it is written and beside another implementation."""

import math
from collections import Counter

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect import postings
from streams.detect.postings import LENGTH, SATURATION, Postings

VOCABULARY = 12
statements = st.lists(
    st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=9), min_size=1, max_size=12
)
queries = st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=8, unique=True)


def of(said):
    terms = np.array([term for one in said for term in one], np.int32)
    return Postings(terms, np.array([len(one) for one in said], np.int64), VOCABULARY)


def literal(said, query):
    """BM25 word for word, a statement at a time."""
    holding = Counter(term for one in said for term in set(one))
    mean = sum(map(len, said)) / len(said)
    scores = []
    for one in said:
        often = Counter(one)
        score = 0.0
        for term in query:
            if term in often:
                rarity = math.log(1 + (len(said) - holding[term] + 0.5) / (holding[term] + 0.5))
                norm = SATURATION * (1 - LENGTH + LENGTH * len(one) / mean)
                score += rarity * often[term] / (often[term] + norm)
        scores.append(score)
    return scores


@given(statements, queries)
def test_scores_are_those_of_the_formula(said, query):
    assert of(said).scores(query) == pytest.approx(literal(said, query), abs=1e-5)


@given(statements, queries)
def test_scores_are_those_of_another_implementation(said, query):
    other = bm25s.BM25(k1=SATURATION, b=LENGTH, method="lucene")
    vocabulary = {term: term for term in range(VOCABULARY)}
    other.index((said, vocabulary), show_progress=False)
    there = {term for one in said for term in one}
    known = [term for term in query if term in there]
    if known:
        assert of(said).scores(query) == pytest.approx(
            other.get_scores_from_ids(known).tolist(), abs=1e-5
        )


@given(statements)
def test_a_term_tells_more_the_fewer_statements_hold_it(said):
    index = of(said)
    holding = Counter(term for one in said for term in set(one))
    for term in range(VOCABULARY):
        assert index.frequencies[term] == holding[term]
        told = math.log(1 + len(said) / holding[term]) if holding[term] else 0.0
        assert index.weights[term] == pytest.approx(told)


def test_without_statements_nothing_is_found():
    index = of([])
    assert index.statements == 0
    assert len(index.scores([1, 2, 3])) == 0


def test_a_search_of_many_common_terms_counts_the_rarest(monkeypatch):
    said = [[0, 1], [0, 2], [0, 3], [0, 3]]
    monkeypatch.setattr(postings, "MOST_POSTINGS", 4)
    found = of(said).scores([0, 1, 2, 3])
    assert found == pytest.approx(literal(said, [1, 2, 3]), abs=1e-5)
