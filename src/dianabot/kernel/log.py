"""One line for each thing that happened: readable in a terminal, JSON elsewhere, on stderr.

Every line carries what is bound to the context (the correlation id above all), and no line shows a secret: what the
settings know as secret, anything shaped like a bot token or a password in an address, and the values of fields that
are named like secrets. The line is cleaned as it leaves, so that tracebacks and other libraries' messages are covered.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final, Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import Processor

Format = Literal["auto", "json", "console"]
Event = MutableMapping[str, Any]

_HIDDEN: Final = "***"
_SHORTEST_SECRET: Final = 6  # anything shorter would blacken innocent words
_SECRET_NAME: Final = re.compile(r"password|passwd|token|secret|authorization|cookie|api_?key|dsn", re.IGNORECASE)
_SECRET_SHAPES: Final = (
    r"(?<![0-9])[0-9]{3,20}(?::|%3[aA])[A-Za-z0-9_-]{20,100}",  # a bot token, also inside an address
    r"(?<=://)[^\s/@\"']*:[^\s/@\"']+(?=@)",  # user and password of an address
)
# They tell each request, some with the token in its address; their warnings are worth hearing.
_CHATTY: Final = ("asyncio", "httpx", "httpcore", "aiohttp.access", "telegram", "uvicorn.access")


def get(name: str) -> Any:
    """A logger; bind nothing to it that belongs to one act: that is what `bound` is for."""
    return structlog.get_logger(name)


def bound(**fields: Any) -> AbstractContextManager[None]:
    """Every line inside, in this task and those it starts, carries these fields."""
    return structlog.contextvars.bound_contextvars(**fields)


def configure(
    *,
    now: Callable[[], datetime],
    format: Format = "auto",  # noqa: A002 - the operator's word: LOG_FORMAT
    level: str = "info",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Set up logging of this process, our own and that of every library.

    Once, at the start: a logger keeps what it met at its first line, which is what makes the next ones cheap.
    """
    out = stream or sys.stderr
    readable = out.isatty() if format == "auto" else format == "console"
    least = getattr(logging, level.upper())
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _stamp(now),
        _hide_named,
    ]
    after = _readable() if readable else _as_json()
    scrub = _scrubber(secrets)
    structlog.configure(
        processors=[_named, *before, *after],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda name="": _Lines(out, scrub, name),
        cache_logger_on_first_use=True,
    )
    _adopt_libraries(_Lines(out, scrub, ""), least, before, after)


def _readable() -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback)]


def _as_json() -> list[Processor]:
    return [
        _always_correlated,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_json),
    ]


def _json(event: Event, **_: Any) -> str:
    try:
        return json.dumps(event, ensure_ascii=False, default=repr)
    except (TypeError, ValueError):  # keys that are no text, a value that holds itself
        return json.dumps({str(name): repr(value) for name, value in event.items()}, ensure_ascii=False)


def _adopt_libraries(lines: "_Lines", least: int, before: list[Processor], after: list[Processor]) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _library_name, *before],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *after],
    )
    handler = _LibraryHandler(lines)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old, _LibraryHandler):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(least)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(least if least == logging.DEBUG else max(least, logging.WARNING))


class _Lines:
    """Where lines leave the process. A log that cannot be written must not stop the act that it tells of."""

    def __init__(self, stream: TextIO, scrub: Callable[[str], str], name: str) -> None:
        self.name = name
        self._stream = stream
        self._scrub = scrub

    def msg(self, line: str) -> None:
        clean = self._scrub(line) + "\n"
        try:
            try:
                self._stream.write(clean)
            except UnicodeEncodeError:
                self._stream.write(clean.encode("ascii", "backslashreplace").decode())
            self._stream.flush()
        except (OSError, ValueError):  # the disk is full, the pipe or the stream is closed
            return

    debug = info = warning = error = critical = exception = msg


class _LibraryHandler(logging.Handler):
    def __init__(self, lines: _Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.msg(self.format(record))


def _stamp(now: Callable[[], datetime]) -> Processor:
    def stamp(_logger: Any, _method: str, event: Event) -> Event:
        event["timestamp"] = now().isoformat(timespec="milliseconds")
        return event

    return stamp


def _always_correlated(_logger: Any, _method: str, event: Event) -> Event:
    event.setdefault("correlation_id", None)
    return event


def _named(logger: Any, _method: str, event: Event) -> Event:
    event["logger"] = logger.name
    return event


def _library_name(_logger: Any, _method: str, event: Event) -> Event:
    event["logger"] = event["_record"].name
    return event


def _hide_named(_logger: Any, _method: str, event: Event) -> Event:
    for name, value in event.items():
        if isinstance(value, str | bytes | dict):
            event[name] = _without_secrets(name, value)
    return event


def _without_secrets(name: object, value: Any) -> Any:
    if isinstance(value, dict):
        return {inner: _without_secrets(inner, found) for inner, found in value.items()}
    if value and isinstance(value, str | bytes) and _SECRET_NAME.search(str(name)):
        return _HIDDEN
    return value


def _scrubber(secrets: Iterable[str]) -> Callable[[str], str]:
    """Hide the known secrets, however JSON, Python or an address spell them, and what is shaped like one."""
    spelled = set()
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            spelled |= {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
            spelled |= {json.dumps(secret, ensure_ascii=False)[1:-1]}
    known = [re.escape(text) for text in sorted(spelled, key=len, reverse=True)]
    pattern = re.compile("|".join([*known, *_SECRET_SHAPES]))
    return lambda line: pattern.sub(_HIDDEN, line)
