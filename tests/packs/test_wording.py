"""What labels say: in every language, filled in, never a verdict."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from streams.packs.errors import PackErrors
from streams.packs.folder import default_folder, read_packs
from streams.packs.verdicts import verdict_in
from streams.packs.wording import default_wording_folder, load_wording
from streams.schema import AuthorityNote, Label, LabelKind, Reason, Stance

WORDING = load_wording(default_wording_folder())
CERTIFIED = datetime(2026, 12, 16, tzinfo=UTC)


def label(kind, *, topic=None, authority=None):
    return Label(
        label_id="l",
        kind=kind,
        jurisdiction="US",
        types=(),
        stance=Stance.ASSERTS,
        score=1,
        spans=(),
        topic=topic or {},
        authority=authority,
        post_version="1",
        event_id="e",
    )


def note(name="Election Office", certified_by=CERTIFIED):
    return AuthorityNote(name={"en": name}, url="https://x.example.org", certified_by=certified_by)


def test_headlines_are_filled_in():
    disputed = label(LabelKind.DISPUTED_CLAIM, topic={"en": "dead voters", "de": "Tote"})
    assert WORDING.headline(disputed, "en") == "Sources dispute this claim about dead voters"
    assert WORDING.headline(disputed, "de-Latn").endswith("Thema: Tote")
    not_final = label(LabelKind.RESULT_NOT_FINAL, authority=note())
    assert WORDING.headline(not_final, "en") == (
        "Results are not final. Certification is due by 16 December 2026: Election Office"
    )
    assert "16. Dezember 2026" in WORDING.headline(not_final, "de")
    how = label(LabelKind.VOTING_INFORMATION, authority=note())
    assert WORDING.headline(how, "fr") == "Comment voter. Information officielle : Election Office"


def test_a_missing_language_falls_to_english_and_a_missing_topic_to_any():
    disputed = label(LabelKind.DISPUTED_CLAIM, topic={"hi": "मृत मतदाता"})
    assert WORDING.headline(disputed, "is") == "Sources dispute this claim about मृत मतदाता"


def test_without_what_the_headline_needs_it_is_the_short_one():
    unknown = label(LabelKind.RESULT_NOT_FINAL, authority=note(certified_by=None))
    assert WORDING.headline(unknown, "en") == "Results are not final"
    assert WORDING.badge(LabelKind.RESULT_NOT_FINAL, "es") == "Los resultados no son definitivos"


def test_braces_in_a_topic_stay_braces():
    hostile = label(LabelKind.DISPUTED_CLAIM, topic={"en": "{authority.name} {0} {{x"})
    assert WORDING.headline(hostile, "en").endswith("about {authority.name} {0} {{x")


def test_names_stand_isolated_in_right_to_left_text():
    how = label(LabelKind.VOTING_INFORMATION, authority=note("TSE"))
    assert "\u2068TSE\u2069" in WORDING.headline(how, "ar")


def test_a_retraction_says_when_and_why():
    moment = datetime(2026, 11, 3, tzinfo=UTC)
    said = WORDING.retraction(Reason.POST_EDITED, moment, "en")
    assert said == "This label was withdrawn on 3 November 2026: the post was edited"


@pytest.mark.parametrize("language", WORDING.languages)
@pytest.mark.parametrize(
    "reason", sorted(set(Reason) - {Reason.REVIEW_CONFIRMED, Reason.APPEAL_REFUSED})
)
def test_every_retraction_gives_its_reason_in_every_language(language, reason):
    moment = datetime(2026, 11, 3, tzinfo=UTC)
    said = WORDING.retraction(reason, moment, language)
    assert said not in {
        WORDING.retraction(Reason.APPEAL_REFUSED, moment, language),
        *(WORDING.retraction(other, moment, language) for other in set(Reason) - {reason}),
    }


@pytest.mark.parametrize("language", WORDING.languages)
def test_no_label_of_any_claim_says_a_verdict(language):
    for claim in read_packs(default_folder()).claims:
        said = WORDING.headline(label(LabelKind.DISPUTED_CLAIM, topic=claim.topic), language)
        assert verdict_in(said, language) is None
        assert "{" not in said


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Sources dispute", "Fake news: sources dispute", "'Fake' is a judgement"),
        ("about {topic}", "which is MISLEADING, on {topic}", "'MISLEADING' is a judgement"),
        ("the post was edited", "the claim was debunked", "'debunked' is a judgement"),
        (" about {topic}", "", "placeholders must be {topic}"),
        ("{topic}", "{topic!r}", "a name in braces and nothing else"),
        ("{topic}", "{topic.__class__}", "placeholders must be"),
        ("{topic}", "{topic", "braces"),
        ("about {topic}", "about {topic} {reason}", "placeholders must be"),
        ("disputed-claim:", "disputed-claims:", "disputed-claims"),
        ("{day} {month}", "{month}", "{day}, {month}, {year}"),
        ("language: en", "language: de", "stands in two files"),
        ("May, ", "", "months"),
    ],
)
def test_wording_that_judges_or_cannot_be_filled_is_refused(tmp_path, old, new, reason):
    folder = tmp_path / "wording"
    shutil.copytree(default_wording_folder(), folder)
    english = folder / "en.yaml"
    text = english.read_text(encoding="utf-8")
    assert old in text
    english.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackErrors) as caught:
        load_wording(folder)
    assert any(reason in problem.reason for problem in caught.value.problems), caught.value


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("That is false", "en"),
        ("a hoax", "fr"),
        ("Das ist falsch", "de"),
        ("Tout est faux", "fr"),
        ("es un bulo", "es"),
        ("é mentira", "pt"),
        ("यह झूठ है", "hi"),
        ("to jest fałsz", "pl"),
        ("bu yalan", "tr"),
        ("خبر كاذب هنا", "ar"),
        ("dit is onwaar", "nl"),
        ("en lögn om valet", "sv"),
        ("це фейк", "uk"),
        ("это ложь", "ru"),
        ("és mentida", "ca"),
        ("este fals", "ro"),
        ("είναι ψέμα", "el"),
        ("この投稿はデマです", "ja"),
        ("거짓입니다", "ko"),
        ("dit is onwaar", "af"),
        ("labarin ƙarya ne", "ha"),
        ("klaim ini palsu", "id"),
        ("hindi totoo iyan", "tl"),
        ("這是謠言", "zh"),
        ("habari hii ni uongo", "sw"),
    ],
)
def test_judgements_are_known_in_each_language(text, language):
    assert verdict_in(text, language)


def test_labels_can_be_written_in_the_first_language_of_every_pack():
    missing = {
        language
        for pack in read_packs(default_folder()).packs
        for language in pack.languages[:1]
        if language not in WORDING.languages
    }
    assert not missing


def test_an_empty_folder_has_no_wording(tmp_path):
    with pytest.raises(PackErrors, match="no wording in en"):
        load_wording(tmp_path)
