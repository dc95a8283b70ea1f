"""Everything that an operator may set, read from the environment and `.env`, and nothing else.

A wrong value is told before anything starts: all faults at once, each with the variable's name, what was found (never
of a secret) and what was expected.
"""

import contextlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from dianabot.kernel.errors import OperatorError

TELEGRAM_API: Final = "https://api.telegram.org"
WEBHOOK_PATH: Final = "/telegram/webhook"
_TOKEN: Final = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_KEY_FILE: Final = "secret_key"
_SECRET_KEY_LENGTH: Final = 32


def _url(text: str, *schemes: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises ValueError for a port that is no port
    if parts.scheme not in schemes or not parts.hostname or any(char.isspace() for char in text):
        raise ValueError
    return text.rstrip("/")


def _web(text: str) -> str:
    return _url(text, "http", "https")


def _webhook(text: str) -> str:
    if not text.startswith("https://") and urlsplit(text).hostname not in _LOOPBACK:
        raise ValueError
    if not urlsplit(_web(text)).path.endswith(WEBHOOK_PATH):  # a proxy may serve it below a path of its own
        raise ValueError
    return _web(text)


def _secret_web(value: SecretStr) -> SecretStr:
    _web(value.get_secret_value())
    return value


def _database(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError
    try:
        ports = str(conninfo_to_dict(text).get("port") or "5432")
    except ProgrammingError:
        raise ValueError from None  # libpq's words may repeat the password
    if not all(port.isdigit() for port in ports.split(",")):
        raise ValueError
    return value


def _redis(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    path = urlsplit(text).path.strip("/")
    if text.startswith("unix://"):
        if not path:
            raise ValueError
    elif not re.fullmatch("[0-9]*", path) or not _url(text, "redis", "rediss", "valkey", "valkeys"):
        raise ValueError
    return value


def _mongo(value: SecretStr) -> SecretStr:
    if not re.match(r"mongodb(\+srv)?://[^\s/]+", value.get_secret_value()):
        raise ValueError
    return value


def _matching(pattern: re.Pattern[str]) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not pattern.fullmatch(value.get_secret_value()):
            raise ValueError
        return value

    return AfterValidator(check)


def _long(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _SECRET_KEY_LENGTH:
        raise ValueError
    return value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _variable(name: str, default: Any, *, says: str, expected: str, secret: bool = False) -> Any:
    return Field(
        default, validation_alias=name, description=says, json_schema_extra={"expected": expected, "secret": secret}
    )


Url = Annotated[str, AfterValidator(_web)]
SecretUrl = Annotated[SecretStr, AfterValidator(_secret_web)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env",
        dotenv_filtering="only_existing",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
    )

    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = _variable(
        "DATABASE_URL",
        None,
        says="A PostgreSQL of your own (15 or newer). Without it one is run for you.",
        expected="an address such as postgresql://user:password@host:5432/name",
        secret=True,
    )
    redis_url: Annotated[SecretStr, AfterValidator(_redis)] | None = _variable(
        "REDIS_URL",
        None,
        says="A Valkey or Redis of your own. Without it one is run for you.",
        expected="an address such as redis://host:6379/0 or unix:///path/to/socket",
        secret=True,
    )
    mongo_url: Annotated[SecretStr, AfterValidator(_mongo)] | None = _variable(
        "MONGO_URL",
        None,
        says="A MongoDB that mirrors the content. It may be missing. Not used yet.",
        expected="an address such as mongodb://host:27017/name",
        secret=True,
    )
    bot_token: Annotated[SecretStr, _matching(_TOKEN)] | None = _variable(
        "BOT_TOKEN",
        None,
        says="What @BotFather gave you.",
        expected="a token as @BotFather gives it: digits, a colon, then letters and digits (123456789:AAE…)",
        secret=True,
    )
    bot_api_url: Url = _variable(
        "BOT_API_URL",
        TELEGRAM_API,
        says="Where the Bot API answers: Telegram, or the simulator's http://HOST:PORT/sim.",
        expected=f"an address such as {TELEGRAM_API} or http://127.0.0.1:8080/sim",
    )
    webhook_url: Annotated[str, AfterValidator(_webhook)] | None = _variable(
        "WEBHOOK_URL",
        None,
        says="Where Telegram delivers updates. Without it the bot asks for them.",
        expected=f"an address from https:// to {WEBHOOK_PATH}, such as https://bot.example.org{WEBHOOK_PATH}",
    )
    webhook_secret: Annotated[SecretStr, _matching(_WEBHOOK_SECRET)] | None = _variable(
        "WEBHOOK_SECRET",
        None,
        says="What Telegram proves itself with at the webhook. Without it one is derived from SECRET_KEY.",
        expected="1 to 256 letters, digits, _ or -",
        secret=True,
    )
    owner_telegram_id: Annotated[int, Field(gt=0)] | None = _variable(
        "OWNER_TELEGRAM_ID",
        None,
        says="The Telegram account that owns the bot. Without it, `dianabot admin grant-role` makes an owner.",
        expected="a Telegram id: a whole number above 0, such as 123456789 (@userinfobot tells yours)",
    )
    payment_provider_token: SecretStr | None = _variable(
        "PAYMENT_PROVIDER_TOKEN",
        None,
        says="For payments in money beside Stars. Not used yet.",
        expected="the token that @BotFather shows under Payments",
        secret=True,
    )
    host: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9._:-]+$")] = _variable(
        "DIANABOT_HOST",
        "127.0.0.1",
        says="The address that the web pages listen on.",
        expected="a host name or an IP address, such as 127.0.0.1 or 0.0.0.0",
    )
    port: Annotated[int, Field(ge=1, le=65535)] = _variable(
        "DIANABOT_PORT",
        8080,
        says="The port that the web pages listen on.",
        expected="a whole number from 1 to 65535, such as 8080",
    )
    public_url: Url | None = _variable(
        "PUBLIC_URL",
        None,
        says="The address under which people reach the web pages. Not used yet.",
        expected="an address such as https://club.example.org",
    )
    secret_key: Annotated[SecretStr, AfterValidator(_long)] | None = _variable(
        "SECRET_KEY",
        None,
        says="Signs sessions and callbacks. Made on first start in the data directory.",
        expected=f"at least {_SECRET_KEY_LENGTH} characters that nobody can guess; or leave it out and one is made",
        secret=True,
    )
    data: Path = _variable(
        "DIANABOT_DATA",
        Path("data"),
        says="The folder with everything that is kept: database, backups, keys.",
        expected="the path of a folder, such as ./data",
    )
    backup_dir: Path | None = _variable(
        "BACKUP_DIR",
        None,
        says="A folder for backups, best on another disk. Not used yet.",
        expected="the path of a folder, such as /mnt/backup/dianabot",
    )
    alert_webhook_url: SecretUrl | None = _variable(
        "ALERT_WEBHOOK_URL",
        None,
        says="Alerts are sent there too, beside the owner's chat. Not used yet.",
        expected="an address that starts with https:// or http://",
        secret=True,
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)] = _variable(
        "LOG_LEVEL",
        "info",
        says="How much is logged.",
        expected="one of debug, info, warning, error, critical",
    )
    log_format: Annotated[Literal["auto", "json", "console"], BeforeValidator(_lower)] = _variable(
        "LOG_FORMAT",
        "auto",
        says="How it is logged; auto means readable in a terminal and JSON elsewhere.",
        expected="one of auto, json, console",
    )
    sentry_dsn: SecretUrl | None = _variable(
        "SENTRY_DSN",
        None,
        says="Where Sentry receives errors. Not used yet.",
        expected="the DSN that Sentry shows, such as https://key@host/1",
        secret=True,
    )
    otel_endpoint: Url | None = _variable(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        None,
        says="Where traces are sent. Not used yet.",
        expected="an address such as http://127.0.0.1:4318",
    )

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[Any, ...]:
        """Fields go by their own names in Python only: the HOST and PORT of an environment are somebody else's."""
        for name in ("env_settings", "dotenv_settings"):
            sources[name].config = {**sources[name].config, "validate_by_name": False}
        return tuple(sources.values())

    @property
    def ptb_base_url(self) -> str:
        """python-telegram-bot puts the token right behind it."""
        return f"{self.bot_api_url}/bot"

    @property
    def ptb_base_file_url(self) -> str:
        return f"{self.bot_api_url}/file/bot"

    @property
    def webhook_proof(self) -> str:
        """The secret that every process of this installation expects at the webhook (needs `with_secret_key`)."""
        if self.webhook_secret is not None:
            return self.webhook_secret.get_secret_value()
        assert self.secret_key is not None
        return hmac.digest(self.secret_key.get_secret_value().encode(), b"webhook", "sha256").hex()

    @property
    def secret_values(self) -> frozenset[str]:
        """What no log line may show."""
        found = (getattr(self, name) for name in type(self).model_fields)
        return frozenset(value.get_secret_value() for value in found if isinstance(value, SecretStr))


def load_settings(*, env_file: Path | str | None = ".env", **given: Any) -> Settings:
    """Read the environment, then `.env`; `given` (from a command's options, by field name) wins over both."""
    try:
        return Settings(_env_file=env_file, **{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise OperatorError("\n".join(_sentence(fault) for fault in error.errors())) from None
    except (SettingsError, UnicodeDecodeError, OSError) as error:
        raise OperatorError(f"The file {env_file} cannot be read: {error}. It must be UTF-8 text.") from None


def _sentence(fault: ErrorDetails) -> str:
    variable = str(fault["loc"][0])
    field = next(
        field for name, field in Settings.model_fields.items() if variable in {name, str(field.validation_alias)}
    )
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    found = "has a wrong value (it is secret and not shown here)" if extra["secret"] else f"is {fault['input']!r}"
    return f"{field.validation_alias} {found}; expected {extra['expected']}."


def with_secret_key(settings: Settings) -> Settings:
    """The settings with a SECRET_KEY: the operator's, else the one in the data directory, made on first start.

    Called once the process runs as the user that owns the data directory. Processes that start together agree on one
    key: it is written whole beside its place, and only the first of them manages to put it there.
    """
    if settings.secret_key is not None:
        return settings
    place = settings.data.absolute() / _KEY_FILE
    try:
        if not place.exists():
            _make_secret_key(place)
        if place.stat().st_mode & 0o077:
            raise OperatorError(f"{place} can be read by others. Forbid it with: chmod 600 {place}", exit_code=3)
        key = place.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(
            f"SECRET_KEY is not set and cannot be kept in {place}: {error}. "
            "Make DIANABOT_DATA a folder that can be written, or set SECRET_KEY.",
            exit_code=3,
        ) from None
    if len(key) < _SECRET_KEY_LENGTH:
        raise OperatorError(f"{place} is damaged: no key in it. Restore it from a backup or delete it.", exit_code=3)
    return settings.model_copy(update={"secret_key": SecretStr(key)})


def _make_secret_key(place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key is the one
            os.link(draft, place)
    finally:
        draft.unlink()
