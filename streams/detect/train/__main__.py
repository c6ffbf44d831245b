"""`python -m streams.detect.train FOLDER`: train both stages, set thresholds, write the card.

Takes half an hour on two cores. The same data, seed and processor give the
same files.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import orjson
import typer

from streams.detect.model.assemble import CALIBRATION_FILE, LINEAR_FILE, TUNED_FILE, build_second
from streams.detect.model.base import load_base
from streams.detect.model.linear import load_linear
from streams.detect.model.text import build_mask
from streams.detect.train import rows as reading
from streams.detect.train.augment import disguised
from streams.detect.train.calibrate import calibrate, report
from streams.detect.train.card import write_card
from streams.detect.train.export import averaged, export
from streams.detect.train.fit import Plan, Tuned, fit
from streams.detect.train.linear import fit_linear

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streams.detect.train.rows import Row

ROOT = Path(__file__).resolve().parents[3]
HARD_SHARE = 0.045
"""Of the background: what stage one takes for likeliest, all of it negatives for stage two."""
EASY = 1200
CHECKWORTHY = {"ar": 3000, "en": 2200, "es": 2200}
"""Posts judged for check-worthiness, at most, by language."""
CHECKWORTHY_ELSEWHERE = 500
CHECKWORTHY_KEPT_APART = 400
"""Of each set, at most: they set thresholds."""
COPIES = 3
"""Every third real post on topic gets a copy without names."""
DISGUISED_WEIGHT = 0.5
"""Of a copy in disguise, to what the post itself weighs."""


def main(  # noqa: PLR0917 - options of a command
    shared: Annotated[Path, typer.Argument(help="Folder of labelled data.", exists=True)],
    own: Annotated[Path, typer.Option(help="The project's own labels and posts.")] = ROOT
    / "deploy/training",
    packs: Annotated[Path, typer.Option(help="Election packs: sides to mask.")] = ROOT
    / "deploy/elections",
    out: Annotated[Path, typer.Option(help="Where the models go.")] = ROOT / "streams/detect/model",
    card: Annotated[Path, typer.Option(help="The model card.")] = ROOT / "deploy/model-card.md",
    epochs: Annotated[float, typer.Option(min=0.001)] = 2.0,
    seed: Annotated[int, typer.Option()] = 0,
    keep_tuned: Annotated[
        list[Path] | None,
        typer.Option(help="A stage two trained before, not trained again; of several, the mean."),
    ] = None,
) -> None:
    """Train both stages on FOLDER and the project's own labels."""
    mask = build_mask(reading.read_names(packs))
    labelled = [reading.masked(row, mask) for row in reading.read_labelled(shared, own)]
    background = [reading.masked(row, mask) for row in reading.read_background(shared, labelled)]
    unseen = [row for row in labelled if reading.is_held_out(row)]
    tuning = [row for row in labelled if reading.is_for_tuning(row)]
    seen = [row for row in labelled if not _is_kept_apart(row)]
    share = reading.HELD_OUT_BACKGROUND
    seen_background = [row for row in background if not reading.is_held_out(row, share=share)]
    unseen_background = [row for row in background if reading.is_held_out(row, share=share)]
    seen += [reading.masked(row, mask) for row in reading.read_statements(packs)]
    seen = [
        reading.weighed(row, reading.HARD_WEIGHT) if reading.is_hard(row) else row for row in seen
    ]
    seen += _in_disguise(seen, seed)
    _say(f"{len(seen)} labelled posts to learn from, {len(tuning)} + {len(unseen)} kept apart")

    linear = fit_linear([*seen, *seen_background], seed=seed)
    first = load_linear(linear)
    chosen = [
        *seen,
        *_copies(seen),
        *_negatives(seen_background, first.score),
        *_checkworthy(shared, mask, seed),
    ]
    _say(f"stage one: {len(linear) / 1e6:.1f} MB; stage two learns from {len(chosen)} texts")
    plan = Plan(epochs=epochs, seed=seed)
    if not keep_tuned:
        model = Tuned(load_base(), plan)
        fit(model, chosen)
        tuned = export(model)
    else:
        tuned = averaged([path.read_bytes() for path in keep_tuned])
    out.mkdir(parents=True, exist_ok=True)
    (out / LINEAR_FILE).write_bytes(linear)
    (out / TUNED_FILE).write_bytes(tuned)

    _say("setting thresholds on posts that were kept apart")
    second = build_second(tuned, threads=2)
    thresholds, figures = calibrate(
        first=first,
        second=second,
        tuning=tuning,
        labelled=unseen,
        background=unseen_background,
        checkworthy=_kept_worthy(shared, mask, seed),
    )
    (out / CALIBRATION_FILE).write_bytes(
        orjson.dumps(asdict(thresholds), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    )
    write_card(
        card,
        learned=chosen,
        kept_apart=unseen,
        background=(len(seen_background), len(unseen_background)),
        figures=figures,
        digests={
            name: hashlib.sha256((out / name).read_bytes()).hexdigest()
            for name in (LINEAR_FILE, TUNED_FILE, CALIBRATION_FILE)
        },
        plan=asdict(plan),
    )
    _say(report(figures))
    _say(f"wrote {LINEAR_FILE}, {TUNED_FILE}, {CALIBRATION_FILE} to {out}, the card to {card}")


def _is_kept_apart(row: Row) -> bool:
    return reading.is_held_out(row) or reading.is_for_tuning(row)


def _negatives(rows: Sequence[Row], score: Callable[[list[bytes]], np.ndarray]) -> list[Row]:
    """Return the background that stage one would let through, and some that it would not."""
    scores = score([row.text.encode("utf-8", "replace") for row in rows])
    order = np.argsort(-scores, kind="stable")
    hard = int(len(rows) * HARD_SHARE)
    easy = order[hard:][:: max(1, (len(rows) - hard) // EASY)]
    return [reading.weighed(rows[at], 0.8) for at in order[:hard]] + [rows[at] for at in easy]


def _copies(rows: Sequence[Row]) -> list[Row]:
    real = [row for row in rows if row.topic == 1 and row.set_ not in {"written", "own"}]
    copies = [reading.without_names(row) for row in real[::COPIES]]
    return [copy for row, copy in zip(real[::COPIES], copies, strict=True) if copy.text != row.text]


def _in_disguise(rows: Sequence[Row], seed: int) -> list[Row]:
    """Return disguised copies of the posts on topic and of those that mislead."""
    chosen = [row for row in rows if row.topic == 1 or reading.is_hard(row)]
    return [
        reading.weighed(row, DISGUISED_WEIGHT * row.weight) for row in disguised(chosen, seed=seed)
    ]


def _checkworthy(shared: Path, mask: Callable[[str], str], seed: int) -> list[Row]:
    """Return posts judged for check-worthiness to learn from."""
    rows = [row for row in reading.read_checkworthy(shared) if not _is_kept_apart(row)]
    return [
        reading.masked(row, mask)
        for row in _some(rows, seed, lambda row: row.language, CHECKWORTHY, CHECKWORTHY_ELSEWHERE)
    ]


def _kept_worthy(shared: Path, mask: Callable[[str], str], seed: int) -> list[Row]:
    """Return posts judged for check-worthiness that training did not see."""
    rows = [row for row in reading.read_checkworthy(shared) if _is_kept_apart(row)]
    return [
        reading.masked(row, mask)
        for row in _some(
            rows, seed, lambda row: row.set_ + row.language, {}, CHECKWORTHY_KEPT_APART
        )
    ]


def _some(
    rows: Sequence[Row],
    seed: int,
    group: Callable[[Row], str],
    most: Mapping[str, int],
    most_elsewhere: int,
) -> list[Row]:
    """Return so many rows of each group, chosen by the hash of their ids."""
    ordered = sorted(rows, key=lambda row: hashlib.sha256(f"{seed} {row.row_id}".encode()).digest())
    taken: Counter[str] = Counter()
    chosen = []
    for row in ordered:
        if taken[group(row)] < most.get(group(row), most_elsewhere):
            taken[group(row)] += 1
            chosen.append(row)
    return chosen


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    typer.run(main)
