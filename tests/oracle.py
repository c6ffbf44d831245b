"""An oracle of its own: a file of posts in, the labels that must stand in the end out.

Shares the pure detector and `decide` with the product, and nothing else: no
Faust, no Kafka, no chunks, no state machine. The last version of a post decides.
"""

import json

from streams.detect.asking import Query
from streams.detect.detection import NOTHING
from streams.detect.detector import build_detector
from streams.labels.decide import decide
from streams.schema import Post


def expected_labels(path, packs):
    """Return post_id → (kind, claim id or jurisdiction) of the posts that keep a label."""
    detector = build_detector(packs.catalogue())

    def detect(post):
        # As the workers of the rig are set: stage one and the rules alone.
        query = Query(post.text, post.languages, post.created_at)
        return detector.detect_all([query], has_time=lambda: False)[0]

    newest = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            post = json.loads(line)
            newest[str(post["id"])] = post
    labels = {}
    for post_id, raw in newest.items():
        post = Post(
            post_id=post_id,
            op=raw.get("op", "create"),
            version="1",
            source="oracle",
            text=raw.get("text", ""),
            languages=(raw["lang"],) if raw.get("lang") else (),
            created_at=raw["created_at"],
            received_at="2100-01-01T00:00:00Z",
        )
        detection = NOTHING if post.op == "delete" else detect(post)
        proposal = decide(post, detection, detector.catalogue)
        if proposal is not None:
            about = proposal.claim.claim_id if proposal.claim else proposal.jurisdiction
            labels[post_id] = (proposal.kind.value, about)
    return labels


def standing_labels(labels):
    """Return what was folded from Kafka in the oracle's words."""
    return {
        post_id: (label.kind.value, label.claim_id or label.jurisdiction)
        for post_id, by_id in labels.items()
        for label in by_id.values()
    }
