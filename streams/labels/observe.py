"""From a post and what it says to an observation for the fact-checkers' queue, or none."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from streams.detect.encoder import ENCODER
from streams.labels.decide import DEFAULT_THRESHOLDS
from streams.labels.rulebook import author_hash
from streams.schema import Observation, Op

if TYPE_CHECKING:
    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Detection
    from streams.schema import Post

_DIGITS = 6


def observe(post: Post, detection: Detection, catalogue: Catalogue) -> Observation | None:
    """Return what the queue must know of this version of the post, None when that is nothing.

    A claim that no known claim matches is observed, whatever its stance. A deleted
    post and an edit that makes no such claim are withdrawals: whether an earlier
    version was observed is not known here.
    """
    if is_new_claim(detection, catalogue) and post.op is not Op.DELETE and detection.vector:
        return Observation(
            post_id=post.post_id,
            post_version=post.version,
            post_source=post.source,
            received_at=post.received_at,
            url=post.url,
            created_at=post.created_at,
            author=author_hash(post.author_id),
            language=detection.language,
            jurisdictions=detection.jurisdictions,
            types=detection.types,
            stance=detection.stance,
            score=round(detection.claim.score, _DIGITS),
            checkworthy=round(detection.checkworthy, _DIGITS),
            spans=detection.spans,
            encoder=ENCODER,
            vector=base64.b64encode(detection.vector).decode(),
        )
    if post.op is Op.CREATE:
        return None
    return Observation(
        post_id=post.post_id,
        post_version=post.version,
        post_source=post.source,
        received_at=post.received_at,
        withdrawn=True,
    )


def is_new_claim(detection: Detection, catalogue: Catalogue) -> bool:
    """Return whether it is a claim, and none that is known."""
    return detection.claim.is_ and not any(
        match.score >= DEFAULT_THRESHOLDS.match and match.claim_id in catalogue.claims
        for match in detection.matches
    )
