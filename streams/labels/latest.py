"""What is remembered of posts, state or none: that they were edited or deleted, for a while.

Some networks let the news of a deletion overtake the post itself. Without this
memory the late post would get a label that nothing ever takes back.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from streams.schema import Op

if TYPE_CHECKING:
    from streams.schema import Post

WINDOW_SECONDS: Final = 600
"""How long after an edit or deletion an older version may still arrive."""
MAX_POSTS: Final = 200_000
"""Bounds the memory of one partition: some 40 MB."""


class Latest:
    """The newest versions of recently edited and deleted posts of one partition."""

    def __init__(self, window_seconds: int = WINDOW_SECONDS, max_posts: int = MAX_POSTS) -> None:
        self._window_ms = window_seconds * 1000
        self._max_posts = max_posts
        self._posts: OrderedDict[str, tuple[str, bool, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._posts)

    def note(self, post: Post, time_ms: int) -> None:
        """Remember an edit or a deletion; creations overtake nothing.

        Args:
            post: any version of a post.
            time_ms: of its record; what lies the window before it is forgotten.
        """
        if post.op is Op.CREATE:
            return
        known = self._posts.get(post.post_id)
        version = (post.version, post.op is Op.DELETE)
        if known is None or known[:2] <= version:
            self._posts[post.post_id] = (*version, time_ms)
            self._posts.move_to_end(post.post_id)
        while self._posts and (
            len(self._posts) > self._max_posts
            or next(iter(self._posts.values()))[2] < time_ms - self._window_ms
        ):
            self._posts.popitem(last=False)

    def is_newer_than(self, post: Post) -> bool:
        """Return whether a newer version of the post came before this one."""
        known = self._posts.get(post.post_id)
        return known is not None and known[:2] > (post.version, post.op is Op.DELETE)
