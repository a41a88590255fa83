"""Logs: one JSON line an event, with a name from docs/logs.md and fields.

Rule 1: an event's name is a constant; what varies is a field.
Rule 2: no text of an SMS, no password, code or key is ever a field; numbers of people are masked.
Rule 3: whatever comes in from outside, a line of JSON stays one line, and a terminal gets nothing that it would obey.
Rule 4: libraries never get to the level at which they print parameters, statements, packets or paths.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO, cast

import structlog

# At DEBUG aiosqlite prints bound parameters, aiohttp whole requests, psycopg statements; SQLAlchemy prints statements
# and aiohttp's access log the paths of requests, with numbers of people in them, at INFO already.
CAPPED: Final = {
    "aiosqlite": logging.INFO,
    "aiohttp": logging.INFO,
    "aiohttp.access": logging.WARNING,
    "asyncio": logging.INFO,
    "psycopg": logging.INFO,
    "smpplib": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
}


class _Logger:
    """Looks up each level once, when it is first used after `configure`.

    structlog's own proxy does so at each call, which costs 1.5 microseconds even for a line that nobody wants to read.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, level: str) -> Any:
        write = getattr(structlog.get_logger(self._name).bind(), level)
        if structlog.is_configured():
            setattr(self, level, write)
        return write


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    return cast("structlog.stdlib.BoundLogger", _Logger(name))


def configure(level: str, stream: TextIO = sys.stderr, *, json_lines: bool = True) -> None:
    """Send every log line of the process to *stream*: JSON, or coloured lines for people at a terminal."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    last: Any = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Tracebacks are frames and messages only, here and on a terminal: locals may hold a password.
    told: list[Any] = [structlog.processors.format_exc_info, *([] if json_lines else [_harmless])]
    structlog.configure(
        processors=[*shared, *told, last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(threshold, stream, [*shared, *told], last)


def _harmless(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Show control characters as their numbers, on a terminal; a traceback keeps its lines."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = printable(value, but="\n" if key == "exception" else "")
    return event


def printable(text: str, but: str = "") -> str:
    """*text* for a terminal: what is no printable character as its number, except those of *but*."""
    return "".join(
        character if character.isprintable() or character in but else ascii(character)[1:-1] for character in text
    )


def _configure_libraries(threshold: int, stream: TextIO, shared: list[Any], last: Any) -> None:
    """Libraries log through the standard library; their lines get the same form."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name, least in CAPPED.items():
        logging.getLogger(name).setLevel(max(threshold, least))
