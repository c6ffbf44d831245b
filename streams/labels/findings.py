"""Findings: what the detector read in a post, kept to be seen anew when claims or policy change."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from streams.labels.decide import proposals
from streams.schema import Finding, stable_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Detection
    from streams.schema import ElectionPack, Label, Post, PostLabels

MAX_FINDINGS = 8
"""Of one post: more reasons than that carry no further label."""


def find(post: Post, detection: Detection, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Return every reason that the post gives for a label, whatever the policy says."""
    return tuple(
        Finding(
            kind=proposal.kind,
            jurisdiction=proposal.jurisdiction,
            claim_id=proposal.claim.claim_id if proposal.claim else None,
            election_id=proposal.election_id,
            types=proposal.types,
            stance=proposal.stance,
            # Six digits: enough to compare, and the same on every processor.
            score=round(proposal.score, 6),
            spans=proposal.spans,
        )
        for proposal in islice(proposals(post, detection, catalogue), MAX_FINDINGS)
    )


def label_id(post_id: str, finding: Finding) -> str:
    """Return the id of the label that a finding carries; several may carry the same one."""
    return stable_id(post_id, finding.kind, finding.claim_id or finding.jurisdiction)


def cited(state: PostLabels) -> set[str]:
    """Return the claims and the jurisdictions whose packs a post's labels may rest on."""
    return {one.claim_id or one.jurisdiction for one in state.findings or state.labels}


def of_label(label: Label, packs: Mapping[str, ElectionPack]) -> Finding:
    """Return the finding of a label that an older worker wrote without findings."""
    pack, note = packs.get(label.jurisdiction), label.authority
    elections = pack.elections if pack is not None and note is not None else ()
    return Finding(
        kind=label.kind,
        jurisdiction=label.jurisdiction,
        claim_id=label.claim_id,
        election_id=next(
            (
                one.election_id
                for one in elections
                if note is not None and one.certified_by == note.certified_by
            ),
            None,
        ),
        types=label.types,
        stance=label.stance,
        score=label.score,
        spans=label.spans,
    )
