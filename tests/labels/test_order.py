"""Whatever order things arrive in, and however often: the same labels, and a true log of them."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.detect.detection import NOTHING
from streams.labels.findings import find, label_id
from streams.labels.latest import Latest
from streams.labels.life import Basis, advance_post, advance_review, advance_rules, fold
from streams.labels.rulebook import Rulebook
from streams.schema import (
    Accounts,
    Claim,
    ClaimStatus,
    ClaimType,
    Decision,
    KindPolicy,
    LabelKind,
    Mode,
    Op,
    Policy,
    Post,
    Review,
    Thresholds,
)
from tests import builders as build

CLAIM_IDS = ("zz-dead-voters", "zz-other")
HOURS = [build.AT + timedelta(hours=hours) for hours in (0, 24, 24 * 21, 24 * 40)]
TEXTS = {
    "disputed": build.detection(
        matches=(build.match(), build.match("zz-other", 0.7)),
        types=(ClaimType.DATES,),
        jurisdictions=("ZZ",),
    ),
    "weak": build.detection(matches=(build.match("zz-other", 0.65),)),
    "counted": build.detection(types=(ClaimType.COUNTING,), jurisdictions=("ZZ",)),
    "nothing": NOTHING,
}
CATALOGUE = build.catalogue(claims=[build.claim(claim_id) for claim_id in CLAIM_IDS])


class World:
    """The state machine as a worker drives it, without the worker."""

    def __init__(self):
        self.packs, self.claims, self.policies = [build.pack()], [], []
        self.at = HOURS[0]
        self.states, self.latest = {}, Latest(window_seconds=10**9)
        self.log, self.contents = [], {}

    def take(self, thing):
        if isinstance(thing, Post):
            self._post(thing)
        elif isinstance(thing, Review):
            current = self.states.get(thing.post_id)
            self._note(thing.post_id, advance_review(current, thing, self._basis()))
        else:
            if isinstance(thing, Claim):
                self.claims.append(thing)
            elif isinstance(thing, Policy):
                self.policies.append(thing)
            else:
                self.at = max(self.at, thing)
            for post_id, state in list(self.states.items()):
                self._note(post_id, advance_rules(state, self._basis()))

    def _post(self, post):
        current = self.states.get(post.post_id)
        if self.latest.is_newer_than(post):
            return
        found = TEXTS[post.text or "nothing"]
        findings = find(post, found, CATALOGUE)
        step = advance_post(current, post, findings, found.language, self._basis())
        self._note(post.post_id, step)
        self.latest.note(post, 0)

    def _basis(self):
        policy = max(self.policies, key=lambda one: one.version, default=None)
        return Basis("test-1", "r1", Rulebook.of(self.packs, self.claims, policy), self.at)

    def _note(self, post_id, step):
        for event in step.events:
            assert self.contents.setdefault(event.event_id, event.to_json()) == event.to_json()
            self.log.append(event)
        if step.state is not None:
            self.states[post_id] = step.state

    def labels(self):
        """What stands, without the ids of the events that led there."""
        return {
            (post_id, label.model_copy(update={"event_id": ""}).model_dump_json())
            for post_id, state in self.states.items()
            for label in state.labels
        }


def of_claims():
    return st.builds(
        lambda claim_id, version, status: build.claim(
            # One content for each version: what a version says is settled when it is published.
            claim_id,
            version=version,
            status=ClaimStatus.ACTIVE if version in (1, 3) else status,
            reason=f"version {version}",
        ),
        st.sampled_from(CLAIM_IDS),
        st.integers(1, 4),
        st.just(ClaimStatus.WITHDRAWN),
    )


def of_policies():
    modes = {1: Mode.LIVE, 2: Mode.SHADOW, 3: Mode.REVIEW, 4: Mode.LIVE}
    return st.integers(1, 4).map(
        lambda version: Policy(
            version=version,
            labels={
                LabelKind.DISPUTED_CLAIM: KindPolicy(
                    mode=modes[version], expires_after_days=30 if version > 1 else None
                )
            },
            thresholds=Thresholds(match=0.68 if version % 2 else 0.6),
            accounts=Accounts(classes={"a": ("author-b",)}, exempt=("a",) if version == 4 else ()),
        )
    )


def of_posts():
    def make(post_id, version, text):
        # A version is one thing: its op and text follow from its number.
        op = [Op.CREATE, Op.UPDATE, Op.UPDATE, Op.DELETE][version]
        return build.post(
            post_id,
            "" if op is Op.DELETE else text[version],
            op=op,
            version=f"{version}",
            author_id=f"author-{post_id}",
        )

    texts = {
        "a": ("disputed", "nothing", "weak", ""),
        "b": ("counted", "disputed", "disputed", ""),
        "c": ("nothing", "weak", "counted", ""),
    }
    return st.builds(
        lambda post_id, version: make(post_id, version, texts[post_id]),
        st.sampled_from("abc"),
        # A deletion is the last that happens, and rare, else nothing would stand in the end.
        st.sampled_from([0, 0, 1, 1, 2, 2, 3]),
    )


def of_reviews():
    def make(post_id, version, kind, decision, minutes):
        finding = find(build.post(post_id), TEXTS[kind], CATALOGUE)[0]
        return Review.of(
            post_id=post_id,
            post_version=str(version),
            label_id=label_id(post_id, finding),
            decision=decision,
            reviewer="r",
            reason="because",
            made_at=build.AT + timedelta(minutes=minutes),
        )

    return st.builds(
        make,
        st.sampled_from("abc"),
        st.integers(0, 2),
        st.sampled_from(["disputed", "weak", "counted"]),
        st.sampled_from(list(Decision)),
        st.integers(0, 3),
    )


things = st.lists(
    st.one_of(
        of_posts(), of_posts(), of_claims(), of_policies(), of_reviews(), st.sampled_from(HOURS)
    ),
    max_size=24,
)


@given(things, st.randoms(use_true_random=False), st.data())
def test_any_order_and_repeats_fold_to_the_same_labels(history, dice, data):
    told, shuffled = World(), World()
    for thing in history:
        told.take(thing)
    again = data.draw(st.lists(st.sampled_from(history), max_size=8)) if history else []
    other = [*history, *again]
    dice.shuffle(other)
    for thing in other:
        shuffled.take(thing)
    assert shuffled.labels() == told.labels()


@given(things)
def test_the_log_folds_to_the_labels(history):
    world, folded = World(), {}
    for thing in history:
        world.take(thing)
    for event in world.log:
        fold(folded, event)
    states = {
        post_id: {label.label_id: label for label in state.labels}
        for post_id, state in world.states.items()
        if state.labels
    }
    assert folded == states


@given(things)
def test_every_event_names_the_one_that_it_supersedes(history):
    world, newest = World(), {}
    for thing in history:
        world.take(thing)
    for event in world.log:
        about = (event.post_id, event.label.label_id)
        assert event.supersedes == newest.get(about)
        newest[about] = event.event_id if event.action != "retract" else None


@given(things, st.integers(0, 30), st.integers(0, 30))
def test_what_a_crash_repeats_says_nothing_else(history, crash_at, back):
    """Events of the last input are out, its state is not; inputs come again from further back."""
    clean, crashed = World(), World()
    for thing in history:
        clean.take(thing)
    crash_at = min(crash_at, len(history))
    for thing in history[:crash_at]:
        before = dict(crashed.states)
        crashed.take(thing)
    if crash_at:
        crashed.states = before
    for thing in history[max(crash_at - 1 - back, 0) :]:
        crashed.take(thing)
    folded = {}
    for event in crashed.log:
        fold(folded, event)
    assert crashed.labels() == clean.labels()
    assert {
        (post_id, label.model_copy(update={"event_id": ""}).model_dump_json())
        for post_id, labels in folded.items()
        for label in labels.values()
    } == clean.labels()


def test_the_histories_that_are_tried_have_labels_in_them():
    world = World()
    history = [build.claim(), build.post("a", "disputed", version="0", author_id="author-a")]
    for thing in history:
        world.take(thing)
    assert len(world.labels()) == 1
