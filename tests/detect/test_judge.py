"""Cue words and the encoder: who decides the stance."""

import math
from dataclasses import replace

import pytest

from streams.detect.judge import claim_types, fused, lift, stance_of, strength
from streams.detect.model.calibration import Calibration, Fusion
from streams.detect.model.second import Verdict
from streams.detect.model.tasks import STANCES, TYPES
from streams.detect.rules import Fired, Reading, load_rules
from streams.schema import ClaimType, Stance

CALIBRATION = Calibration(
    gate=0, second=0, alone=0, claim=1.0, claim_by_language={"tr": 2.0}, sure_of_stance=0.6
)


def verdict(stance="asserts", share=0.9, types=()):
    rest = math.log((1 - share) / (len(STANCES) - 1))
    return Verdict(
        claim=2.0,
        topic=2.0,
        checkworthy=0.0,
        stance=tuple(math.log(share) if name == stance else rest for name in STANCES),
        types=tuple(1.0 if name in types else -1.0 - at for at, name in enumerate(TYPES)),
    )


@pytest.mark.parametrize(
    ("said", "share", "cued", "known", "stance"),
    [
        ("denies", 0.5, "asserts", False, "denies"),
        ("asserts", 0.99, "asserts", False, "asserts"),
        # A wavering encoder does not overrule a cue against assertion.
        ("asserts", 0.55, "denies", False, "denies"),
        ("asserts", 0.65, "asks", False, "asserts"),
        # With the words of a known claim before us, cues weigh more.
        ("asserts", 0.95, "denies", True, "denies"),
        ("satire", 0.6, "asserts", True, "asserts"),
        ("denies", 0.9, "asserts", True, "denies"),
        # Satirists are known by name.
        ("asserts", 0.99, "satire", False, "satire"),
    ],
)
def test_stance(said, share, cued, known, stance):
    found = stance_of(verdict(said, share), Stance(cued), CALIBRATION, known=known)
    assert found is Stance(stance)


def test_types_over_the_threshold_or_the_likeliest():
    assert claim_types(verdict(types=("mail", "fraud")), CALIBRATION) == {
        ClaimType.MAIL,
        ClaimType.FRAUD,
    }
    assert claim_types(verdict(), CALIBRATION) == {ClaimType.DATES}


def test_a_score_is_one_half_at_its_languages_threshold():
    assert strength(2.0, CALIBRATION.claim_in("tr")) == 0.5
    assert strength(2.0, CALIBRATION.claim_in("en")) > 0.5


def test_both_stages_count_as_the_fusion_says():
    fusion = Fusion(
        claim=1.0, topic=0.5, checkworthy=0.25, first_election=0.125, first_claim=2.0, bias=-1.0
    )
    said = replace(verdict(), claim=3.0, topic=2.0, checkworthy=4.0)
    assert fused(said, (8.0, 0.5), fusion) == 3 + 1 + 1 + 1 + 1 - 1
    assert fused(said, (8.0, 0.5), CALIBRATION.fusion) == said.claim


def test_the_surest_rule_lifts_a_claim_about_an_election_and_nothing_else():
    fired = tuple(Fired(rule, ()) for rule in load_rules().rules)
    reading = Reading(fired=fired, cues=(), election=0.0, claim=0.0)
    about = verdict()
    assert lift(about, reading) == max(rule.lift for rule in load_rules().rules) > 0
    assert lift(replace(about, topic=-0.1), reading) == 0
    assert lift(about, replace(reading, fired=())) == 0
