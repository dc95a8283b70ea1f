"""A POST to a webhook: as much of an HTTP client as that needs, with connections that are kept."""

import asyncio
import ssl
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

LONGEST_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class PostError(Exception):
    """The far side could not be reached, or did not speak HTTP."""


@dataclass(slots=True)
class Line:
    """One open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection

    async def exchange(self, head: h11.Request, body: bytes) -> Answer:
        self.writer.write(self.http.send(head) or b"")
        self.writer.write(self.http.send(h11.Data(body)) or b"")
        self.writer.write(self.http.send(h11.EndOfMessage()) or b"")
        await self.writer.drain()
        status, headers, parts, size = 0, {}, [], 0
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(65_536))
            elif isinstance(event, h11.Response):
                status = event.status_code
                headers = {name.decode().lower(): value.decode("latin-1") for name, value in event.headers}
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size <= LONGEST_ANSWER:
                    parts.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                return Answer(status, headers, b"".join(parts))
            elif isinstance(event, h11.ConnectionClosed):
                raise PostError("Connection closed by the other side")

    def reusable(self) -> bool:
        if self.http.our_state is h11.DONE and self.http.their_state is h11.DONE:
            self.http.start_next_cycle()
            return True
        return False

    def close(self) -> None:
        self.writer.close()


class Poster:
    def __init__(self) -> None:
        self._idle: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send and wait for the whole answer; a kept connection that turns out dead is replaced once."""
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = h11.Request(
            method="POST",
            target=path,
            headers=[("host", parts.netloc), ("content-length", str(len(body))), *headers.items()],
        )
        while True:
            kept = bool(self._idle[place])
            line = self._idle[place].pop() if kept else await self._dial(parts.scheme, parts.hostname or "", parts.port)
            try:
                answer = await line.exchange(head, body)
            except (OSError, h11.RemoteProtocolError, PostError) as error:
                line.close()
                if kept:
                    continue
                raise PostError(str(error) or type(error).__name__) from error
            except BaseException:
                line.close()
                raise
            if line.reusable():
                self._idle[place].append(line)
            else:
                line.close()
            return answer

    def close(self) -> None:
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()

    async def _dial(self, scheme: str, host: str, port: int | None) -> Line:
        secure = ssl.create_default_context() if scheme == "https" else None
        try:
            reader, writer = await asyncio.open_connection(host, port or (443 if secure else 80), ssl=secure)
        except OSError as error:
            raise PostError(error.strerror or str(error)) from error
        return Line(reader, writer, h11.Connection(h11.CLIENT))
