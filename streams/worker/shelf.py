"""The label states of one partition in little memory, found by what they cite.

A state as a value takes ten kilobytes and makes the garbage collector walk over
all of them; packed it takes half a kilobyte that no collector looks at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import zstandard

from streams.labels.findings import cited
from streams.schema import PostLabels

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_FREQUENT = (
    b'"sources":[{"publisher":"title":"url":"https://www.stance":"official","language":"en",'
    b'"published":"20"disputes""context""supports"}],"authority":{"name":{"url":"certified_by":"'
    b'"mode":"live","carried_by":["detector"],"review_id":"expires_at":"post_version":"event_id":"'
    b'"deleted":false,"author":"language":"en","findings":[{"kind":"disputed-claim",'
    b'"voting-information""result-not-final""jurisdiction":"claim_id":"election_id":"types":['
    b'"procedure""dates""mail""counting""fraud""candidate""eligibility""stance":"asserts",'
    b'"score":0.,"spans":[{"start":0,"end":"dropped":false}],"rulings":[],"policy":"'
    b'"post_created_at":"2026-T:Z","post_received_at":"2026-"labels":[{"label_id":"claim_version":1,'
    b'"topic":{"en":"{"post_id":"at://did:plc:/app.bsky.feed.post/","post_version":"post_source":"'
)
"""What stands in nearly every state: halves what a short text packs to."""
_DICTIONARY = zstandard.ZstdCompressionDict(_FREQUENT, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


class LabelShelf(Mapping[str, PostLabels]):
    """post_id → current labels, of every post of one partition that ever had a finding."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._citing: defaultdict[str, set[str]] = defaultdict(set)
        self._packer = zstandard.ZstdCompressor(level=3, dict_data=_DICTIONARY)
        self._unpacker = zstandard.ZstdDecompressor(dict_data=_DICTIONARY)

    def __getitem__(self, post_id: str) -> PostLabels:
        return PostLabels.from_json(self._unpacker.decompress(self._packed[post_id]))

    def __contains__(self, post_id: object) -> bool:
        return post_id in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def put(self, state: PostLabels) -> None:
        """Keep a post's newest state."""
        for name in cited(state):
            self._citing[name].add(state.post_id)
        self._packed[state.post_id] = self._packer.compress(state.to_json())

    def drop(self, post_id: str) -> None:
        """Forget a post."""
        self._packed.pop(post_id, None)

    def citing(self, names: Collection[str]) -> list[str]:
        """Return the posts that cite a claim or a pack, and some that did once."""
        posts: set[str] = set().union(*(self._citing.get(name, ()) for name in names))
        return sorted(post_id for post_id in posts if post_id in self._packed)
