"""What a line says, and what it must never say."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from dianabot.kernel import log

TOKEN = "123456789:AAExample-token_of_thirty_five_chars"
AT = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_is_put_back() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers, before = root.level, root.handlers[:], structlog.get_config()
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    for name in log._CHATTY:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


def fail(reason: object) -> None:
    raise KeyError(reason)


def configured(stream: io.StringIO | None = None, **chosen: Any) -> io.StringIO:
    out = io.StringIO() if stream is None else stream
    log.configure(now=lambda: AT, stream=out, **chosen)
    return out


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_outside_a_terminal_a_line_is_json_with_all_it_needs() -> None:
    out = configured()
    log.get("bus").info("lane drained", events=50)
    assert lines(out) == [
        {
            "logger": "bus",
            "events": 50,
            "event": "lane drained",
            "level": "info",
            "timestamp": "2026-05-06T07:08:09.123+00:00",
            "correlation_id": None,
        }
    ]


@pytest.mark.parametrize(
    ("stream", "chosen", "is_json"),
    [
        (io.StringIO, "auto", True),
        (Terminal, "auto", False),
        (Terminal, "json", True),
        (io.StringIO, "console", False),
    ],
)
def test_the_form_follows_the_place_unless_told(
    stream: type[io.StringIO], chosen: log.Format, *, is_json: bool
) -> None:
    out = configured(stream(), format=chosen)
    log.get("bus").info("lane drained")
    assert out.getvalue().startswith("{") is is_json
    assert "lane drained" in out.getvalue()


async def test_the_correlation_follows_into_tasks_and_libraries_and_ends_with_the_act() -> None:
    out = configured()

    async def later() -> None:
        log.get("task").info("a")
        logging.getLogger("library").warning("b %s", 1)

    with log.bound(correlation_id="chain-1"):
        await asyncio.create_task(later())
    log.get("task").info("c")
    assert [(line["event"], line["correlation_id"], line["logger"]) for line in lines(out)] == [
        ("a", "chain-1", "task"),
        ("b 1", "chain-1", "library"),
        ("c", None, "task"),
    ]


@pytest.mark.parametrize(
    ("level", "heard"),
    [("debug", "dbg info warn"), ("info", "info warn"), ("warning", "warn"), ("error", "")],
)
def test_a_level_silences_what_lies_below_it_for_us_and_for_libraries(level: str, heard: str) -> None:
    out = configured(level=level)
    for logger in (log.get("ours"), logging.getLogger("theirs")):
        logger.debug("dbg")
        logger.info("info")
        logger.warning("warn")
    assert [line["event"] for line in lines(out)] == heard.split() * 2


@pytest.mark.parametrize(("level", "heard"), [("info", ["warn"]), ("debug", ["request", "warn"]), ("error", [])])
def test_libraries_that_tell_every_request_are_heard_only_when_debugging(level: str, heard: list[str]) -> None:
    out = configured(level=level)
    logging.getLogger("httpx").info("request")
    logging.getLogger("httpx").warning("warn")
    assert [line["event"] for line in lines(out)] == heard


def test_an_exception_is_told_with_its_trace_by_us_and_by_libraries() -> None:
    out = configured()
    for logger in (log.get("ours"), logging.getLogger("theirs")):
        try:
            fail(TOKEN)
        except KeyError:
            logger.exception("it broke")
    assert [line["level"] for line in lines(out)] == ["error", "error"]
    for line in lines(out):
        assert "KeyError: '***'" in line["exception"]
        assert "test_log.py" in line["exception"]


def test_an_exception_in_a_terminal_shows_no_local_variables() -> None:
    out = configured(Terminal())
    hidden = "local-" + "value"
    try:
        fail(len(hidden))
    except KeyError:
        log.get("ours").exception("it broke")
    assert "KeyError: 11" in out.getvalue()
    assert "local-value" not in out.getvalue()


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"url": f"https://api.telegram.org/bot{TOKEN}/sendMessage"}, "https://api.telegram.org/bot***/sendMessage"),
        ({"url": f"https://x/?t={TOKEN.replace(':', '%3A')}"}, "https://x/?t=***"),
        ({"url": "postgresql://ana:hunter2@db:5432/x"}, "postgresql://***@db:5432/x"),
        ({"url": "unix://:hunter2@/run/v.sock"}, "unix://***@/run/v.sock"),
        ({"password": "hunter2"}, "***"),
        ({"x_api_key": b"hunter2"}, "***"),
        ({"headers": {"Authorization": "Bearer hunter2", "Accept": "json"}}, '"Accept": "json"'),
        ({"said": 'wei"rd ñ\\key'}, "***"),
        ({"said": {"deep": ['wei"rd ñ\\key']}}, "***"),
        ({"said": "wei%22rd%20%C3%B1%5Ckey"}, "***"),
        ({"tokens": 3}, "3"),
        ({"password": ""}, '""'),
        ({"said": "abc"}, "abc"),
        ({"time": "12:34:56 and 2026-05-06T07:08:09"}, "12:34:56 and 2026-05-06T07:08:09"),
        ({"url": "https://example.org:8080/a@b"}, "https://example.org:8080/a@b"),
    ],
)
def test_a_line_shows_no_secret_and_hides_nothing_else(fields: dict[str, Any], shown: str) -> None:
    out = configured(secrets=['wei"rd ñ\\key', "abc"])
    log.get("x").info("done", **fields)
    logging.getLogger("x").info("done", extra=fields)
    first, second = out.getvalue().splitlines()
    for line in (first, second):
        assert shown in line
        assert "hunter2" not in line
        assert "AAExample" not in line
        assert "rd" not in line.replace("password", "")
        json.loads(line)


@given(st.text(min_size=6, max_size=40), st.text(max_size=20))
def test_no_spelling_of_a_known_secret_survives(secret: str, around: str) -> None:
    scrub = log._scrubber([secret])
    for line in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        assert line not in scrub(around + line + around).replace("***", "") or line in (around + around)


def test_what_cannot_be_written_as_json_is_still_told() -> None:
    out = configured()
    itself: list[Any] = []
    itself.append(itself)
    log.get("x").info("odd", keys={(1, 2): 3}, itself=itself, when=AT)
    log.get("x").info("plain object", what=AT)
    odd, plain = lines(out)
    assert (odd["event"], odd["keys"], odd["itself"]) == ("'odd'", "{(1, 2): 3}", "[[...]]")
    assert plain["what"] == repr(AT)


def test_a_stream_that_knows_no_accents_gets_them_spelled() -> None:
    raw = io.BytesIO()
    log.configure(now=lambda: AT, stream=io.TextIOWrapper(raw, encoding="ascii"))
    log.get("x").info("mañana \ud800")
    assert json.loads(raw.getvalue().replace(b"\\xf1", b"\\u00f1"))["event"] == "mañana \ud800"


class Full(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_does_not_stop_the_act() -> None:
    closed = io.StringIO()
    for stream in (Full(), closed):
        configured(stream)
        closed.close() if stream is closed else None
        log.get("x").info("unheard")


def test_configuring_again_speaks_once_and_where_it_was_told() -> None:
    first, second = configured(), configured()
    logging.getLogger("library").warning("once")
    log.get("ours").warning("once")
    assert first.getvalue() == ""
    assert [line["event"] for line in lines(second)] == ["once", "once"]
