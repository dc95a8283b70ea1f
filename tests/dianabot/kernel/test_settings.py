"""What an operator may write, and what she is told when it is wrong."""

import re
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

import dianabot
from dianabot.kernel.errors import OperatorError
from dianabot.kernel.settings import Settings, load_settings, with_secret_key

TOKEN = "123456789:AAExample-token_of_thirty_five_chars"
VARIABLES = [str(field.validation_alias) for field in Settings.model_fields.values()]
CONTRACT = [
    "DATABASE_URL",
    "REDIS_URL",
    "MONGO_URL",
    "BOT_TOKEN",
    "BOT_API_URL",
    "WEBHOOK_URL",
    "WEBHOOK_SECRET",
    "OWNER_TELEGRAM_ID",
    "PAYMENT_PROVIDER_TOKEN",
    "DIANABOT_HOST",
    "DIANABOT_PORT",
    "PUBLIC_URL",
    "SECRET_KEY",
    "DIANABOT_DATA",
    "BACKUP_DIR",
    "ALERT_WEBHOOK_URL",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "SENTRY_DSN",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def refused(**environment: str) -> str:
    Path(".env").write_text("\n".join(f"{name}='{value}'" for name, value in environment.items()), encoding="utf-8")
    with pytest.raises(OperatorError) as told:
        load_settings()
    assert told.value.exit_code == 2
    return str(told.value)


def test_every_variable_of_the_contract_is_there_and_no_other() -> None:
    assert sorted(VARIABLES) == sorted(CONTRACT)


def test_nothing_is_required() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8080, Path("data"))
    assert settings.database_url is settings.redis_url is settings.bot_token is settings.secret_key is None
    assert (settings.log_level, settings.log_format) == ("info", "auto")
    assert settings.ptb_base_url == "https://api.telegram.org/bot"
    assert settings.ptb_base_file_url == "https://api.telegram.org/file/bot"


def test_the_simulator_is_reached_below_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:8080/sim/")
    settings = load_settings()
    assert settings.ptb_base_url == "http://127.0.0.1:8080/sim/bot"
    assert settings.ptb_base_file_url == "http://127.0.0.1:8080/sim/file/bot"


def test_a_command_wins_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("DIANABOT_PORT=1001\nDIANABOT_HOST=0.0.0.0\nLOG_LEVEL=DEBUG\n", encoding="utf-8")
    monkeypatch.setenv("DIANABOT_PORT", "1002")
    monkeypatch.setenv("DIANABOT_HOST", "")
    assert (load_settings().port, load_settings().host, load_settings().log_level) == (1002, "0.0.0.0", "debug")  # noqa: S104 - a value, nothing listens
    assert load_settings(port=1003, host=None).port == 1003


def test_what_others_call_a_host_a_port_or_data_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("DATA=/srv/theirs\n", encoding="utf-8")
    monkeypatch.setenv("HOST", "x86_64-conda-linux-gnu")
    monkeypatch.setenv("PORT", "5000")
    assert load_settings().model_fields_set == set()
    assert load_settings(port=1003).port == 1003


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "postgresql://ana:s%3Acret@db:5432/dianabot?sslmode=require"),
        ("DATABASE_URL", "postgres:///dianabot?host=/run/postgresql"),
        ("REDIS_URL", "redis://:pass@127.0.0.1:6379/0"),
        ("REDIS_URL", "valkeys://cache.example.org"),
        ("REDIS_URL", "unix://:pass@/run/valkey.sock?db=1"),
        ("MONGO_URL", "mongodb+srv://cluster.example.org/world"),
        ("BOT_TOKEN", TOKEN),
        ("WEBHOOK_URL", "https://bot.example.org/telegram/webhook"),
        ("WEBHOOK_URL", "http://127.0.0.1:8080/telegram/webhook"),
        ("WEBHOOK_URL", "https://example.org/diana/telegram/webhook"),
        ("WEBHOOK_SECRET", "a-Z_9"),
        ("OWNER_TELEGRAM_ID", "7000000000"),
        ("DIANABOT_HOST", "::1"),
        ("LOG_FORMAT", " JSON "),
        ("ALERT_WEBHOOK_URL", "https://hooks.example.org/x"),
        ("SENTRY_DSN", "https://key@o1.ingest.sentry.io/2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1]:4318"),
    ],
)
def test_it_takes(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [
        ("DATABASE_URL", "mysql://root:hunter2@db/x", None),
        ("DATABASE_URL", "postgresql://root:hunter2@db/x?nonsense=1", None),
        ("DATABASE_URL", "postgresql://root:hunter2@db:http/x", None),
        ("DATABASE_URL", "hunter2", None),
        ("REDIS_URL", "http://:hunter2@cache", None),
        ("REDIS_URL", "redis://:hunter2@cache:port", None),
        ("REDIS_URL", "redis://", None),
        ("REDIS_URL", "redis://:hunter2@cache/zero", None),
        ("REDIS_URL", "unix://", None),
        ("MONGO_URL", "hunter2:27017", None),
        ("BOT_TOKEN", "hunter2", None),
        ("BOT_TOKEN", f"bot{TOKEN}", None),
        ("BOT_TOKEN", f"{TOKEN} hunter2", None),
        ("BOT_API_URL", "api.telegram.org", "'api.telegram.org'"),
        ("WEBHOOK_URL", "http://bot.example.org/x", "'http://bot.example.org/x'"),
        ("WEBHOOK_URL", "https://", "'https://'"),
        ("WEBHOOK_URL", "https://bot.example.org/hook", "'https://bot.example.org/hook'"),
        ("WEBHOOK_SECRET", "hunter2 hunter2", None),
        ("OWNER_TELEGRAM_ID", "@ana", "'@ana'"),
        ("OWNER_TELEGRAM_ID", "-5", "'-5'"),
        ("DIANABOT_HOST", "http://here", "'http://here'"),
        ("DIANABOT_PORT", "http", "'http'"),
        ("DIANABOT_PORT", "0", "'0'"),
        ("DIANABOT_PORT", "65536", "'65536'"),
        ("PUBLIC_URL", "https://exa mple.org", "'https://exa mple.org'"),
        ("PUBLIC_URL", "https://example.org:99999", "'https://example.org:99999'"),
        ("SECRET_KEY", "hunter2", None),
        ("ALERT_WEBHOOK_URL", "hunter2", None),
        ("LOG_LEVEL", "loud", "'loud'"),
        ("LOG_FORMAT", "xml", "'xml'"),
        ("SENTRY_DSN", "hunter2", None),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector", "'grpc://collector'"),
    ],
)
def test_it_refuses_with_the_name_what_was_found_and_what_was_expected(
    variable: str, value: str, found: str | None
) -> None:
    told = refused(**{variable: value})
    assert told.startswith(f"{variable} {f'is {found}' if found else 'has a wrong value (it is secret'}")
    assert "; expected " in told
    assert "hunter2" not in told
    assert "\n" not in told


def test_all_faults_are_told_at_once() -> None:
    told = refused(DIANABOT_PORT="x", BOT_TOKEN="y", WEBHOOK_URL="http://a.b", LOG_LEVEL="z")
    assert [line.split()[0] for line in told.splitlines()] == ["BOT_TOKEN", "WEBHOOK_URL", "DIANABOT_PORT", "LOG_LEVEL"]


def test_a_wrong_option_of_a_command_names_the_variable_too() -> None:
    with pytest.raises(OperatorError, match="DIANABOT_PORT is 70000; expected"):
        load_settings(port=70000)


def test_a_file_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"BOT_TOKEN=\xff\xfe\n")
    with pytest.raises(OperatorError, match=r"The file \.env cannot be read"):
        load_settings()


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", "postgresql://ana:hunter2@db/x")
    settings = load_settings()
    shown = f"{settings!r} {settings} {settings.model_dump_json()}"
    assert TOKEN not in shown
    assert "hunter2" not in shown
    assert settings.secret_values == {TOKEN, "postgresql://ana:hunter2@db/x"}


def test_a_wrong_secret_is_not_printed_even_by_whoever_forgets_to_ask_properly() -> None:
    with pytest.raises(ValidationError) as told:
        Settings(bot_token=SecretStr("hunter2"), port="hunter2")
    assert "hunter2" not in str(told.value)


def test_every_secret_is_marked_so_that_its_value_is_not_told() -> None:
    for field in Settings.model_fields.values():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        assert extra["secret"] == ("SecretStr" in str(field.annotation)), field.validation_alias


def test_the_first_start_makes_a_key_that_only_its_owner_reads_and_later_ones_find_it() -> None:
    first = with_secret_key(load_settings())
    kept = Path("data/secret_key")
    assert first.secret_key is not None
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert with_secret_key(load_settings()).secret_key == first.secret_key
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_a_key_of_the_operator_is_used_and_none_is_made() -> None:
    settings = with_secret_key(load_settings(secret_key="x" * 32))
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "x" * 32
    assert not Path("data").exists()


def _key_in(folder: str) -> str:
    settings = with_secret_key(load_settings(data=folder, env_file=None))
    assert settings.secret_key is not None
    return settings.secret_key.get_secret_value()


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(8, mp_context=get_context("fork")) as processes:
        for attempt in range(20):
            keys = set(processes.map(_key_in, [str(tmp_path / str(attempt))] * 8))
            assert len(keys) == 1


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("chmod", "can be read by others. Forbid it with: chmod 600"),
        ("empty", "is damaged"),
        ("binary", "cannot be kept in"),
        ("file", "cannot be kept in"),
    ],
)
def test_a_key_that_cannot_be_trusted_is_not_used(spoil: str, told: str, tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data")
    if spoil == "file":
        (tmp_path / "data").write_text("not a folder", encoding="utf-8")
    else:
        with_secret_key(settings)
        kept = tmp_path / "data" / "secret_key"
        if spoil == "chmod":
            kept.chmod(0o644)
        else:
            kept.write_bytes({"empty": b"", "binary": b"\xff" * 40}[spoil])
    with pytest.raises(OperatorError, match=re.escape(told)) as refusal:
        with_secret_key(settings)
    assert refusal.value.exit_code == 3


def test_the_webhook_is_proven_with_the_secret_given_or_with_one_that_every_process_derives() -> None:
    assert load_settings(webhook_secret="given").webhook_proof == "given"
    derived = {load_settings(secret_key="x" * 32).webhook_proof for _ in range(2)}
    assert len(derived) == 1
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", derived.pop())
    assert load_settings(secret_key="y" * 32).webhook_proof != load_settings(secret_key="x" * 32).webhook_proof


def test_what_is_read_and_not_used_yet_says_so() -> None:
    """What only `doctor` and the settings themselves name does nothing."""
    house = Path(dianabot.__file__).parent
    users = [place for place in house.rglob("*.py") if place.name not in {"settings.py", "doctor.py"}]
    code = "\n".join([*(place.read_text("utf-8") for place in users), "settings.webhook_secret settings.secret_key"])
    unused = {name for name in Settings.model_fields if not re.search(rf"\.{name}\b", code)}
    said = {name for name, field in Settings.model_fields.items() if "Not used yet." in str(field.description)}
    assert said == unused
