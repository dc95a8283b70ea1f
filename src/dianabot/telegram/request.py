"""How calls travel to Telegram: python-telegram-bot's methods over aiohttp, which carries several times as many.

An error says whether the call took effect: `NotSent` surely had none, `Lost` may have had one. The address holds the
token, so no error repeats it.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import aiohttp
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from dianabot.kernel import metrics
from dianabot.kernel.breaker import Breaker, BreakerOpen
from dianabot.kernel.clock import Clock

_CONNECTIONS: Final = 256
_KEPT_SECONDS: Final = 30.0
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_DEFAULT: Final = BaseRequest.DEFAULT_NONE


class NotSent(NetworkError):  # noqa: N818 - says what happened
    """Telegram never heard of it: asking again cannot double anything. Worth trying in `wait` seconds."""

    def __init__(self, message: str, wait: float = 1.0) -> None:
        super().__init__(message)
        self.wait = wait


class TooFast(NotSent):
    """Telegram asks for patience, and is obeyed."""


class Lost(NetworkError):  # noqa: N818 - says what happened
    """Nobody knows whether Telegram heard of it."""


class _Trouble(Exception):  # noqa: N818 - a state of the far side
    """Telegram answered that it cannot serve just now."""

    def __init__(self, code: int, body: bytes) -> None:
        super().__init__(code)
        self.answer = (code, body)


@dataclass(frozen=True, slots=True)
class _Plain:
    """Looks like `RequestData` to whoever sends it."""

    parameters: Mapping[str, object]
    contains_files: ClassVar[bool] = False


_COUNTS: Final = (_Trouble, aiohttp.ClientError, TimeoutError, OSError)


class AiohttpRequest(BaseRequest):
    """One pool of kept connections, behind a breaker unless `breaks` is off (for long polls, which wait by trade)."""

    def __init__(
        self, clock: Clock, *, read_timeout: float = 10.0, connect_timeout: float = 5.0, breaks: bool = True
    ) -> None:
        self._clock = clock
        self._read_timeout = read_timeout
        self._connect_timeout = connect_timeout
        self._usual = self._patience(read_timeout, connect_timeout)
        self._session: aiohttp.ClientSession | None = None
        self.breaker: Breaker | None = None
        if breaks:
            self.breaker = Breaker("telegram", clock, counts=_COUNTS, changed=metrics.show_breaker)

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEPT_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, headers={"User-Agent": self.USER_AGENT})

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, url: str, arguments: Mapping[str, object], *, patience: float | None = None) -> Any:
        """One method, its result as plain JSON: for what python-telegram-bot would take apart only to throw away."""
        plain: Any = _Plain({name: value for name, value in arguments.items() if value is not None})
        return await self.post(url, plain, read_timeout=self._read_timeout if patience is None else patience)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = _DEFAULT,
        write_timeout: Any = _DEFAULT,  # noqa: ARG002 - part of the promised signature
        connect_timeout: Any = _DEFAULT,
        pool_timeout: Any = _DEFAULT,  # noqa: ARG002 - as above
    ) -> tuple[int, bytes]:
        """Here is one patience for connecting and one for reading; the other two take part in these."""
        read = self._read_timeout if read_timeout is _DEFAULT else read_timeout
        connect = self._connect_timeout if connect_timeout is _DEFAULT else connect_timeout
        patience = self._usual
        if (read, connect) != (self._read_timeout, self._connect_timeout):
            patience = self._patience(read, connect)
        name = url.rpartition("/")[2].partition("?")[0]
        began = self._clock.monotonic()
        try:
            async with self.breaker or contextlib.nullcontext():
                return await self._send(method, url, request_data, patience)
        except BreakerOpen as resting:
            raise NotSent(str(resting), resting.wait) from None
        except _Trouble as trouble:
            return trouble.answer
        except _COUNTS as error:
            raise _told(error, name) from None
        finally:
            metrics.send_duration_seconds.labels(name).observe(self._clock.monotonic() - began)

    async def _send(
        self, method: str, url: str, given: RequestData | None, patience: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("This request object is not initialized.")
        headers, body = _body(given)
        async with self._session.request(method, url, data=body, headers=headers, timeout=patience) as answer:
            code, content = answer.status, await answer.read()
        if code >= 500:
            raise _Trouble(code, content)
        if code == 429:
            raise TooFast("Telegram asks for patience.", _patience_asked(content))
        return code, content

    def _patience(self, read: float | None, connect: float | None) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect, sock_read=read)


_JSON_HEADERS: Final = {"Content-Type": "application/json"}


def _body(given: RequestData | None) -> tuple[dict[str, str] | None, aiohttp.FormData | bytes | None]:
    """JSON where it can be, a form where files travel along."""
    if given is None:
        return None, None
    if not given.contains_files:
        parameters = given.parameters
        return _JSON_HEADERS, _ENCODE(parameters).encode() if parameters else b"{}"
    form = aiohttp.FormData(quote_fields=False)
    for name, value in given.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in given.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return None, form


def _patience_asked(content: bytes) -> float:
    """Seconds; a 429 that does not say how many is given one."""
    try:
        asked = json.loads(content)["parameters"]["retry_after"]
        return max(0.0, float(asked))
    except (ValueError, KeyError, TypeError):
        return 1.0


def _told(error: Exception, name: str) -> TelegramError:
    """The same trouble in python-telegram-bot's words, without the address."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return NotSent(f"{name}: Telegram cannot be reached ({_cause(error)}).")
    if isinstance(error, TimeoutError):
        return Lost(f"{name}: Telegram did not answer in time.")
    return Lost(f"{name}: the connection broke off ({type(error).__name__}).")


def _cause(error: Exception) -> str:
    found = getattr(error, "os_error", None)
    return getattr(found, "strerror", None) or type(found or error).__name__
