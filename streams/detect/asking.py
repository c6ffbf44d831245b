"""What is asked of the detector: one post's text with what is known beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Query:
    """A text to look at."""

    text: str
    """As published; any Unicode."""
    languages: tuple[str, ...] = ()
    """BCP 47 tags that the author or the network gave; hints."""
    created_at: datetime | None = None
    """When it was published; claims out of their window do not match."""
