"""Tweets of the API's second form: single ones, stream lines, pages as twarc writes them.

The edits of a tweet are tweets with ids of their own. They become versions of
one post: its id is that of the first, its version the place in the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.formats.outcome import (
    Bad,
    BadLine,
    Context,
    Json,
    Outcome,
    Skipped,
    id_of,
    languages_of,
    make_post,
    moment_of,
    optional_id,
    text_of,
)
from streams.schema import Fault, Op, Post

if TYPE_CHECKING:
    from collections.abc import Mapping

DELETED_VERSION = "~"
"""Greater as text than every place in an edit history."""


def tweet_id(number: str) -> str:
    """Return the global post id of a tweet."""
    return f"x:{number}"


def tweet_url(number: str, username: str | None = None) -> str:
    """Return where people can see a tweet."""
    return f"https://x.com/{username or 'i'}/status/{number}"


def parse_page(value: Json, context: Context) -> list[Outcome]:
    """Return what a page or a stream line holds: one outcome a tweet."""
    data = value.get("data")
    users = _usernames(value.get("includes"))
    if isinstance(data, dict):
        return [_outcome(data, context, users)]
    if isinstance(data, list):
        return [_outcome(tweet, context, users) for tweet in data] or [Skipped("empty-page")]
    return [Skipped("notice")]


def parse_tweet(value: Json, context: Context) -> Post:
    """Return the post of one tweet, as in a flattened file.

    Raises:
        BadLine: why it is none.
    """
    author = value.get("author")
    username = author.get("username") if isinstance(author, dict) else None
    return _tweet(value, context, username if isinstance(username, str) else None)


def _outcome(tweet: Any, context: Context, users: Mapping[str, str]) -> Outcome:
    if not isinstance(tweet, dict):
        return Bad(Fault.INVALID, "a tweet is no JSON object")
    try:
        if isinstance(tweet.get("delete"), dict):
            return _deletion(tweet["delete"], context)
        return _tweet(tweet, context, users.get(str(tweet.get("author_id"))))
    except BadLine as line:
        return line.bad


def _tweet(tweet: Json, context: Context, username: str | None) -> Post:
    number = id_of(tweet, "id")
    history = tweet.get("edit_history_tweet_ids")
    if not (isinstance(history, list) and number in history and isinstance(history[0], str)):
        history = [number]
    place = history.index(number)
    # Texts over 280 characters stand in a field of their own.
    note = tweet.get("note_tweet")
    long_text = text_of(note, "text") if isinstance(note, dict) else ""
    return make_post(
        context,
        post_id=tweet_id(history[0]),
        op=Op.CREATE if place == 0 else Op.UPDATE,
        version=f"{place:04d}",
        text=long_text or text_of(tweet, "text"),
        created_at=moment_of(tweet, "created_at"),
        author_id=_prefixed(optional_id(tweet, "author_id")),
        languages=languages_of(tweet.get("lang")),
        reply_to=_referenced(tweet, "replied_to"),
        quote_of=_referenced(tweet, "quoted"),
        url=tweet_url(number, username),
    )


def _deletion(delete: Json, context: Context) -> Outcome:
    tweet = delete.get("tweet")
    if not isinstance(tweet, dict):
        return Skipped("compliance")
    return make_post(
        context,
        post_id=tweet_id(id_of(tweet, "id")),
        op=Op.DELETE,
        version=DELETED_VERSION,
        author_id=_prefixed(optional_id(tweet, "author_id")),
    )


def _referenced(tweet: Json, kind: str) -> str | None:
    references = tweet.get("referenced_tweets")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("type") == kind:
            return _prefixed(optional_id(reference, "id"))
    return None


def _prefixed(number: str | None) -> str | None:
    return None if number is None else tweet_id(number)


def _usernames(includes: Any) -> dict[str, str]:
    users = includes.get("users") if isinstance(includes, dict) else None
    return {
        str(user["id"]): user["username"]
        for user in (users if isinstance(users, list) else ())
        if isinstance(user, dict) and "id" in user and isinstance(user.get("username"), str)
    }
