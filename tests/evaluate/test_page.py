from dataclasses import replace
from html.parser import HTMLParser

import pytest

from streams.evaluate.measures import Counts, Estimate, score
from streams.evaluate.page import DARK, LIGHT, page
from streams.evaluate.ranking import retrieval
from streams.evaluate.report import Evasion, Mirrored, Report, Source
from streams.evaluate.scoring import score_background, score_claims, score_stances
from streams.schema import Stance
from tests.evaluate.test_scoring import DISPUTED, judged, sample

HOSTILE = '</td><script src="https://evil.example">alert(1)</script>\u202e<img onerror=x>'


def report():
    pairs = judged(
        [
            (sample(1, claim=True, language=HOSTILE, set_=HOSTILE), DISPUTED),
            (sample(2, claim=True, stance=Stance.DENIES), DISPUTED),
            (sample(3, claim=False), None),
        ]
    )
    background = score_background(judged([(sample(4), DISPUTED)]), show_text=True)
    alert = replace(background.alerts[0], text=HOSTILE, post_id=HOSTILE, language=HOSTILE)
    return Report(
        detector=HOSTILE,
        rule_set="r",
        seed=1,
        sources=(Source(HOSTILE, 3, unseen=None),),
        claims=score_claims(pairs, seed=1),
        background=replace(background, alerts=(alert,)),
        stances=score_stances(pairs),
        evasion={HOSTILE: Evasion(3, 2, 0.5, Estimate(0.4, 0.1, 0.8), 0.8)},
        mirrored=Mirrored(3, 1, {"claim": 1}, 0.5),
        retrieval=retrieval({"q": ["a"]}, {"q": {"a"}}, claims=2, seed=1),
        notes=(HOSTILE,),
    )


class Walk(HTMLParser):
    """Collects tags and checks that each end has its beginning."""

    void = frozenset({"meta", "line", "circle", "polyline"})

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_nothing_of_the_data_becomes_markup():
    walk = Walk()
    walk.feed(page(report()))
    assert walk.open == []
    assert not {"script", "img", "link", "iframe"} & set(walk.tags)
    assert not [name for name, _ in walk.attributes if name.startswith("on")]


def test_the_page_loads_nothing():
    made = page(report())
    walk = Walk()
    walk.feed(made)
    assert not {"src", "href", "srcset", "style"} & {name for name, _ in walk.attributes}
    assert "url(" not in made
    assert "@import" not in made
    assert "default-src 'none'" in made


def test_every_part_has_its_table_and_the_curve_its_mark():
    made = page(report())
    for title in (
        "Data", "Election claims", "By language", "By type", "By set", "False alerts",
        "Each false alert", "Stance", "Evasion", "Sides swapped", "Known claims found",
    ):  # fmt: skip
        assert title == "By type" or f"<h2>{title}</h2>" in made, title
    assert made.count("<svg") == 4 + ("By type" in made)
    assert 'class="mark"' in made


def test_an_empty_report_is_a_page_too():
    assert "<h2>Data</h2>" in page(Report("d", "r", 0, ()))


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["ink", "quiet", "trace", "mark"])
def test_text_and_marks_stand_out(colours, name):
    high, low = sorted((luminance(colours["paper"]), luminance(colours[name])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_a_measure_without_posts_is_no_zero():
    empty = score(Counts(passes=1), seed=0)
    claims = score_claims(judged([(sample(3, claim=False), None)]), seed=0)
    assert claims is not None
    assert claims.overall == empty
    made = page(Report("d", "r", 0, (), claims=claims))
    assert "<bdi>-</bdi>" in made
