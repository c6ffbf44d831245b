"""Structured logs: event names with fields, on standard error, never a post's text at info."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from streams.settings import LogSettings

MAX_FIELD_CHARACTERS = 1_000
"""Longer values are cut: one hostile record must not fill the disk with logs."""


def _bounded(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for name, value in event.items():
        if isinstance(value, str) and len(value) > MAX_FIELD_CHARACTERS and name != "exception":
            event[name] = value[:MAX_FIELD_CHARACTERS] + "…"
    return event


def configure_logs(settings: LogSettings, **fields: str) -> None:
    """Send structlog and standard logging to standard error in one form.

    Args:
        settings: level and form.
        fields: bound to every line, for example `worker="label-0"`.
    """
    as_console = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _bounded,
    ]
    renderer: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if as_console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(**fields)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    # Client libraries talk at info about every metadata refresh: their warnings are what matters.
    for noisy in ("kafka", "aiokafka", "faust", "mode", "websockets", "asyncio", "bm25s"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
