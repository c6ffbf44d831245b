"""The report as tables of words: a terminal and a page show the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.evaluate.measures import Estimate, Score
    from streams.evaluate.report import Background, Report, Stances

NO_VALUE = "-"
MOST_LANGUAGES = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; the first column names the row, the others are figures or short words."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset()
    """Columns of words; all but these and the first are figures, set to the right."""


def sheets(report: Report) -> Iterator[Sheet]:
    """Yield the tables of all parts that were measured."""
    yield _sources(report)
    if report.claims is not None:
        claims = report.claims
        rows = [("election claim", *_score(claims.overall))]
        if claims.about_election is not None:
            rows.append(("about an election", *_score(claims.about_election)))
        yield _scores("Election claims", "At the shipped threshold; 95 % intervals.", rows)
        languages = [(name, *_score(one)) for name, one in claims.by_language.items()]
        yield _scores("By language", "Those with the most claims first.", languages)
        yield _scores(
            "By type",
            "Of all posts: is a claim of this type found as one of this type?",
            [(name, *_score(one)) for name, one in claims.by_type.items()],
        )
        yield _scores("By set", "", [(name, *_score(one)) for name, one in claims.by_set.items()])
    if report.background is not None:
        yield from _background(report.background)
    if report.stances is not None:
        yield from _stances(report.stances)
    if report.evasion is not None:
        yield Sheet(
            "Evasion",
            "Recall on claims that somebody disguised, and how much that is of the plain recall.",
            ("Attack", "Claims", "Changed", "Plain recall", "Recall", "Kept"),
            tuple(
                (
                    name,
                    str(one.claims),
                    str(one.changed),
                    figure(one.plain_recall),
                    interval(one.recall),
                    figure(one.kept),
                )
                for name, one in report.evasion.items()
            ),
        )
    if report.mirrored is not None:
        one = report.mirrored
        yield Sheet(
            "Sides swapped",
            "Posts that differ only in the party or the candidate that they name.",
            ("Pairs", "Flips", *one.by_field, "Largest difference of scores"),
            (
                (
                    str(one.pairs),
                    str(one.flips),
                    *(str(count) for count in one.by_field.values()),
                    figure(one.largest_score_difference),
                ),
            ),
        )
    if report.checkworthiness is not None:
        yield Sheet(
            "Worth checking",
            "By the detector's score, yes from 0.5 on.",
            ("Language", "Posts", "Worth it", "Precision", "Recall", "F1", "Average precision"),
            tuple(
                (name, *_score(one.score), figure(one.average_precision))
                for name, one in report.checkworthiness.items()
            ),
        )
    if report.retrieval is not None:
        found = report.retrieval
        yield Sheet(
            "Known claims found",
            "",
            ("Queries", "Claims", "MAP@5", "Success@10"),
            (
                (
                    str(found.queries),
                    str(found.claims),
                    interval(found.map_at_5),
                    interval(found.success_at_10),
                ),
            ),
        )


def interval(value: Estimate | None, digits: int = 3) -> str:
    """Return a measure with its interval in brackets."""
    if value is None:
        return NO_VALUE
    low, high = f"{value.low:.{digits}f}", f"{value.high:.{digits}f}"
    return f"{value.value:.{digits}f} ({low}-{high})"


def figure(value: float | None) -> str:
    """Return a measure without an interval."""
    return NO_VALUE if value is None else f"{value:.3f}"


def _sources(report: Report) -> Sheet:
    seen = {True: "never seen by training", False: "seen by training", None: "not known"}
    return Sheet(
        "Data",
        f"Detector {report.detector}, rule set {report.rule_set}, seed {report.seed}.",
        ("Source", "Posts", "Training"),
        tuple((one.name, str(one.posts), seen[one.unseen]) for one in report.sources),
        words=frozenset({2}),
    )


def _scores(title: str, note: str, rows: Sequence[tuple[str, ...]]) -> Sheet:
    head = ("", "Posts", "Claims", "Precision", "Recall", "F1")
    return Sheet(title, note, head, tuple(rows[:MOST_LANGUAGES]))


def _score(score: Score) -> tuple[str, str, str, str, str]:
    return (
        str(score.posts),
        str(score.positives),
        interval(score.precision),
        interval(score.recall),
        interval(score.f1),
    )


def _background(found: Background) -> Iterator[Sheet]:
    yield Sheet(
        "False alerts",
        "Posts about anything; every claim found there counts as false.",
        ("", "Posts", "Alerts", "In 100,000 posts"),
        (
            (
                "taken for claims",
                str(found.posts),
                str(found.false_alerts),
                interval(found.per_100_000, 1),
            ),
            (
                "with a public label",
                str(found.posts),
                str(found.public_labels),
                interval(found.public_per_100_000, 1),
            ),
        ),
    )
    if found.alerts:
        shown = any(alert.text is not None for alert in found.alerts)
        yield Sheet(
            "Each false alert",
            "",
            (
                "Post",
                "Language",
                "Score",
                "Types",
                "Stance",
                "Label",
                *(("Text",) if shown else ()),
            ),
            tuple(
                (
                    alert.post_id,
                    alert.language,
                    figure(alert.score),
                    " ".join(alert.types),
                    alert.stance,
                    alert.label or NO_VALUE,
                    *((alert.text or "",) if shown else ()),
                )
                for alert in found.alerts
            ),
            words=frozenset({1, 3, 4, 5, 6}),
        )


def _stances(found: Stances) -> Iterator[Sheet]:
    rows = [("all", found.overall), *found.by_language.items()]
    yield Sheet(
        "Stance",
        "Of claims with a labelled stance; a claim that was not found has no right stance.",
        ("Language", "Claims", "Found", "Right of found", "Right of all"),
        tuple(
            (
                name,
                str(one.claims),
                str(one.found),
                interval(one.right_of_found),
                interval(one.right_of_all),
            )
            for name, one in rows
        ),
    )
    said = sorted({stance for row in found.confusion.values() for stance in row})
    yield Sheet(
        "Stance, labelled and found",
        "A row is what people said, a column what the detector said; none: not found as a claim.",
        ("Labelled", *said),
        tuple(
            (stance, *(str(row.get(one, 0)) for one in said))
            for stance, row in found.confusion.items()
        ),
    )
    yield Sheet(
        "No disputing label on denials, questions and satire",
        f"Disputed all the same: {' '.join(found.disputed) or 'none'}.",
        ("Stance", "Share without"),
        tuple((name, interval(one)) for name, one in found.spared.items()),
    )
