"""Posts, dead letters and cursor into Kafka, all or nothing.

The settings are not taste: kafka-python 3.0 with its defaults goes silent for
ever after an outage of two minutes, takes any amount of memory, and without
the C checksum is four times slower.
"""

from __future__ import annotations

import importlib.util
import time
from typing import TYPE_CHECKING, Any

import structlog
from kafka import KafkaProducer
from kafka.errors import (
    AuthorizationError,
    InvalidProducerEpochError,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFencedError,
    RetriableError,
    SaslAuthenticationFailedError,
)

from connectors.errors import Fatal, Fenced, Unavailable
from connectors.records import Encoder
from streams.kafka_client import client_config, hold_requests, let_go, transactional_config
from streams.topics import CURSORS, DEAD_LETTERS, POSTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.records import Outgoing
    from connectors.source import Batch
    from streams.schema import Cursor
    from streams.settings import Settings

_LOG = structlog.stdlib.get_logger(__name__)

TRANSACTION_TIMEOUT_SECONDS = 60.0
"""After this Kafka ends an open transaction itself, so that a dead connector
does not hide other connectors' posts from the workers for longer."""


class TransactionalProducer:
    """Writes batches of one connector; a newer one with the same id shuts it out.

    After any error but `Fenced` it is of no more use: close it, make a new one,
    read the cursor again.
    """

    def __init__(
        self,
        settings: Settings,
        connector_id: str,
        source_name: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect.

        Raises:
            Unavailable: no broker answers.
            Fatal: Kafka refuses us, or a package is missing.
        """
        if importlib.util.find_spec("crc32c") is None:
            raise Fatal(
                "the package crc32c is missing: without it every post takes four times as long; "
                "install it (pip install crc32c)"
            )
        kafka = settings.kafka
        self._posts = kafka.topic(POSTS)
        self._dead_letters = kafka.topic(DEAD_LETTERS)
        self._cursors = kafka.topic(CURSORS)
        self._connector_id = connector_id
        self._encoder = Encoder(source_name)
        self._monotonic = monotonic
        self._began = 0.0
        try:
            self._producer = KafkaProducer(
                **client_config(settings.kafka),
                **producer_config(kafka.topic_prefix, connector_id),
            )
            hold_requests(self._producer)
        except RetriableError as error:
            raise Unavailable(
                f"no Kafka broker answers at {kafka.bootstrap_servers}: is it running? ({error})"
            ) from error
        except KafkaError as error:
            raise self._translated(error) from error
        except (OSError, ValueError) as error:
            raise Fatal(f"the Kafka settings are not right: {error}") from error

    def init(self) -> None:
        """Shut out the predecessor and end what it left open; call before reading the cursor.

        Raises:
            Unavailable: Kafka did not answer.
            Fatal: Kafka refuses this connector.
        """
        try:
            self._producer.init_transactions()
        except KafkaError as error:
            raise self._translated(error) from error

    def write(self, batch: Batch, cursor: Cursor) -> int:
        """Commit a batch and its cursor together; return the bytes of their values.

        Blocks for as long as Kafka is away: the caller watches the time.

        Raises:
            Fenced: a newer process has taken over; nothing of this batch is seen.
            Unavailable: nothing of this batch is seen, or (rarely) all of it: the
                cursor read after the next `init` tells.
            Fatal: Kafka refuses these records for good.
        """
        self._began = self._monotonic()
        producer, encoder = self._producer, self._encoder
        sent = 0
        try:
            producer.begin_transaction()
            futures = []
            for post in batch.posts:
                record = encoder.post(post)
                sent += len(record.value)
                futures.append(self._send(self._posts, record))
            for letter in batch.dead_letters:
                record = encoder.dead_letter(letter)
                sent += len(record.value)
                futures.append(self._send(self._dead_letters, record))
            record = encoder.cursor(cursor)
            futures.append(self._send(self._cursors, record))
            # A producer epoch bumped in mid-transaction loses what was in flight without failing
            # the commit: so every record is known to be written before the commit is asked for.
            producer.flush()
            for future in futures:
                if future.failed():
                    raise future.exception
            producer.commit_transaction()
        except KafkaError as error:
            raise self._translated(error) from error
        return sent + len(record.value)

    def close(self, *, timeout_seconds: float = 5.0) -> None:
        """Let go of the connections; an open transaction is aborted by the next `init`."""
        try:
            let_go(self._producer, seconds=timeout_seconds)
        except KafkaError as error:
            _LOG.debug("producer.close_failed", error=str(error))

    def _send(self, topic: str, record: Outgoing) -> Any:
        return self._producer.send(
            topic,
            value=record.value,
            key=record.key,
            headers=record.headers,
            timestamp_ms=record.timestamp_ms,
        )

    def _translated(self, error: KafkaError) -> Fatal | Fenced | Unavailable:
        errors = {type(error)} | {type(part) for part in error.args}
        if errors & {ProducerFencedError, InvalidProducerEpochError}:
            if self._began and self._monotonic() - self._began > TRANSACTION_TIMEOUT_SECONDS:
                # Kafka ends old transactions in the same words.
                return Unavailable("Kafka ended a transaction that had lasted too long")
            return Fenced(
                f"another process runs the connector {self._connector_id} and has taken over; "
                "give each its own --connector-id"
            )
        refused = (AuthorizationError, SaslAuthenticationFailedError, MessageSizeTooLargeError)
        if any(issubclass(kind, refused) for kind in errors):
            return Fatal(f"Kafka refuses the connector {self._connector_id}: {error}")
        return Unavailable(f"{type(error).__name__}: {error}")


def producer_config(topic_prefix: str, connector_id: str) -> dict[str, Any]:
    """Return what a connector's producer needs besides the addresses."""
    return transactional_config(
        f"hustings-connector-{connector_id}",
        f"{topic_prefix}connector-{connector_id}",
        seconds=TRANSACTION_TIMEOUT_SECONDS,
    ) | {
        # Nothing interrupts the wait for a first broker: not longer than people wait for Ctrl-C.
        "bootstrap_timeout_ms": 5_000,
    }
