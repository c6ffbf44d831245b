from contextlib import contextmanager
from dataclasses import replace

from streams.detect.detection import NOTHING, Judged
from streams.evaluate.judging import Asked, judge
from streams.evaluate.run import Given, evaluate
from streams.evaluate.samples import Sample
from streams.evaluate.scoring import (
    score_background,
    score_claims,
    score_evasion,
    score_stances,
)
from streams.schema import ClaimType, Stance
from tests.builders import detection, match
from tests.evaluate.sides import Says

DISPUTED = detection(matches=(match(),))


def sample(at, *, claim=None, language="en", stance=Stance.ASSERTS, **fields):
    stance = stance if claim else None
    return Sample(f"s{at}", f"text {at}", language, claim=claim, stance=stance, **fields)


def judged(pairs):
    detector = Says({one.text: said for one, said in pairs}.get)
    samples = [one for one, _ in pairs]
    verdicts = judge(detector, [Asked(one.text, one.languages) for one in samples])
    return list(zip(samples, verdicts, strict=True))


@contextmanager
def unwatched(_name, _total):
    yield lambda _done: None


def test_what_the_gate_drops_says_nothing_and_equal_posts_are_asked_about_once():
    detector = Says(lambda _text: DISPUTED)
    done = []
    posts = [Asked("a"), Asked("hidden"), Asked("a"), Asked("b")]
    verdicts = judge(detector, posts, done.append)
    assert [one.detection for one in verdicts] == [DISPUTED, NOTHING, DISPUTED, DISPUTED]
    assert verdicts[1].label is None
    assert sorted(detector.asked) == ["a", "b"]
    assert sum(done) == len(posts)


def test_claims_are_scored_overall_by_language_and_by_type():
    fraud = replace(DISPUTED, types=(ClaimType.FRAUD, ClaimType.MAIL))
    found = score_claims(
        judged(
            [
                (sample(1, claim=True, types=(ClaimType.FRAUD,)), fraud),
                (sample(2, claim=True, types=(ClaimType.MAIL,)), None),
                (sample(3, claim=False, language="de"), fraud),
                (sample(4, claim=False, language=""), None),
                (sample(5), fraud),
            ]
        ),
        seed=1,
    )
    assert found is not None
    assert (found.overall.posts, found.overall.positives) == (4, 2)
    assert found.overall.f1 is not None
    assert found.overall.f1.value == 0.5
    assert list(found.by_language) == ["en", "de", "und"]
    assert found.by_language["de"].f1 is not None
    assert found.by_language["de"].f1.value == 0
    counts = found.by_type["mail"].counts
    assert (counts.hits, counts.false_alarms, counts.misses, counts.passes) == (0, 2, 1, 1)
    assert set(found.by_type) == {"fraud", "mail"}
    assert score_claims(judged([(sample(5), fraud)]), seed=1) is None


def test_each_false_alert_is_listed_those_with_a_label_first_and_without_its_text():
    quiet = replace(detection(), claim=Judged(is_=True, score=0.99))
    pairs = [(sample(1), quiet), (sample(2), DISPUTED), (sample(3), None), (sample(4), None)]
    found = score_background(judged(pairs), show_text=False)
    assert [(one.post_id, one.label) for one in found.alerts] == [
        ("s2", "disputed-claim"),
        ("s1", None),
    ]
    assert all(one.text is None for one in found.alerts)
    assert found.per_100_000 is not None
    assert found.per_100_000.value == 50_000
    assert found.public_per_100_000 is not None
    assert found.public_per_100_000.value == 25_000
    shown = score_background(judged(pairs), show_text=True)
    assert [one.text for one in shown.alerts] == ["text 2", "text 1"]


def test_stances_are_counted_over_found_claims_and_over_all():
    denies = replace(DISPUTED, stance=Stance.DENIES)
    found = score_stances(
        judged(
            [
                (sample(1, claim=True, stance=Stance.DENIES), denies),
                (sample(2, claim=True, stance=Stance.DENIES), DISPUTED),
                (sample(3, claim=True, stance=Stance.ASKS, language="de"), None),
                (sample(4, claim=True, stance=Stance.ASSERTS), DISPUTED),
                (sample(5, claim=False), DISPUTED),
            ]
        )
    )
    assert found is not None
    assert (found.overall.claims, found.overall.found) == (4, 3)
    assert found.overall.right_of_found is not None
    assert round(found.overall.right_of_found.value, 6) == round(2 / 3, 6)
    assert found.overall.right_of_all is not None
    assert found.overall.right_of_all.value == 0.5
    assert found.by_language["de"].right_of_found is None
    assert found.confusion == {
        "asserts": {"asserts": 1},
        "denies": {"asserts": 1, "denies": 1},
        "asks": {"none": 1},
    }
    assert found.disputed == ("s2",)
    assert found.spared["denies"] is not None
    assert found.spared["denies"].value == 0.5
    assert found.spared["satire"] is None
    assert found.spared["all"] is not None
    assert round(found.spared["all"].value, 6) == round(2 / 3, 6)


def test_evasion_is_measured_against_the_recall_on_the_same_claims():
    plain = [one for _, one in judged([(sample(at), DISPUTED) for at in range(4)])]
    after = [one for _, one in judged([(sample(at), at and DISPUTED) for at in range(4)])]
    found = score_evasion(plain, after, claims=9)
    assert (found.claims, found.changed, found.plain_recall, found.kept) == (9, 4, 1.0, 0.75)
    assert score_evasion([], [], claims=9).kept is None


def test_attacks_run_on_claims_alone_and_those_they_cannot_change_do_not_count():
    detector = Says(lambda text: DISPUTED if "text" in text else None)
    attacks = {
        "break": lambda text, _chance: text.replace("text", "t e x t"),
        "shift": lambda text, chance: text + chance.choice("abc") * ("1" in text),
    }
    samples = [sample(1, claim=True), sample(2, claim=True), sample(3, claim=False)]
    given = Given(labelled=samples, attacks=attacks, parts=frozenset({"evasion"}))
    report = evaluate(detector, Says, given, unwatched)
    assert report.evasion is not None
    assert (report.evasion["break"].changed, report.evasion["break"].kept) == (2, 0)
    assert (report.evasion["shift"].changed, report.evasion["shift"].kept) == (1, 1)
    assert (report.claims, report.background, report.mirrored) == (None, None, None)
    assert evaluate(detector, Says, given, unwatched) == report


def test_a_part_that_cannot_be_measured_is_named():
    given = Given(labelled=[sample(1, claim=True)], checkworthy=[sample(2, checkworthy=True)])
    report = evaluate(Says(lambda _text: DISPUTED), Says, given, unwatched)
    assert any("attacks" in note for note in report.notes)
    assert report.stances is not None
    assert report.mirrored is not None
