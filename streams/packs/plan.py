"""What publishing a folder would do: pure, from what the files say and what is published."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from streams.schema import Claim, ClaimStatus, ElectionPack

if TYPE_CHECKING:
    from streams.packs.claims_topic import Published
    from streams.packs.folder import PackFolder


class PublishAction(StrEnum):
    """What becomes of one pack or claim."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    HELD = "held"
    """Withdrawn, corrected or expired on the topic: the files do not bring it back silently."""
    NOT_IN_FILES = "not-in-files"
    """Still published; leaving a file withdraws nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One pack or claim and what becomes of it."""

    action: PublishAction
    key: str
    record: ElectionPack | Claim
    """As it is on the topic afterwards."""
    note: str = ""
    """What a person should know about it."""

    @property
    def writes(self) -> bool:
        """Whether a record is written."""
        return self.action in (PublishAction.NEW, PublishAction.CHANGED)


def plan(folder: PackFolder, published: Published) -> tuple[Step, ...]:
    """Return one step for every pack and claim, of the files or of the topic, by key.

    A changed record always gets a higher version than the published one, so
    that labels can name the version that they rested on.
    """
    files: dict[str, ElectionPack | Claim] = {pack.key: pack for pack in folder.packs}
    files |= {claim.claim_id: claim for claim in folder.claims}
    steps = [_step(key, ours, published) for key, ours in files.items()]
    steps += [
        Step(
            PublishAction.NOT_IN_FILES,
            key,
            record,
            "still published, not in the files; use `hustings claims withdraw`",
        )
        for key, record in published.records.items()
        if key not in files
        and not (isinstance(record, Claim) and record.status is ClaimStatus.WITHDRAWN)
    ]
    return tuple(sorted(steps, key=lambda step: step.key))


def _step(key: str, ours: ElectionPack | Claim, published: Published) -> Step:
    theirs = published.records.get(key)
    if theirs is None:
        note = "replaces a record that could not be read" if key in published.unreadable else ""
        return Step(PublishAction.NEW, key, ours, note)
    raised = ours.version > theirs.version
    if isinstance(theirs, Claim) and theirs.status is not ClaimStatus.ACTIVE and not raised:
        if _content(ours) == _content(theirs):
            return Step(PublishAction.UNCHANGED, key, theirs)
        note = (
            f"{theirs.status.value} as version {theirs.version}; "
            f"a version above {theirs.version} in the file publishes it again"
        )
        return Step(PublishAction.HELD, key, theirs, note)
    if raised:
        return Step(PublishAction.CHANGED, key, ours)
    if _content(ours) == _content(theirs):
        return Step(PublishAction.UNCHANGED, key, theirs)
    version = theirs.version + 1
    note = f"version raised to {version}; the file says {ours.version}"
    return Step(PublishAction.CHANGED, key, ours.model_copy(update={"version": version}), note)


def _content(record: ElectionPack | Claim) -> dict[str, object]:
    # Why a version came is no content: files have no reason, a revised claim on the topic has one.
    return record.model_dump(exclude={"version", "reason"})
