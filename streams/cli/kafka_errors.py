"""What a command says when Kafka does not answer: one line with the remedy, no traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from streams.up.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.settings import KafkaSettings

_WIDTH = 400


@contextmanager
def kafka_or_exit(settings: KafkaSettings, *, status: int = 1) -> Iterator[None]:
    """End the command with a line and this status when Kafka fails inside."""
    from kafka.errors import KafkaError  # noqa: PLC0415 - a second to import

    from streams.packs.claims_topic import describe  # noqa: PLC0415 - imports it too

    try:
        yield
    except (KafkaError, OSError, ValueError) as error:
        typer.echo(printable(describe(error, settings), _WIDTH), err=True)
        raise typer.Exit(status) from None
