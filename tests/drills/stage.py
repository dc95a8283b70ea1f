"""Whole processes on one machine, and a Telegram that lives on when they are killed."""

import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.dianabot.processes import Part, begin, http, until

LUCIA, DIANA, ALEX = 7_000_000_101, 7_000_000_102, 7_000_000_103
AWAY = "Las luces de la casa han parpadeado"
ANSWERS = {"/start": "soy Lucien", "/perfil": "Su ficha en esta casa", "/ayuda": "A su servicio"}
"""What each command is surely answered with, in Spanish; a second /start is answered otherwise."""
COMMANDS = ("/perfil", "/ayuda")
Message = dict[str, Any]


@dataclass(frozen=True)
class Telegram:
    """The simulator, wherever it runs, as those who write there see it."""

    home: str
    token: str = ""

    @property
    def settings(self) -> dict[str, str]:
        return {"BOT_API_URL": self.home, "BOT_TOKEN": self.token}

    def control(self, path: str, given: Any = None) -> Any:
        status, said = http(f"{self.home}/api/{path}", given)
        assert status == 200, (path, status, said)
        return said

    def people(self, number: int) -> list[int]:
        return [self.control("people", {"first_name": f"Ana {n}", "language_code": "es"})["id"] for n in range(number)]

    def says(self, person: int, text: str) -> int:
        return int(self.control(f"people/{person}/send", {"text": text})["message_id"])

    def chat(self, person: int) -> list[Message]:
        found: list[Message] = self.control(f"people/{person}/messages")
        return found

    def answers(self, person: int) -> list[str]:
        return [message.get("text", "") for message in self.chat(person) if message["from"]["is_bot"]]

    def until_answers(self, person: int, words: str, times: int = 1) -> None:
        until(
            lambda: sum(words in answer for answer in self.answers(person)) >= times,
            lambda: f"{words!r} was not answered {times} times to {person}: {self.answers(person)}",
        )

    def until_each_is_answered(self, people: Sequence[int], said: Counter[str]) -> None:
        for person in people:
            for command, times in said.items():
                self.until_answers(person, ANSWERS[command], times)


@dataclass(frozen=True)
class Crowd:
    """People who write at once, each one line after another, from threads of their own."""

    telegram: Telegram
    people: list[int]
    each: int

    @property
    def said(self) -> Counter[str]:
        """What every one of them has written in the end."""
        return Counter(("/start", *(COMMANDS[n % len(COMMANDS)] for n in range(self.each - 1))))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Inside, they write; it ends when all is written."""
        with ThreadPoolExecutor(8) as pool:
            done = [pool.submit(self._write, person) for person in self.people]
            yield
            for one in done:
                one.result()

    def _write(self, person: int) -> None:
        self.telegram.says(person, "/start")
        for number in range(self.each - 1):
            self.telegram.says(person, COMMANDS[number % len(COMMANDS)])

    def until_all_is_answered(self) -> None:
        self.telegram.until_each_is_answered(self.people, self.said)


@contextmanager
def running(*words: str, **variables: Any) -> Iterator[Part]:
    """A command that stays; killed in the end if it still runs."""
    part = begin(*words, **variables)
    try:
        yield part
    finally:
        part.kill()


@contextmanager
def telegram(folder: Path, port: int) -> Iterator[Telegram]:
    """The simulator in a process of its own."""
    with running("simulator", "--port", str(port), DIANABOT_DATA=folder):
        yield at_home(port)


def at_home(port: int) -> Telegram:
    """The simulator that answers, or will soon answer, on this port."""
    home = f"http://127.0.0.1:{port}/sim"
    until(lambda: http(f"{home}/api/state")[0] == 200)
    return Telegram(home, Telegram(home).control("state")["bot"]["token"])


def free_ports(number: int = 4) -> int:
    """The first of so many ports in a row that nobody listens on."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as trial:
            first: int = trial.getsockname()[1]
        if all(_is_free(port) for port in range(first, first + number)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return port < 65_500


def until_ready(port: int) -> None:
    address = f"http://127.0.0.1:{port}/readyz"
    until(lambda: http(address)[0] == 200, lambda: f"port {port} is not ready: {http(address)}")


def query(dsn: str, sql: str) -> Any:
    """One value."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(sql.encode()).fetchone()
    assert found is not None
    return found[0]


def dsn_of(data: Path) -> str:
    """The embedded PostgreSQL of a data directory."""
    place = (data / "sockets").as_posix().replace("/", "%2F")
    password = (data / "postgres_password").read_text(encoding="ascii")
    return f"postgresql://dianabot:{password}@/dianabot?host={place}"


def nothing_is_lost_or_doubled(dsn: str, crowd: Crowd) -> None:
    """Each update came, was answered, and had its effect once; all that follows has followed."""
    updates = len(crowd.people) * crowd.each
    until(lambda: query(dsn, "SELECT count(*) FROM telegram_updates WHERE state <> 'answered'") == 0)
    assert query(dsn, "SELECT count(*) FROM telegram_updates") == updates
    assert query(dsn, "SELECT count(*) FROM event_logs WHERE event_type = 'user.command_executed'") == updates
    assert query(dsn, "SELECT count(*) FROM event_logs WHERE event_type = 'user.registered'") == len(crowd.people)
    assert query(dsn, "SELECT count(*) FROM users") == len(crowd.people)
    assert query(dsn, "SELECT count(*) FROM operations WHERE outcome IS NULL") == 0
    assert query(dsn, "SELECT count(*) FROM dead_letters") == 0
    until(lambda: query(dsn, "SELECT count(*) FROM deliveries") == 0, lambda: "consequences are left over")
