"""How surprising the newest hour of a candidate is: people, not posts, by ten minutes.

The figure is the Poisson surprise of Legéndy and Salcman ("Bursts and
recurrences of bursts in the spike trains of spontaneously active striate
cortex neurons", J. Neurophysiol. 53, 1985): minus the logarithm of the chance
that so many or more would come in the hour if they came as they did in the day
before. One account that repeats itself is one person and makes no burst.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

BUCKET_SECONDS: Final = 600
HOUR_BUCKETS: Final = 6
DAY_BUCKETS: Final = 144
EXPECTED_AT_LEAST: Final = 0.5
"""People an hour that are expected of a claim without a past: two at once are no burst."""
MOST_SURPRISE: Final = 300.0
_SMALL: Final = 1e-12


def bucket(at: float) -> int:
    """Return the ten minutes that a moment (seconds since the epoch) falls into."""
    return int(at // BUCKET_SECONDS)


def last_day(rhythm: Mapping[int, int], now: int) -> dict[int, int]:
    """Return the buckets that still count at bucket `now`, ascending."""
    return {at: rhythm[at] for at in sorted(rhythm) if now - DAY_BUCKETS < at}


def burst(rhythm: Mapping[int, int], now: int) -> float:
    """Return the surprise of the hour that ends with bucket `now`; 0 when it is none.

    Args:
        rhythm: new people by bucket.
        now: the newest bucket that counts.
    """
    came = sum(people for at, people in rhythm.items() if now - HOUR_BUCKETS < at <= now)
    before = sum(
        people for at, people in rhythm.items() if now - DAY_BUCKETS < at <= now - HOUR_BUCKETS
    )
    hours = (DAY_BUCKETS - HOUR_BUCKETS) / HOUR_BUCKETS
    return round(surprise(came, EXPECTED_AT_LEAST + before / hours), 3)


def surprise(came: int, expected: float) -> float:
    """Return -log10 of the chance that a Poisson count is `came` or more; 0 up to `expected`."""
    if came <= expected:
        return 0.0
    # The first term by logarithms: it may be far below the smallest float.
    first = -expected + came * math.log(expected) - math.lgamma(came + 1)
    tail, term, at = 1.0, 1.0, came
    while term > _SMALL * tail:
        at += 1
        term *= expected / at
        tail += term
    return min(max(-(first + math.log(tail)) / math.log(10), 0.0), MOST_SURPRISE)
