"""What every test may ask for. Servers are started by the first test that needs one, and shared by all workers."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from psycopg import sql
from valkey.asyncio import Valkey

from dianabot.kernel.embedded import Scratch, scratch, turn
from dianabot.migrations import migrate

# A busy machine is slow; what is generated is right or wrong all the same. Every run tries the same, so that only a
# change can turn it red; `.venv/bin/pytest --hypothesis-profile=wander` looks where nobody has looked.
settings.register_profile("wander", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", settings.get_profile("wander"), derandomize=True)
settings.load_profile("house")

# Left to itself it draws tracebacks with every local in them, at a quarter of a second each.
PLAIN = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, PLAIN])

DROP = "DROP DATABASE {} WITH (FORCE)"
CREATE = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
TEMPLATE = "dianabot_template"
NUMBER = itertools.count()
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of this run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def servers(shared: Path) -> Iterator[Scratch]:
    with scratch(shared) as running:
        yield running


@pytest.fixture(scope="session")
def template(servers: Scratch, shared: Path, admin: psycopg.Connection) -> str:
    """A database at the newest revision, made once per run: what each test gets is a copy of it."""
    with turn(shared, TEMPLATE) as first:
        if first:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(TEMPLATE)))
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
            migrate(_at(servers.dsn, TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def admin(servers: Scratch) -> Iterator[psycopg.Connection]:
    with psycopg.connect(servers.dsn, autocommit=True) as connection:
        connection.execute("SET file_copy_method = clone")
        yield connection


@pytest.fixture
def postgres_dsn(template: str, servers: Scratch, admin: psycopg.Connection) -> Iterator[str]:
    """A migrated, empty database of the test's own; dropped after it, whoever is still connected."""
    yield from _database(servers, admin, template)


@pytest.fixture(scope="module")
def module_dsn(template: str, servers: Scratch, admin: psycopg.Connection) -> Iterator[str]:
    """The same for a whole file of tests that only read, or that share what they made."""
    yield from _database(servers, admin, template)


@pytest.fixture
def bare_postgres_dsn(servers: Scratch, admin: psycopg.Connection) -> Iterator[str]:
    """A database without any table, for tests of migrations."""
    yield from _database(servers, admin, "template0")


@pytest.fixture
async def valkey_url(servers: Scratch) -> str:
    """An empty Valkey; its channels are shared by all workers, its keys are not."""
    if servers.valkey_url is None:
        pytest.skip("There is no Valkey for this machine.")
    url = servers.valkey_url.replace("db=0", f"db={int(WORKER.removeprefix('gw')) % 16}")
    async with Valkey.from_url(url) as client:
        await client.flushdb()
    return url


def _database(servers: Scratch, admin: psycopg.Connection, template: str) -> Iterator[str]:
    name = f"test_{WORKER}_{next(NUMBER)}"
    admin.execute(sql.SQL(CREATE).format(sql.Identifier(name), sql.Identifier(template)))
    yield _at(servers.dsn, name)
    admin.execute(sql.SQL(DROP).format(sql.Identifier(name)))


def _at(dsn: str, database: str) -> str:
    """The same server, another database; still a URL, as people write it."""
    before, _, after = dsn.rpartition("/postgres?")
    return f"{before}/{database}?{after}"
