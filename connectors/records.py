"""From posts, dead letters and cursors to Kafka records: keys, values, headers, timestamps.

Headers of posts are put together by hand from constant parts: they are made
once a post, and `cloudevent_headers` formats what never changes again each
time. A test holds both to the same result.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from streams.schema import Cursor, DeadLetter, Headers, Post, cloudevent_headers, stable_id

_EPOCH = datetime.fromtimestamp(0, UTC)


class Outgoing(NamedTuple):
    """A Kafka record without its topic."""

    key: bytes
    value: bytes
    headers: Headers
    timestamp_ms: int


class Encoder:
    """Encodes what one source sends."""

    def __init__(self, source_name: str) -> None:
        self._source = f"/connectors/{source_name}"
        self._constant = {
            name: (name, value)
            for name, value in cloudevent_headers(
                Post, event_id="", source=self._source, time=_EPOCH
            )
        }
        self._received_at: datetime = _EPOCH
        self._time = self._constant["ce_time"]
        self._timestamp_ms = 0

    def post(self, post: Post) -> Outgoing:
        """Return the record of a post.

        Its Kafka timestamp is the time of receipt: with the author's time the
        retention of `posts` would delete old posts as soon as they are replayed.
        """
        constant = self._constant
        if post.received_at is not self._received_at:
            self._received_at = post.received_at
            self._timestamp_ms = int(post.received_at.timestamp() * 1000)
            self._time = ("ce_time", _rfc3339(post.received_at))
        return Outgoing(
            post.post_id.encode(),
            post.to_json(),
            [
                constant["ce_specversion"],
                ("ce_id", stable_id(post.post_id, post.version, post.op.value).encode()),
                constant["ce_type"],
                constant["ce_source"],
                self._time,
                constant["ce_dataschema"],
                constant["content-type"],
            ],
            self._timestamp_ms,
        )

    def dead_letter(self, letter: DeadLetter) -> Outgoing:
        """Return the record of a dead letter."""
        headers = cloudevent_headers(
            DeadLetter,
            event_id=letter.dead_letter_id,
            source=self._source,
            time=letter.happened_at,
        )
        return Outgoing(
            letter.dead_letter_id.encode(),
            letter.to_json(),
            headers,
            int(letter.happened_at.timestamp() * 1000),
        )

    def cursor(self, cursor: Cursor) -> Outgoing:
        """Return the record of a cursor."""
        time = cursor.updated_at
        counts = f"{cursor.posts}/{cursor.dead_letters}/{cursor.finished}"
        event_id = stable_id(cursor.connector_id, counts, time.isoformat())
        headers = cloudevent_headers(Cursor, event_id=event_id, source=self._source, time=time)
        return Outgoing(
            cursor.connector_id.encode(), cursor.to_json(), headers, int(time.timestamp() * 1000)
        )


def _rfc3339(time: datetime) -> bytes:
    return time.isoformat().replace("+00:00", "Z").encode()
