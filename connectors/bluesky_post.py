"""Jetstream events to posts: pure functions over one event of the v1 wire.

Only `app.bsky.feed.post` commits become posts. The text alone is looked at:
link cards, image descriptions and facets are not part of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from pydantic import ValidationError

from streams.schema import Fault, Op, Post
from streams.schema.post import MAX_FUTURE, MAX_TEXT_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE_NAME = "bluesky"
POST_COLLECTION = "app.bsky.feed.post"

_DID = r"did:[a-z]+:[A-Za-z0-9._:%-]{1,256}"
_RECORD_KEY = r"[A-Za-z0-9._:~-]{1,200}"
_IS_DID = re.compile(_DID)
_IS_RECORD_KEY = re.compile(_RECORD_KEY)
_IS_POST_URI = re.compile(rf"at://{_DID}/{re.escape(POST_COLLECTION)}/{_RECORD_KEY}")
# Thirteen sortable base-32 digits. Any other shape would not sort as text beside these.
_IS_REVISION = re.compile(r"[2-7a-j][2-7a-z]{12}")
_IS_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_OPERATIONS = frozenset(op.value for op in Op)
_MAX_LANGUAGES = 16
# Kafka's own timestamps cannot be older.
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


class BadPost(NamedTuple):
    """Why an event that should be a post is none; goes into a dead letter."""

    fault: Fault
    detail: str


class _NoPost(Exception):  # noqa: N818 - a way out of this module's functions, not an error
    def __init__(self, why: BadPost) -> None:
        self.why = why


def event_from_frame(frame: bytes) -> dict[str, Any] | BadPost:
    """Return the JSON object of one frame or captured line; never raises."""
    try:
        event = orjson.loads(frame)
    except orjson.JSONDecodeError as error:
        return _unreadable(frame, error)
    if not isinstance(event, dict):
        return BadPost(Fault.UNKNOWN_FORMAT, "the frame is JSON, but not an object")
    return event


def post_from_event(event: Mapping[str, Any], *, received_at: datetime) -> Post | BadPost | None:
    """Return the post of one event, why there is none, or None for what is no post.

    Creates, updates and deletes of a post have the same `post_id`; `version` is
    the repository's revision, which sorts as text. Dates are hints of the
    author's clock: one that cannot be believed is left out and the post is kept,
    so that nobody escapes a label by a wrong clock. Never raises on any event.

    Args:
        event: the decoded frame.
        received_at: when the connector got it, with a zone.
    """
    try:
        commit = _commit(event)
        if commit is None or commit.get("collection") != POST_COLLECTION:
            return None
        return _post_from_commit(event.get("did"), commit, received_at)
    except _NoPost as no:
        return no.why
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        detail = "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)
        return BadPost(Fault.INVALID, detail)


def time_us_of(event: Mapping[str, Any]) -> int | None:
    """Return the event's server time in microseconds of the Unix clock, if it has one."""
    value = event.get("time_us")
    # A bool is an int to Python; a cursor of 1 would rewind the stream to its beginning.
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    return None


def _commit(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the commit, None for another kind of event; raises _NoPost."""
    kind = event.get("kind")
    if not isinstance(kind, str):
        raise _NoPost(BadPost(Fault.UNKNOWN_FORMAT, "the event has no `kind`"))
    if kind != "commit":
        return None
    commit = event.get("commit")
    if not isinstance(commit, dict):
        raise _NoPost(BadPost(Fault.UNKNOWN_FORMAT, "a commit event without `commit`"))
    return commit


def _post_from_commit(did: Any, commit: dict[str, Any], received_at: datetime) -> Post:
    """Raises _NoPost."""
    author = _checked(_IS_DID, did, BadPost(Fault.NO_KEY, "`did` is missing or is no DID"))
    key = _checked(
        _IS_RECORD_KEY,
        commit.get("rkey"),
        BadPost(Fault.NO_KEY, "`rkey` is missing or is no record key"),
    )
    revision = _checked(
        _IS_REVISION,
        commit.get("rev"),
        BadPost(Fault.INVALID, "`rev` is missing or is no revision (TID)"),
    )
    operation = commit.get("operation")
    if not isinstance(operation, str) or operation not in _OPERATIONS:
        raise _NoPost(BadPost(Fault.UNKNOWN_FORMAT, "`operation` is no create, update or delete"))
    op = Op(operation)
    return Post(
        post_id=f"at://{author}/{POST_COLLECTION}/{key}",
        op=op,
        version=revision,
        source=SOURCE_NAME,
        author_id=author,
        url=f"https://bsky.app/profile/{author}/post/{key}",
        received_at=received_at,
        **({} if op is Op.DELETE else _said(commit.get("record"), received_at)),
    )


def _said(record: Any, received_at: datetime) -> dict[str, Any]:
    """Raises _NoPost."""
    if not isinstance(record, dict):
        raise _NoPost(BadPost(Fault.INVALID, "a create or update without `record`"))
    if record.get("$type", POST_COLLECTION) != POST_COLLECTION:
        raise _NoPost(BadPost(Fault.INVALID, "the record's `$type` is not that of a post"))
    text = record.get("text")
    if not isinstance(text, str):
        raise _NoPost(BadPost(Fault.INVALID, "the record has no `text`"))
    if len(text) > MAX_TEXT_CHARACTERS:
        detail = f"the text has {len(text):,} characters; {MAX_TEXT_CHARACTERS:,} are looked at"
        raise _NoPost(BadPost(Fault.TOO_LARGE, detail))
    return {
        "text": text.replace("\0", ""),
        "languages": _languages(record.get("langs")),
        "reply_to": _post_uri(_at(record, "reply", "parent", "uri")),
        "quote_of": _quoted(record.get("embed")),
        "created_at": _believable(record.get("createdAt"), received_at),
    }


def _languages(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    tags = (tag for tag in value if _matches(_IS_LANGUAGE, tag))
    return tuple(dict.fromkeys(tags))[:_MAX_LANGUAGES]


def _quoted(embed: Any) -> str | None:
    kind = _at(embed, "$type")
    if kind == "app.bsky.embed.record":
        return _post_uri(_at(embed, "record", "uri"))
    if kind == "app.bsky.embed.recordWithMedia":
        return _post_uri(_at(embed, "record", "record", "uri"))
    return None


def _post_uri(value: Any) -> str | None:
    """Return `value` if it can be a `post_id`: lists and feeds are quoted the same way."""
    return value if _matches(_IS_POST_URI, value) else None


def _believable(value: Any, received_at: datetime) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _OLDEST <= moment <= received_at + MAX_FUTURE else None


def _at(value: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _checked(pattern: re.Pattern[str], value: Any, otherwise: BadPost) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    raise _NoPost(otherwise)


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _unreadable(frame: bytes, error: orjson.JSONDecodeError) -> BadPost:
    try:
        frame.decode()
    except UnicodeDecodeError as wrong:
        return BadPost(Fault.NOT_UTF8, f"invalid UTF-8 at byte {wrong.start}")
    if "depth limit" in error.msg:
        return BadPost(Fault.TOO_DEEP, "JSON nested too deeply")
    return BadPost(Fault.NOT_JSON, f"{error.msg} at character {error.pos}")
