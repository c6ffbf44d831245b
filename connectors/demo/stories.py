"""Posts that were placed by hand: every version of them, and what must come of each."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.demo.texts import read_yaml

PLAIN = "plain"
"""Expected of a version that makes no claim."""
UNDISPUTED = "undisputed"
"""Expected of a claim that its author denies, asks, reports or jokes about."""


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a story's post."""

    text: str
    expect: str


@dataclass(frozen=True, slots=True)
class Story:
    """A post, its later versions, and whether it is deleted at last."""

    name: str
    language: str
    versions: tuple[Version, ...]
    deleted: bool

    @property
    def is_claim(self) -> bool:
        """Whether any version makes a claim."""
        return any(version.expect != PLAIN for version in self.versions)


def load_stories() -> tuple[Story, ...]:
    """Return the stories in the order in which they appear."""
    return tuple(
        Story(
            name=story["name"],
            language=story["lang"],
            versions=tuple(Version(**version) for version in story["versions"]),
            deleted=story.get("deleted", False),
        )
        for story in read_yaml("stories.yaml")
    )
