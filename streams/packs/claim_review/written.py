"""Imported claims as files for people to review."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from streams.packs.claim_review.merge import Draft
    from streams.schema import Claim

_HEAD: Final = """\
# Imported from ClaimReview. Read each claim before it is published: topics are the claims
# themselves in quotes; a short noun phrase reads better. Put the file beside the packs and
# run `hustings claims check FOLDER`.
"""
_DRAFTS: Final = """\
# Imported from ClaimReview; each lacks what is said above it and is not published.
"""


def drafts_beside(path: Path) -> Path:
    """Return where the drafts of a file of claims are written."""
    return path.with_name(f"{path.stem}.drafts{path.suffix or '.yaml'}")


def write_claims(path: Path, claims: Iterable[Claim]) -> None:
    """Write claims that hold; whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    shown = [
        claim.model_dump(mode="json", exclude={"version", "status"}, exclude_none=True)
        for claim in claims
    ]
    _write(path, _HEAD + _yaml({"claims": shown}))


def write_drafts(path: Path, drafts: Iterable[Draft]) -> None:
    """Write drafts, each under a comment with what it lacks; whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    parts = [_DRAFTS, "claims:\n"]
    for draft in drafts:
        parts += [f"# lacks: {_line(lack)}\n" for lack in draft.lacks]
        parts.append(_yaml([draft.fields]))
    _write(path, "".join(parts))


def _line(text: str) -> str:
    # A line break would end the comment and put a source's words into the file as YAML.
    return "".join(char if char.isprintable() else " " for char in text)


def _yaml(value: object) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100)
    return text


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
