"""The demonstration posts hold what they promise, to the real detector over the real packs."""

import gzip
import itertools
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.demo import demo_path
from connectors.demo.generate import BEGIN, FIRST_STORY_AT, LENGTH, make_file
from connectors.demo.stories import PLAIN, UNDISPUTED, load_stories
from connectors.demo.texts import LANGUAGES
from connectors.formats.lines import parse_line
from connectors.formats.outcome import Context
from connectors.replay import ReplaySource
from streams.detect.detector import build_detector
from streams.labels.decide import decide
from streams.packs.folder import read_packs
from streams.schema import LabelKind, Op, Post

PACKS = Path(__file__).parents[2] / "deploy" / "elections"
LATER = datetime(2026, 12, 1, tzinfo=UTC)
STORIES = load_stories()


@pytest.fixture(scope="module")
def posts():
    outcomes = [
        outcome
        for number, line in enumerate(gzip.decompress(demo_path().read_bytes()).splitlines())
        for outcome in parse_line(line, Context(LATER, f"{number:06d}"))
    ]
    assert all(isinstance(outcome, Post) for outcome in outcomes)
    return outcomes


@pytest.fixture(scope="module")
def created(posts):
    return [post for post in posts if post.op is Op.CREATE]


@pytest.fixture(scope="module")
def labelled(posts):
    """What the real detector and the real packs make of each version: (post, label or None)."""
    detector = build_detector(read_packs(PACKS).catalogue())

    def label_of(post):
        detection = detector.detect(post.text, languages=post.languages, created_at=post.created_at)
        return decide(post, detection, detector.catalogue)

    return [(post, label_of(post)) for post in posts]


def told(label):
    """Return a label in the words of stories.yaml."""
    if label is None:
        return None
    return label.claim.claim_id if label.claim else f"{label.kind} {label.jurisdiction}"


def test_the_file_is_what_the_texts_make_and_they_make_it_twice():
    made = make_file()
    assert made == make_file()
    # The deflate stream is the library's own affair; the posts and the header are ours.
    assert gzip.decompress(made) == gzip.decompress(demo_path().read_bytes()), (
        "the texts changed: run python -m connectors.demo.generate"
    )
    assert demo_path().read_bytes()[4:8] == bytes(4)


def test_there_are_enough_posts_in_eight_languages(created):
    assert len(created) >= 2_400
    languages = Counter(post.languages[0] for post in created)
    assert set(languages) == set(LANGUAGES)
    assert len(LANGUAGES) == 8
    assert min(languages.values()) >= 200


def test_a_replay_reads_every_line_and_finds_no_bad_one(posts):
    source = ReplaySource(str(demo_path()), clock=lambda: LATER)
    source.open(None)
    batch = source.next_batch(max_records=10_000, max_bytes=1 << 30, max_seconds=600)
    source.close()
    assert batch is not None
    assert len(batch.posts) == len(posts)
    assert not batch.dead_letters


def test_posts_come_by_event_time_within_the_night(posts):
    moments = [post.created_at for post in posts]
    assert moments == sorted(moments)
    assert moments[0] >= BEGIN
    assert moments[-1] <= BEGIN + LENGTH


def test_a_post_begins_with_its_creation_and_its_versions_ascend(posts):
    seen = {}
    for post in posts:
        last = seen.get(post.post_id)
        assert (post.op is Op.CREATE) == (last is None)
        if last is not None:
            assert post.version > last.version
            assert post.author_id == last.author_id
            assert last.op is not Op.DELETE
        seen[post.post_id] = post


def test_replies_answer_posts_that_came_before(posts):
    seen = set()
    replies = 0
    for post in posts:
        if post.reply_to is not None:
            replies += 1
            assert post.reply_to in seen
        seen.add(post.post_id)
    assert replies >= 200


def test_nobody_says_the_same_twice(created):
    repeated = [text for text, times in Counter(p.text for p in created).items() if times > 1]
    assert repeated == []


def test_no_choice_is_left_unmade(created):
    texts = {version.text for story in STORIES for version in story.versions}
    assert [p.text for p in created if p.text not in texts and set("[]|{}") & set(p.text)] == []


def test_claims_are_at_most_two_in_a_hundred_posts(created):
    claims = sum(story.is_claim for story in STORIES)
    assert 40 <= claims <= 0.02 * len(created)


def test_at_least_twenty_posts_assert_known_claims():
    known = [
        story
        for story in STORIES
        if any("-" in v.expect and " " not in v.expect for v in story.versions)
    ]
    assert len(known) >= 20
    assert len({story.language for story in known}) >= 6


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_each_version_of_a_story_gets_the_label_that_it_should(story, labelled):
    by_text = {post.text: label for post, label in labelled}
    for version in story.versions:
        label = by_text[version.text]
        if version.expect == PLAIN:
            assert label is None
        elif version.expect == UNDISPUTED:
            assert label is None or label.kind is not LabelKind.DISPUTED_CLAIM
        else:
            assert told(label) == version.expect
            assert label.claim is None or len(label.claim.sources) >= 2


def test_no_everyday_post_gets_a_label(labelled):
    texts = {version.text for story in STORIES for version in story.versions}
    assert [
        (told(label), post.text) for post, label in labelled if label and post.text not in texts
    ] == []


def test_a_viewer_sees_a_label_within_the_first_thirty_posts_and_until_the_end(labelled):
    places = [number for number, (_, label) in enumerate(labelled) if label is not None]
    assert FIRST_STORY_AT <= places[0] < 30
    assert places[-1] > len(labelled) * 0.9
    # Spread evenly: no longer stretch than a tenth of the file without any.
    assert max(b - a for a, b in itertools.pairwise(places)) < len(labelled) / 10


def test_edits_and_deletes_touch_posts_with_and_without_labels(labelled):
    moves = Counter()
    before = {}
    for post, label in labelled:
        if post.op is not Op.CREATE:
            had, has = before[post.post_id] is not None, label is not None
            moves[post.op, had, has] += 1
        before[post.post_id] = label
    assert moves[Op.UPDATE, True, False] >= 3, "an edit that drops the claim"
    assert moves[Op.UPDATE, True, True] >= 2, "an edit that keeps it"
    assert moves[Op.UPDATE, False, True] >= 2, "an edit that brings one"
    assert moves[Op.UPDATE, False, False] >= 15
    assert moves[Op.DELETE, True, False] >= 3
    assert moves[Op.DELETE, False, False] >= 15
