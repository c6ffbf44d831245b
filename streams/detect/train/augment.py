"""Copies of labelled posts in disguise, as the detector would read them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from streams.detect.attacks import ATTACKS, election_words
from streams.detect.model.text import clean
from streams.detect.normalise import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.detect.train.rows import Row


def disguised(rows: Iterable[Row], *, seed: int) -> Iterator[Row]:
    """Yield a copy of each row whose election words one attack changed, where any did.

    The attack is chosen by the row's id and the seed. What the normaliser
    cannot undo is what the copy differs by: a model that never saw a claim with
    a broken word takes it for noise.
    """
    names = sorted(ATTACKS)
    for row in rows:
        words = election_words(row.text)
        if not words:
            continue
        digest = hashlib.sha256(f"{seed} {row.row_id}".encode()).digest()
        chance = Random(digest)  # noqa: S311 - repeatable, not secret
        text = clean(readable(ATTACKS[chance.choice(names)](row.text, words, chance)))
        if text != row.text:
            yield replace(row, row_id=f"{row.row_id}~", text=text)
