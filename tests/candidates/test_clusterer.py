"""Clusters: the same from the same posts, however often each is delivered; bounded."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.candidates import cluster as one_cluster
from streams.candidates.clusterer import IDLE_SECONDS, Clusterer, Taken
from streams.candidates.lens import Lens, packed
from streams.candidates.record import BadMemoryError, from_record, to_record
from streams.schema import Candidate, ClaimType, Observation, Stance

START = datetime(2026, 11, 4, 12, tzinfo=UTC)
LENS = Lens({"": np.zeros(8), "es": np.full(8, 0.05)}, np.eye(8)[:, :4])
CLAIMS = np.vstack([np.eye(8)[:4], np.array([1, 1, 0, 0, 0, 0, 0, 0]) / 2**0.5])


def said(post="p1", claim=0, **fields):
    fields = {
        "post_version": "1",
        "post_source": "test",
        "received_at": START,
        "language": "en",
        "author": f"author of {post}",
        "stance": Stance.ASSERTS,
        "types": (ClaimType.FRAUD,),
        "score": 0.9,
        "encoder": "e",
        **fields,
    }
    return Observation(post_id=post, vector=packed(CLAIMS[claim]), **fields)


def gone(post="p1", version="2", at=START):
    return Observation(
        post_id=post, post_version=version, post_source="test", received_at=at, withdrawn=True
    )


def clustered(observations, **options):
    clusterer = Clusterer(LENS, "e", **options)
    for observation in observations:
        clusterer.take(observation)
    return clusterer


def state(clusterer):
    return [to_record(cluster, clusterer.clock) for cluster in clusterer]


def restarted(clusterer, **options):
    """Return the clusterer that starts from what another published."""
    again = Clusterer(LENS, "e", **options)
    again.restore(from_record(Candidate.from_json(record.to_json())) for record in state(clusterer))
    return again


class Deliveries:
    """Observations once in order, and the same with stretches that come again."""

    def __init__(self, once, often):
        self.once, self.often = once, often

    def __repr__(self):
        return " ".join(
            f"{'-' if one.withdrawn else '+'}{one.post_id}.{one.post_version}" for one in self.often
        )


@st.composite
def deliveries(draw, *, most=25, edits=True):
    once = []
    for number in range(draw(st.integers(1, most))):
        post = f"p{draw(st.integers(0, 9))}" if edits else f"p{number}"
        version, at = f"{number:03}", START + timedelta(minutes=7 * number)
        if edits and draw(st.integers(0, 4)) == 0:
            once.append(gone(post, version, at))
            continue
        once.append(
            said(
                post,
                draw(st.integers(0, 4)),
                post_version=version,
                received_at=at,
                language=draw(st.sampled_from(["en", "es"])),
                jurisdictions=draw(st.sampled_from([(), ("ZZ",), ("YY",), ("YY", "ZZ")])),
                author=draw(st.sampled_from([None, "a", "b", "c"])),
            )
        )
    often = []
    for end in range(1, len(once) + 1):
        often.append(once[end - 1])
        if draw(st.integers(0, 3)) == 0:
            often.extend(once[draw(st.integers(0, end - 1)) : end])
    return Deliveries(once, often)


@given(deliveries())
def test_repeats_change_nothing(sequences):
    assert state(clustered(sequences.often)) == state(clustered(sequences.once))


@given(deliveries(), st.integers(0, 25))
def test_a_restart_goes_on_as_if_there_had_been_none(sequences, cut):
    once = sequences.once
    before = clustered(once[:cut])
    after = restarted(before)
    for observation in once[cut:]:
        after.take(observation)
    assert state(after) == state(clustered(once))


@given(deliveries())
def test_posts_are_in_exactly_one_cluster_and_counted_once(sequences):
    once = sequences.once
    newest = {one.post_id: one for one in once}
    standing = {post for post, one in newest.items() if not one.withdrawn}
    clusterer = clustered(once)
    assert sum(cluster.posts for cluster in clusterer) == len(standing)
    assert all(cluster.posts >= cluster.people >= 0 for cluster in clusterer)
    assert {e.post_id for cluster in clusterer for e in cluster.examples} <= standing


@given(deliveries(most=40, edits=False), st.integers(1, 3), st.integers(2, 5))
def test_nothing_grows_past_its_bound_and_forgetting_counts_nothing_twice(sequences, most, kept):
    bounds = {"most": most, "most_remembered": kept}
    clusterer = clustered(sequences.often, **bounds)
    assert len(clusterer) <= most
    assert clusterer.remembered <= kept
    assert sum(c.posts for c in clusterer) <= len(sequences.once)


def test_the_same_claim_in_two_languages_is_one_candidate_with_its_spread():
    clusterer = clustered(
        [said("p1"), said("p2", language="es", post_source="other", stance=Stance.DENIES)]
    )
    (record,) = state(clusterer)
    assert (record.posts, record.authors) == (2, 2)
    assert record.languages == {"en": 1, "es": 1}
    assert record.sources == {"other": 1, "test": 1}
    assert record.stances == {"asserts": 1, "denies": 1}
    assert record.types == {"fraud": 2}
    assert [example.post_id for example in record.examples] == ["p1", "p2"]


def test_claims_about_different_countries_stay_apart_and_those_that_name_none_join():
    clusterer = clustered(
        [
            said("p1", jurisdictions=("ZZ",)),
            said("p2", jurisdictions=("YY",)),
            said("p3", jurisdictions=()),
        ]
    )
    assert [cluster.posts for cluster in clusterer] in ([2, 1], [1, 2])


def test_ids_come_from_the_first_post_alone():
    (one,) = clustered([said("p1"), said("p2")])
    (same,) = clustered([said("p1", claim=2)])
    (other,) = clustered([said("p2")])
    assert one.candidate_id == same.candidate_id != other.candidate_id


def test_clusters_that_meet_become_one_and_the_younger_points_to_the_elder():
    clusterer = Clusterer(LENS, "e", threshold=0.9, merge_threshold=0.7)
    clusterer.take(said("p1", 0))
    clusterer.drain()
    clusterer.take(said("p2", 4, received_at=START + timedelta(seconds=5)))
    (elder,) = clusterer
    changed = clusterer.drain()
    assert (elder.posts, elder.people, elder.first_at) == (2, 2, int(START.timestamp()))
    assert changed.pop(elder.candidate_id) is elder
    assert list(changed.values()) == [elder.candidate_id]
    assert list(changed) == elder.absorbed
    assert clusterer.drain() == {}


def test_an_edit_moves_a_post_and_an_older_version_does_not_bring_it_back():
    first, second = said("p1"), said("p1", 2, post_version="2")
    clusterer = clustered([first, said("p2"), second, first])
    assert sorted((c.posts, c.people) for c in clusterer) == [(1, 1), (1, 1)]


def test_a_deleted_post_counts_no_longer_and_is_no_example():
    clusterer = clustered([said("p1"), said("p2"), gone("p1"), said("p1")])
    (cluster,) = clusterer
    assert (cluster.posts, cluster.people) == (1, 1)
    assert [example.post_id for example in cluster.examples] == ["p2"]


def test_one_account_that_repeats_itself_is_one_person_and_no_burst():
    alone = [said(f"p{n}", author="bot") for n in range(40)]
    many = [said(f"q{n}", 2) for n in range(40)]
    loud, wide = state(clustered([*alone, *many]))
    if loud.authors > wide.authors:
        loud, wide = wide, loud
    assert (loud.posts, loud.authors) == (40, 1)
    assert loud.burst < 1
    assert wide.burst > 20


def test_what_is_idle_for_a_week_goes():
    clusterer = clustered([said("p1")])
    clusterer.drain()
    later = START + timedelta(seconds=IDLE_SECONDS + 1200)
    clusterer.take(said("p2", 2, received_at=later))
    assert [cluster.posts for cluster in clusterer] == [1]
    assert None in clusterer.drain().values()


def test_examples_show_as_many_languages_as_there_are():
    posts = [said(f"p{n}", score=0.5 + n / 100) for n in range(30)]
    spoken = ["es", "pt", "de", "tr"]
    posts += [said(f"x{lang}", language=lang, score=0.1) for lang in spoken]
    (cluster,) = clustered(posts)
    assert len(cluster.examples) == one_cluster.MOST_EXAMPLES
    assert {example.language for example in cluster.examples} == {"en", *spoken}


@pytest.mark.parametrize("vector", ["", "%%%", "AAAA", packed(np.zeros(8))])
def test_a_vector_of_another_shape_is_let_go_and_named(vector):
    odd = said().model_copy(update={"vector": vector})
    assert Clusterer(LENS, "e").take(odd) is Taken.UNREADABLE


def test_vectors_of_another_encoder_never_meet_ours():
    clusterer = clustered([said("p1")])
    assert clusterer.take(said("p2", encoder="other")) is Taken.UNREADABLE


def test_a_record_without_its_memory_is_refused_by_name():
    (record,) = state(clustered([said()]))
    short = record.memory.model_copy(update={"versions": ()})
    for broken in (None, short, record.memory.model_copy(update={"total": "%"})):
        with pytest.raises(BadMemoryError, match=record.candidate_id):
            from_record(record.model_copy(update={"memory": broken}))
