"""Posts for benchmarks: the demonstration posts over and over, at a natural rate.

Of random public posts about one in 700 holds an election word and fewer than one
in 1,700 makes a checkable claim about an election. Here every claim is a known
one, so that each of them is labelled.
"""

import gzip
import itertools
import json

from connectors.demo import demo_path
from streams.detect.detector import build_detector

TALK_EVERY = 700
CLAIM_EVERY = 2_000


def write_posts(path, count, packs, *, talk_every=TALK_EVERY, claim_every=CLAIM_EVERY):
    """Write `count` posts as NDJSON; return how many hold a known claim."""
    everyday, talk, claims = (itertools.cycle(posts) for posts in split(packs))
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            if number % claim_every == claim_every // 2:
                post = next(claims)
            else:
                post = next(everyday if number % talk_every else talk)
            line = {"id": f"bench-{number}", "text": post["text"], "lang": post.get("lang")}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return count // claim_every


def split(packs):
    """Return the demonstration posts that the gate drops, that pass, and with a known claim."""
    detector = build_detector(packs.catalogue())
    everyday, talk, claims = [], [], []
    with gzip.open(demo_path(), "rt", encoding="utf-8") as lines:
        for line in lines:
            post = json.loads(line)
            if post.get("op", "create") != "create":
                continue
            if not detector.gate([line.encode()]):
                everyday.append(post)
            elif detector.detect(post["text"]).matches:
                claims.append(post)
            else:
                talk.append(post)
    return everyday, talk, claims
