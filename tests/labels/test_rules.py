"""Claims, packs, policy and the clock change what labels stand, and say why."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.labels.decide import decide
from streams.labels.life import advance_rules
from streams.schema import (
    Accounts,
    Action,
    Actor,
    ClaimStatus,
    ClaimType,
    Election,
    KindPolicy,
    LabelKind,
    Mode,
    Policy,
    PostLabels,
    Reason,
    ReviewFirst,
    Scores,
    SourceStance,
    Thresholds,
    Window,
)
from tests import builders as build

DISPUTED, NOT_FINAL = LabelKind.DISPUTED_CLAIM, LabelKind.RESULT_NOT_FINAL
COUNTED = build.detection(types=(ClaimType.COUNTING,), jurisdictions=("ZZ",))
CERTIFIED = datetime(2026, 11, 25, tzinfo=UTC)


def labelled(found=None, *, on=None, **post):
    return build.step(None, build.post(**post), found, on).state


def only(step):
    (event,) = step.events
    return event


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (ClaimStatus.WITHDRAWN, Reason.CLAIM_WITHDRAWN),
        (ClaimStatus.CORRECTED, Reason.CLAIM_CORRECTED),
        (ClaimStatus.EXPIRED, Reason.CLAIM_EXPIRED),
    ],
)
def test_a_claim_that_is_no_longer_active_takes_its_labels_back(status, reason):
    state = labelled()
    gone = build.claim(status=status, version=2, reason="the count was repeated")
    event = only(advance_rules(state, build.basis(claims=(gone,))))
    assert (event.action, event.reason, event.actor) == (Action.RETRACT, reason, Actor.CLAIM)
    assert (event.note, event.claim_version) == ("the count was repeated", 2)
    assert event.supersedes == state.labels[0].event_id


def test_a_revised_claim_issues_its_labels_anew():
    sources = (build.source("New Office"), build.source("Daily Checker"))
    revised = build.claim(version=2, sources=sources, reason="a newer report")
    step = advance_rules(labelled(), build.basis(claims=(revised,)))
    event = only(step)
    assert (event.action, event.reason) == (Action.UPDATE, Reason.CLAIM_REVISED)
    assert event.label.sources == sources[::-1]
    assert (event.note, event.label.claim_version) == ("a newer report", 2)
    assert step.state.labels == (event.label,)


def test_a_claim_whose_sources_no_longer_dispute_it_labels_nothing():
    sources = tuple(build.source(name, stance=SourceStance.CONTEXT) for name in ("One", "Two"))
    revised = build.claim(version=2, sources=sources)
    assert only(advance_rules(labelled(), build.basis(claims=(revised,)))).action is Action.RETRACT


def test_the_next_finding_takes_the_place_of_a_label_that_goes():
    other = build.claim("zz-other")
    both = build.detection(matches=(build.match(), build.match("zz-other", score=0.8)))
    post, claims = build.post(), (build.claim(), other)
    catalogue = build.catalogue(claims=claims)
    found = build.find(post, both, catalogue)
    state = build.advance_post(None, post, found, "en", build.basis(claims=claims)).state
    assert [label.claim_id for label in state.labels] == ["zz-dead-voters"]
    gone = build.claim(status=ClaimStatus.WITHDRAWN, version=2)
    events = advance_rules(state, build.basis(claims=(gone, other))).events
    assert [(event.action, event.label.claim_id, event.reason) for event in events] == [
        (Action.RETRACT, "zz-dead-voters", Reason.CLAIM_WITHDRAWN),
        (Action.APPLY, "zz-other", Reason.CLAIM_WITHDRAWN),
    ]


@pytest.mark.parametrize("first", ["zz-a", "zz-b", "zz-c"])
def test_of_claims_that_match_alike_the_detectors_first_is_shown(first):
    names = [first, *sorted({"zz-a", "zz-b", "zz-c"} - {first})]
    claims = tuple(build.claim(name) for name in names)
    found = build.detection(matches=tuple(build.match(name, score=0.8) for name in names))
    post, catalogue = build.post(), build.catalogue(claims=claims)
    findings = build.find(post, found, catalogue)
    state = build.advance_post(None, post, findings, "en", build.basis(claims=claims)).state
    assert [label.claim_id for label in state.labels] == [first]
    assert decide(post, found, catalogue).claim.claim_id == first


def test_a_result_label_ends_when_the_authority_certifies():
    state = labelled(COUNTED)
    assert state.labels[0].expires_at == CERTIFIED
    assert advance_rules(state, build.basis(at=CERTIFIED - timedelta(seconds=1))).events == ()
    event = only(advance_rules(state, build.basis(at=CERTIFIED)))
    assert (event.action, event.reason, event.actor) == (
        Action.RETRACT,
        Reason.EXPIRED,
        Actor.CLOCK,
    )


def test_a_label_that_several_elections_carry_goes_with_the_last():
    elections = (
        *build.pack().elections,
        Election(
            election_id="zz-local",
            name={"en": "Zedland local elections"},
            polls_open=datetime(2026, 11, 3, tzinfo=UTC),
            polls_close=datetime(2026, 11, 4, tzinfo=UTC),
            certified_by=CERTIFIED + timedelta(days=9),
        ),
    )
    packs = (build.pack(elections=elections),)
    post = build.post()
    found = build.find(post, COUNTED, build.catalogue(packs=packs))
    basis = build.basis(packs=packs)
    state = build.advance_post(None, post, found, "en", basis).state
    assert [label.authority.certified_by for label in state.labels] == [CERTIFIED]
    first = advance_rules(state, build.basis(packs=packs, at=CERTIFIED))
    event = only(first)
    assert (event.action, event.reason) == (Action.UPDATE, Reason.EXPIRED)
    assert event.label.authority.certified_by == CERTIFIED + timedelta(days=9)
    last = build.basis(packs=packs, at=CERTIFIED + timedelta(days=9))
    assert only(advance_rules(first.state, last)).action is Action.RETRACT


def test_a_replay_of_the_past_keeps_what_was_said_at_its_time():
    received = datetime(2027, 5, 1, tzinfo=UTC)
    late = build.basis(at=received)
    assert labelled(COUNTED, on=late, received_at=received).labels[0].expires_at is None


def test_an_authority_that_certifies_later_moves_the_label():
    state = labelled(COUNTED)
    (election,) = build.pack().elections
    later = election.model_copy(update={"certified_by": CERTIFIED + timedelta(days=5)})
    pack = build.pack(version=2, elections=(later,))
    event = only(advance_rules(state, build.basis(packs=(pack,))))
    assert (event.action, event.reason) == (Action.UPDATE, Reason.PACK_CHANGED)
    assert event.label.expires_at == CERTIFIED + timedelta(days=5)


def policy(**fields):
    return Policy(version=2, **fields)


EXEMPT = Accounts(classes={"office-holders": ("someone",)}, exempt=("office-holders",))
CLOSED = Window(
    jurisdiction="ZZ",
    opens=datetime(2026, 12, 1, tzinfo=UTC),
    closes=datetime(2026, 12, 2, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "stricter",
    [
        policy(thresholds=Thresholds(match=0.95)),
        policy(thresholds=Thresholds(languages={"en": Scores(match=0.95)})),
        policy(accounts=EXEMPT),
        policy(windows=(CLOSED,)),
    ],
)
def test_a_stricter_policy_takes_labels_back_and_the_old_one_brings_them_again(stricter):
    state = labelled(author_id="someone")
    gone = advance_rules(state, build.basis(policy=stricter))
    event = only(gone)
    assert (event.action, event.reason, event.actor) == (
        Action.RETRACT,
        Reason.POLICY_CHANGED,
        Actor.POLICY,
    )
    assert (event.policy, event.policy_version) == (stricter.digest, 2)
    back = only(advance_rules(gone.state, build.basis(policy=Policy(version=3))))
    assert (back.action, back.reason) == (Action.APPLY, Reason.POLICY_CHANGED)


@pytest.mark.parametrize(
    ("changed", "mode"),
    [
        (policy(labels={DISPUTED: KindPolicy(mode=Mode.SHADOW)}), Mode.SHADOW),
        (policy(labels={DISPUTED: KindPolicy(mode=Mode.REVIEW)}), Mode.REVIEW),
        (policy(review_first=ReviewFirst(jurisdictions=("ZZ",))), Mode.REVIEW),
        (
            policy(accounts=Accounts(classes={"a": ("someone",)}, review_first=("a",))),
            Mode.REVIEW,
        ),
        (policy(thresholds=Thresholds(languages={"de": Scores(match=0.95)})), None),
    ],
)
def test_the_policy_says_whether_a_label_is_public(changed, mode):
    events = advance_rules(labelled(author_id="someone"), build.basis(policy=changed)).events
    assert [(event.action, event.label.mode) for event in events] == (
        [(Action.UPDATE, mode)] if mode else []
    )


def test_a_public_label_stands_beside_one_of_higher_rank_that_is_not_public():
    both = build.detection(
        matches=(build.match(),), types=(ClaimType.DATES,), jurisdictions=("ZZ",)
    )
    shadow = policy(labels={DISPUTED: KindPolicy(mode=Mode.SHADOW)})
    state = labelled(both, on=build.basis(policy=shadow))
    assert [(label.kind, label.mode) for label in state.labels] == [
        (DISPUTED, Mode.SHADOW),
        (LabelKind.VOTING_INFORMATION, Mode.LIVE),
    ]
    events = advance_rules(state, build.basis()).events
    assert [(event.action, event.label.kind) for event in events] == [
        (Action.RETRACT, LabelKind.VOTING_INFORMATION),
        (Action.UPDATE, DISPUTED),
    ]


def test_labels_expire_on_the_full_hour_after_the_days_that_the_policy_gives():
    days = policy(labels={DISPUTED: KindPolicy(expires_after_days=2)})
    state = labelled(on=build.basis(policy=days))
    assert state.labels[0].expires_at == datetime(2026, 11, 6, 13, tzinfo=UTC)
    over = build.basis(policy=days, at=state.labels[0].expires_at)
    assert only(advance_rules(state, over)).reason is Reason.EXPIRED


def test_nothing_is_said_when_nothing_changed():
    step = advance_rules(labelled(), build.basis(rule_set="r2", policy=policy()))
    assert (step.events, step.state) == ((), None)


def test_labels_of_older_workers_can_be_taken_back():
    state = labelled()
    # What was written before findings were kept.
    old = PostLabels.model_validate(
        state.model_dump(include={"post_id", "post_version", "post_source", "labels"})
    )
    assert advance_rules(old, build.basis()).events == ()
    gone = build.claim(status=ClaimStatus.WITHDRAWN, version=2)
    event = only(advance_rules(old, build.basis(claims=(gone,))))
    assert (event.action, event.supersedes) == (Action.RETRACT, state.labels[0].event_id)
