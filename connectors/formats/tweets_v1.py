"""Tweets of the API's first form, as the Internet Archive's collections keep them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.formats.outcome import (
    BadLine,
    Context,
    Json,
    id_of,
    languages_of,
    make_post,
    optional_id,
    text_of,
)
from connectors.formats.tweets import DELETED_VERSION, tweet_id, tweet_url
from streams.schema import Fault, Op, Post

NOTICES = frozenset(
    {
        "limit",
        "scrub_geo",
        "status_withheld",
        "user_withheld",
        "warning",
        "disconnect",
        "friends",
        "event",
    }
)
"""First keys of stream lines that are no tweets."""

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


def parse_tweet(value: Json, context: Context) -> Post:
    """Return the post of one tweet, with its full text.

    Raises:
        BadLine: why it is none.
    """
    number = id_of(value, "id_str", "id")
    user = value.get("user")
    user = user if isinstance(user, dict) else {}
    author = optional_id(user, "id_str", "id")
    username = user.get("screen_name")
    return make_post(
        context,
        post_id=tweet_id(number),
        text=_full_text(value),
        created_at=_created_at(value),
        author_id=None if author is None else tweet_id(author),
        languages=languages_of(value.get("lang")),
        reply_to=_other(value, "in_reply_to_status_id_str", "in_reply_to_status_id"),
        quote_of=_other(value, "quoted_status_id_str", "quoted_status_id"),
        url=tweet_url(number, username if isinstance(username, str) else None),
    )


def parse_deletion(value: Json, context: Context) -> Post:
    """Return the delete of `{"delete": {"status": {"id_str": …}}}`.

    Raises:
        BadLine: why it is none.
    """
    delete = value.get("delete")
    status = delete.get("status") if isinstance(delete, dict) else None
    if not isinstance(status, dict):
        raise BadLine(Fault.INVALID, "delete holds no status")
    author = optional_id(status, "user_id_str", "user_id")
    return make_post(
        context,
        post_id=tweet_id(id_of(status, "id_str", "id")),
        op=Op.DELETE,
        version=DELETED_VERSION,
        author_id=None if author is None else tweet_id(author),
    )


def _full_text(value: Json) -> str:
    extended = value.get("extended_tweet")
    if isinstance(extended, dict) and extended.get("full_text"):
        return text_of(extended, "full_text")
    text = text_of(value, "full_text", "text")
    repeated = value.get("retweeted_status")
    # A retweet's own text is cut off; its beginning, up to the colon, names the author.
    if isinstance(repeated, dict) and text.startswith("RT @") and ": " in text:
        return text[: text.index(": ") + 2] + _full_text({**repeated, "retweeted_status": None})
    return text


def _created_at(value: Json) -> datetime | None:
    """Read `Tue Nov 28 07:52:00 +0000 2017`; strptime would depend on the locale."""
    found: Any = value.get("created_at")
    if found is None:
        return None
    try:
        _day, month, day, clock, zone, year = found.split(" ")
        hour, minute, second = clock.split(":")
        if zone == "+0000":
            return datetime(
                int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC
            )
    except (ValueError, KeyError, AttributeError, OverflowError):
        pass
    raise BadLine(Fault.INVALID, "created_at is no date such as Tue Nov 28 07:52:00 +0000 2017")


def _other(value: Json, *names: str) -> str | None:
    number = optional_id(value, *names)
    return None if number is None else tweet_id(number)
