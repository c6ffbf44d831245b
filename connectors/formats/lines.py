"""One line of a file to what it holds: the format is found by the line's shape."""

from __future__ import annotations

import json
from typing import Any

import orjson

from connectors.bluesky_post import SOURCE_NAME as BLUESKY
from connectors.bluesky_post import BadPost, post_from_event
from connectors.formats import ours, tweets, tweets_v1
from connectors.formats.outcome import Bad, BadLine, Context, Json, Outcome, Skipped
from streams.schema import Fault

MAX_POST_BYTES = 1024 * 1024
"""The longest line that holds a single post."""
MAX_LINE_BYTES = 8 * 1024 * 1024
"""The longest line that is looked at: pages of 500 tweets take some megabytes."""

_BOM = b"\xef\xbb\xbf"


def parse_line(line: bytes, context: Context) -> list[Outcome]:
    """Return what a line that is not blank holds: at least one outcome. Never raises."""
    too_large = Bad(Fault.TOO_LARGE, f"a line of {len(line):,} bytes for one post")
    if len(line) > MAX_LINE_BYTES:
        return [too_large]
    try:
        value = decode(line)
        if len(line) > MAX_POST_BYTES and not isinstance(value.get("data"), list):
            return [too_large]
        return parse_value(value, context)
    except BadLine as bad:
        return [bad.bad]


def decode(line: bytes) -> dict[str, Any]:
    """Return the JSON object of a line.

    Half a surrogate pair, as cutting tools leave it behind, becomes U+FFFD.

    Raises:
        BadLine: it is none.
    """
    line = line.removeprefix(_BOM)
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        value = _decode_odd(line, error)
    if not isinstance(value, dict):
        raise BadLine(Fault.UNKNOWN_FORMAT, "the line is JSON, but no object")
    return value


def parse_value(value: Json, context: Context) -> list[Outcome]:  # noqa: PLR0911 - one a format
    """Return what a JSON object holds, whatever format it is of.

    Raises:
        BadLine: it is of no format, or not as its format should be.
    """
    if "post_id" in value:
        return [ours.parse_full(value, context)]
    if "raw" in value and "src" in value:
        return _captured(value, context)
    if "kind" in value and "did" in value:
        return [_jetstream(value, context)]
    if "data" in value:
        return tweets.parse_page(value, context)
    if "delete" in value:
        return [tweets_v1.parse_deletion(value, context)]
    if "id" in value or "id_str" in value:
        return [_single(value, context)]
    if "errors" in value or "meta" in value or tweets_v1.NOTICES.intersection(value):
        return [Skipped("notice")]
    if "text" in value or "full_text" in value:
        raise BadLine(Fault.INVALID, "id is missing")
    raise BadLine(Fault.UNKNOWN_FORMAT, "the line is of none of the known formats")


def _single(value: Json, context: Context) -> Outcome:
    if "id_str" in value or "full_text" in value:
        return tweets_v1.parse_tweet(value, context)
    if "edit_history_tweet_ids" in value or "__twarc" in value or "conversation_id" in value:
        return tweets.parse_tweet(value, context)
    return ours.parse_short(value, context)


def _captured(value: Json, context: Context) -> list[Outcome]:
    raw = value["raw"]
    if isinstance(raw, str):
        try:
            raw = decode(raw.encode())
        except UnicodeEncodeError:
            raise BadLine(Fault.NOT_UTF8, "raw holds half a surrogate pair") from None
    if not isinstance(raw, dict):
        raise BadLine(Fault.INVALID, "raw is neither a text nor an object")
    if "raw" in raw:
        raise BadLine(Fault.UNKNOWN_FORMAT, "a capture within a capture")
    return parse_value(raw, context)


def _jetstream(value: Json, context: Context) -> Outcome:
    post = post_from_event(value, received_at=context.received_at)
    if isinstance(post, BadPost):
        return Bad(post.fault, post.detail)
    return Skipped(f"{BLUESKY}-event") if post is None else post


def _decode_odd(line: bytes, error: orjson.JSONDecodeError) -> Any:
    try:
        text = line.decode()
    except UnicodeDecodeError as wrong:
        raise BadLine(Fault.NOT_UTF8, f"invalid UTF-8 at byte {wrong.start}") from None
    if "depth limit" in error.msg:
        raise BadLine(Fault.TOO_DEEP, "JSON nested more than 1024 deep") from None
    if "surrogate" in error.msg:
        try:
            return _mended(json.loads(text, parse_constant=_refuse_constant))
        except RecursionError:
            raise BadLine(Fault.TOO_DEEP, "JSON nested too deeply") from None
        except ValueError:
            pass
    raise BadLine(Fault.NOT_JSON, f"{error.msg} at character {error.pos}") from None


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(item) for name, item in value.items()}
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
