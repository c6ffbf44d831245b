"""What the second stage tells of a text, in the order of its outputs."""

from __future__ import annotations

STANCES = ("asserts", "denies", "asks", "reports", "satire")
TYPES = (
    "dates",
    "procedure",
    "eligibility",
    "mail",
    "counting",
    "fraud",
    "candidate",
    "intimidation",
    "officials",
)
HEADS = {"claim": 1, "topic": 1, "checkworthy": 1, "stance": len(STANCES), "types": len(TYPES)}
"""Logits of each head, in this order."""
