"""Demonstration posts: one night of a timeline, written for this project.

`posts.ndjson.gz` is made by `python -m connectors.demo.generate` from the texts
beside it and kept in the package, so that a first run needs no network.
"""

from __future__ import annotations

from pathlib import Path


def demo_path() -> Path:
    """Return where the demonstration posts lie: gzipped NDJSON for `ReplaySource`."""
    return Path(__file__).with_name("posts.ndjson.gz")
