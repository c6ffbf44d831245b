"""Post labels and reviews on their topics: read, and one review written."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.partitioner import murmur2
from pydantic import ValidationError

from streams.kafka_client import client_config
from streams.kafka_log import READ_SECONDS, OpenTransactionError, read_whole
from streams.reviews.errors import ReviewError
from streams.schema import PostLabels, Review, WireModel, cloudevent_headers
from streams.topics import LABELS, REVIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kafka import KafkaConsumer

    from streams.settings import KafkaSettings
    from streams.topics import TopicSpec

Model = TypeVar("Model", bound=WireModel)

EVENT_SOURCE: Final = "/reviews"
_SEND_SECONDS: Final = 30


def read_post(settings: KafkaSettings, post_id: str) -> PostLabels:
    """Return the labels of a post as they are now.

    Raises:
        ReviewError: it never had one, or Kafka failed.
    """
    key = post_id.encode()
    newest: bytes | None = None
    for record in _records(settings, LABELS, key):
        if record.key == key:
            newest = record.value
    if newest is None:
        raise ReviewError(f"no label speaks about {post_id!r}; nothing was written")
    return PostLabels.from_json(newest)


def read_posts(settings: KafkaSettings) -> list[PostLabels]:
    """Return the labels of all posts that have had one, by id; what cannot be read is left out.

    Raises:
        ReviewError: Kafka failed.
    """
    newest = {record.key: record.value for record in _records(settings, LABELS)}
    return [
        state
        for _key, value in sorted(newest.items())
        if value is not None and (state := _parsed(PostLabels, value)) is not None
    ]


def read_reviews(settings: KafkaSettings) -> list[Review]:
    """Return all reviews, oldest first; what cannot be read is left out.

    Raises:
        ReviewError: Kafka failed.
    """
    reviews = {
        review.review_id: review
        for record in _records(settings, REVIEWS)
        if (review := _parsed(Review, record.value or b"")) is not None
    }
    return sorted(reviews.values(), key=lambda one: (one.made_at, one.review_id))


def write_review(settings: KafkaSettings, review: Review) -> None:
    """Write a review and wait until Kafka has it.

    Raises:
        ReviewError: it may not have been written; writing it again changes nothing.
    """
    with _failures(settings):
        producer = KafkaProducer(
            **client_config(settings),
            client_id="hustings-review",
            acks="all",
            enable_idempotence=True,
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=10_000,
            max_block_ms=15_000,
        )
        try:
            producer.send(
                settings.topic(REVIEWS),
                key=review.post_id.encode(),
                value=review.to_json(),
                headers=cloudevent_headers(
                    Review, event_id=review.review_id, source=EVENT_SOURCE, time=review.made_at
                ),
            ).get(_SEND_SECONDS)
        finally:
            producer.close()


def _parsed(model: type[Model], value: bytes) -> Model | None:
    try:
        return model.from_json(value)
    except ValidationError:
        return None


def _records(settings: KafkaSettings, spec: TopicSpec, key: bytes | None = None) -> Iterator[Any]:
    """Yield the records of a topic, or of the partition of a key."""

    def partitions(reader: KafkaConsumer) -> Sequence[TopicPartition]:
        topic = settings.topic(spec)
        numbers = sorted(reader.partitions_for_topic(topic) or ())
        if not numbers:
            raise ReviewError(f"there is no topic {topic}: run `hustings topics apply`")
        if key is not None:
            numbers = [numbers[(murmur2(key) & 0x7FFFFFFF) % len(numbers)]]
        return [TopicPartition(topic, number) for number in numbers]

    with _failures(settings):
        yield from read_whole(settings, partitions, deadline=time.monotonic() + READ_SECONDS)


@contextmanager
def _failures(settings: KafkaSettings) -> Iterator[None]:
    try:
        yield
    except OpenTransactionError as error:
        raise ReviewError(
            "a transaction stays open and hides the end of a topic; Kafka ends it within minutes: "
            "try again then"
        ) from error
    except (KafkaError, OSError) as error:
        raise ReviewError(
            f"Kafka at {settings.bootstrap_servers}: {type(error).__name__}: {error}; is it "
            "running (`hustings kafka start`), and HUSTINGS_KAFKA__BOOTSTRAP_SERVERS right?"
        ) from error
