"""A text without disguises: letters first, then what stands between them, then words."""

from __future__ import annotations

from streams.detect.disguises.letters import undo_letters
from streams.detect.disguises.spacing import undo_spacing
from streams.detect.disguises.tokens import read_tokens
from streams.detect.draft import Draft


def undisguise(text: str) -> str:
    """Return the text with the disguises of its letters undone, all else as published.

    Equal to the text when nothing is disguised. Pure and linear.
    """
    draft = Draft(text)
    undo(draft)
    return draft.text


def undo(draft: Draft) -> None:
    """Undo the disguises of a draft."""
    undo_letters(draft)
    undo_spacing(draft)
    read_tokens(draft)
