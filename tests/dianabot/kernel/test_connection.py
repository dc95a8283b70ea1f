import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.abc import PQGen

from dianabot.kernel import connection
from dianabot.kernel.connection import WAKES, Batch, Connection, Value
from dianabot.kernel.db import Database

KNOWN = "SELECT count(*) FROM pg_prepared_statements"
BROKEN = "SELECT 1 / $1::int"
ASLEEP = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


@pytest.fixture
async def line(bare_postgres_dsn: str) -> AsyncIterator[Connection]:
    async with Database(bare_postgres_dsn) as db, db.connection() as one:
        yield one


async def test_what_is_asked_is_answered_each_its_own(line: Connection) -> None:
    async with Batch(line) as batch:
        asked = [batch.ask("SELECT $1::int, $2::text", (number, "x" * number)) for number in range(5)]
        for number in (3, 0, 4):
            assert await batch.rows(asked[number]) == [(number, "x" * number)]
    assert all(one.touched == 1 for one in asked), "the end of a batch waits for everything"


class Counting(Connection):
    waits = 0

    async def wait(self, gen: PQGen[Value], interval: float = WAKES, timeout: float | None = None) -> Value:
        self.waits += 1
        return await super().wait(gen, interval, timeout)


async def test_what_is_asked_goes_out_when_the_first_answer_is_waited_for(bare_postgres_dsn: str) -> None:
    async with await Counting.connect(bare_postgres_dsn, autocommit=True) as line:
        before = line.waits
        async with Batch(line) as batch:
            asked = [batch.ask("SELECT $1::int", (number,)) for number in range(9)]
            assert line.waits == before
            for one in reversed(asked):
                await batch.rows(one)
            assert line.waits == before + 1
        assert line.waits == before + 2


async def test_a_statement_is_parsed_once_for_each_type_of_its_values(line: Connection) -> None:
    for _ in range(3):
        async with Batch(line) as batch:
            for value in (1, 2, 3, 1_000_000):  # the last is wider than the others
                batch.ask("SELECT $1", (value,))
            kept = await batch.rows(batch.ask(KNOWN))
        assert kept == [(3,)]


async def test_a_server_that_has_learned_too_much_forgets_all_and_goes_on(line: Connection) -> None:
    async with Batch(line) as batch:
        for number in range(connection.MOST + 1):
            batch.ask(f"SELECT {number}")
    for _ in range(2):
        async with Batch(line) as batch:
            assert await batch.rows(batch.ask("SELECT 7")) == [(7,)]
            assert await batch.rows(batch.ask(KNOWN)) == [(2,)]


async def test_what_could_not_be_parsed_is_learned_when_it_can_be(line: Connection) -> None:
    wanted, later = "SELECT * FROM here", "SELECT $1::text"
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with Batch(line) as batch:
            batch.ask(wanted)
            batch.ask(later, ("x",))
    await line.execute("CREATE TABLE here AS SELECT 5 AS five")
    async with Batch(line) as batch:
        first, second = batch.ask(wanted), batch.ask(later, ("x",))
        assert (await batch.rows(first), await batch.rows(second)) == ([(5,)], [("x",)])


async def test_the_first_failure_is_told_and_whatever_comes_after_it_follows_from_it(line: Connection) -> None:
    with pytest.raises(psycopg.errors.PipelineAborted):  # whoever swallows a failure is told so at the end
        async with Batch(line) as batch:
            before, _, after = batch.ask("SELECT 1"), batch.ask(BROKEN, (0,)), batch.ask("SELECT 2")
            with pytest.raises(psycopg.errors.DivisionByZero):
                await batch.rows(after)
            assert await batch.rows(before) == [(1,)]
    async with Batch(line) as batch:
        assert await batch.rows(batch.ask("SELECT 3")) == [(3,)]


async def test_a_failure_nobody_waited_for_is_told_at_the_end(line: Connection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with Batch(line) as batch:
            batch.ask(BROKEN, (0,))
            batch.ask("SELECT 2")


async def test_a_failure_at_the_end_does_not_hide_why_it_ended(line: Connection) -> None:
    with pytest.raises(KeyError):
        async with Batch(line) as batch:
            batch.ask(BROKEN, (0,))
            raise KeyError


async def test_a_server_that_goes_when_all_is_answered_is_lost_and_no_defect(
    line: Connection, bare_postgres_dsn: str
) -> None:
    with pytest.raises(psycopg.OperationalError):
        async with Batch(line) as batch:
            [(backend,)] = await batch.rows(batch.ask("SELECT pg_backend_pid()"))
            with psycopg.connect(bare_postgres_dsn, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 60000)", (backend,))
    assert line.closed


async def test_who_is_cancelled_while_sending_ends_cancelled_and_the_line_lives(
    line: Connection, bare_postgres_dsn: str
) -> None:
    async def much() -> None:
        async with Batch(line) as batch:
            batch.ask("SELECT pg_sleep(60)")
            await batch.rows(batch.ask("SELECT length($1)", ("x" * 20_000_000,)))

    async with Database(bare_postgres_dsn) as other, asyncio.timeout(30):
        sending = asyncio.create_task(much())
        while not await other.one(int, ASLEEP):
            await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    async with Batch(line) as batch:
        assert await batch.rows(batch.ask("SELECT 3")) == [(3,)]


async def test_more_than_the_socket_holds_goes_both_ways_at_once(line: Connection) -> None:
    much = "x" * 2_000_000
    async with Batch(line) as batch:
        asked = [batch.ask("SELECT $1::text", (much,)) for _ in range(8)]
        for one in asked:
            [(came,)] = await batch.rows(one)
            assert came == much
