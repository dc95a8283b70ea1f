"""Whatever an operator gets wrong ends in one clear sentence and the exit code that fits."""

from pathlib import Path

import pytest

from tests.dianabot.cli.conftest import Ask

WRONG = [
    ("DATABASE_URL", "mysql://host/name", "postgresql://user:password@host:5432/name"),
    ("DATABASE_URL", "postgresql://user:hush@host:port/name", "postgresql://user:password@host:5432/name"),
    ("REDIS_URL", "http://host", "redis://host:6379/0"),
    ("BOT_TOKEN", "12:short", "a token as @BotFather gives it"),
    ("DIANABOT_PORT", "99999", "a whole number from 1 to 65535"),
    ("LOG_LEVEL", "loud", "one of debug, info"),
]


@pytest.mark.parametrize(("variable", "value", "expected"), WRONG, ids=[f"{name}={value}" for name, value, _ in WRONG])
def test_a_wrong_value_names_the_variable_and_what_was_expected(
    dianabot: Ask, variable: str, value: str, expected: str
) -> None:
    done = dianabot("rules", "show", **{variable: value})
    assert (done.code, done.out) == (2, "")
    assert len(done.sentence.splitlines()) == 1
    assert done.sentence.startswith(variable)
    assert expected in done.sentence
    assert "hush" not in done.err


def test_all_wrong_values_are_told_at_once(dianabot: Ask) -> None:
    done = dianabot("rules", "show", DIANABOT_PORT="http", LOG_LEVEL="loud", BOT_TOKEN="x")
    assert done.code == 2
    assert [line.split()[0] for line in done.sentence.splitlines()] == ["BOT_TOKEN", "DIANABOT_PORT", "LOG_LEVEL"]


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("postgresql://me:hush@127.0.0.1:1/name", "Connection refused"),
        ("postgresql://me:hush@nowhere.invalid/name", "nowhere.invalid"),
    ],
)
def test_a_postgresql_that_is_not_there_is_told(dianabot: Ask, where: str, reason: str) -> None:
    done = dianabot("rules", "show", DATABASE_URL=where)
    assert (done.code, done.out) == (3, "")
    assert done.sentence.startswith("PostgreSQL cannot be reached")
    assert reason in done.sentence
    assert "hush" not in done.err


def test_a_wrong_password_is_told_and_not_shown(dianabot: Ask, module_dsn: str) -> None:
    before, _, place = module_dsn.partition("@")
    done = dianabot("rules", "show", DATABASE_URL=f"{before.rpartition(':')[0]}:hush-hush@{place}")
    assert done.code == 3
    assert "password authentication failed" in done.sentence
    assert "hush-hush" not in done.err


def test_a_database_that_does_not_exist_is_told(dianabot: Ask, module_dsn: str) -> None:
    name = module_dsn.rpartition("?")[0].rpartition("/")[2]
    done = dianabot("rules", "show", DATABASE_URL=module_dsn.replace(f"/{name}?", "/nothing?"))
    assert done.code == 3
    assert 'database "nothing" does not exist' in done.sentence


def test_without_its_valkey_a_command_works_on(dianabot: Ask) -> None:
    done = dianabot("rules", "show", "--json", REDIS_URL="redis://127.0.0.1:1/0")
    assert done.code == 0, done.err
    assert done.json["version"] == 0


def test_a_data_directory_that_is_a_file_is_told(dianabot: Ask, data: Path) -> None:
    data.write_text("not a folder", encoding="utf-8")
    done = dianabot("rules", "show", DATABASE_URL="", DIANABOT_DATA=data)
    assert done.code == 2
    assert "is a file" in done.sentence


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (("dmo",), "Did you mean 'demo'?"),
        (("doktor",), "Did you mean 'doctor'?"),
        (("status",), "Did you mean 'doctor'?"),
        (("start",), "Did you mean 'run'?"),
        (("rules", "shwo"), "Did you mean 'show'?"),
        (("events", "lst"), "Did you mean 'list'?"),
        (("rules", "show", "--jsn"), "--json"),
        (("frobnicate",), "--help"),
    ],
)
def test_an_unknown_command_names_the_nearest(dianabot: Ask, words: tuple[str, ...], nearest: str) -> None:
    done = dianabot(*words)
    assert (done.code, done.out) == (2, "")
    assert nearest in done.sentence


@pytest.mark.parametrize("command", ["run", "bot"])
def test_without_a_token_nothing_is_started(dianabot: Ask, command: str) -> None:
    done = dianabot(command)
    assert done.code == 2
    assert done.sentence.startswith("BOT_TOKEN is not set")


@pytest.mark.parametrize(("command", "further"), [("run", 0), ("web", 0), ("bot", 1), ("worker", 2), ("demo", 0)])
def test_a_taken_port_is_told_with_who_has_it(
    dianabot: Ask, tmp_path: Path, taken_port: int, command: str, further: int
) -> None:
    token = "123456789:AAEnobodyknowsthistokenatall"
    done = dianabot(command, BOT_TOKEN=token, DIANABOT_PORT=taken_port - further)
    assert done.code == 3
    assert f"Port {taken_port} on 127.0.0.1 is taken by " in done.sentence
    assert "DIANABOT_PORT" in done.sentence
    assert not (tmp_path / "data").exists(), "it is told before anything is made"


def test_the_simulator_names_its_own_option_for_a_taken_port(dianabot: Ask, taken_port: int) -> None:
    done = dianabot("simulator", "--port", str(taken_port))
    assert done.code == 3
    assert "choose another port with --port" in done.sentence


def test_a_port_beyond_the_last_is_told(dianabot: Ask) -> None:
    done = dianabot("worker", DIANABOT_PORT=65535)
    assert done.code == 2
    assert "leaves no port for worker" in done.sentence
