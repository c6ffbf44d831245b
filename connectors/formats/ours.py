"""Our own forms of a post: the short NDJSON form and the full wire form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from connectors.formats.outcome import (
    BadLine,
    Context,
    Json,
    faults_of,
    id_of,
    languages_of,
    make_post,
    moment_of,
    optional_id,
    text_of,
)
from streams.schema import Fault, Op, Post

if TYPE_CHECKING:
    from typing import Any

_VERSION_DIGITS = 20
_FAR_AWAY = datetime(9000, 1, 1, tzinfo=UTC)


def parse_short(value: Json, context: Context) -> Post:
    """Return the post of `{"id", "text", "lang"?, "created_at"?, "op"?, "version"?, …}`.

    Raises:
        BadLine: why it is none.
    """
    op = _op(value.get("op"))
    return make_post(
        context,
        post_id=id_of(value, "id"),
        op=op,
        version=_version(value.get("version")),
        text="" if op is Op.DELETE else text_of(value, "text"),
        created_at=moment_of(value, "created_at"),
        author_id=optional_id(value, "author", "author_id"),
        languages=languages_of(value.get("lang"), value.get("languages")),
        reply_to=optional_id(value, "reply_to"),
        quote_of=optional_id(value, "quote_of"),
        url=text_of(value, "url") or None,
    )


def parse_full(value: Json, context: Context) -> Post:
    """Return a post in its wire form, received now.

    It came from a network, through us: posts of images only have no text.

    Raises:
        BadLine: why it is none.
    """
    if "\0" in text_of(value, "text"):
        raise BadLine(Fault.NUL_CHARACTER, "the text holds a NUL character")
    # The date is checked against now, in words of its own, by make_post.
    fields: dict[str, Any] = {**value, "received_at": _FAR_AWAY}
    try:
        post = Post.model_validate(fields)
    except ValidationError as error:
        raise BadLine(Fault.INVALID, faults_of(error)) from None
    return make_post(
        Context(context.received_at, context.version, post.source),
        may_be_empty=True,
        **{name: field for name, field in post if name not in {"source", "received_at"}},
    )


def _op(value: object) -> Op:
    if value is None:
        return Op.CREATE
    try:
        return Op(value)  # type: ignore[arg-type] # anything may stand there
    except ValueError:
        raise BadLine(Fault.INVALID, "op is none of create, update, delete") from None


def _version(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        # Versions sort as text: 10 must come after 9.
        return f"{value:0{_VERSION_DIGITS}d}"
    if isinstance(value, str) and value:
        return value
    raise BadLine(Fault.INVALID, "version is neither a text nor a whole number")
