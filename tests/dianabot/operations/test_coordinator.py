import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import pytest
import structlog

from dianabot.kernel.errors import KeyReused, Unavailable
from dianabot.kernel.ids import MemberId
from dianabot.kernel.limits import TooMany
from dianabot.kernel.tx import AnnouncedWithoutLock, NotCommitted
from dianabot.members import NoSuchMember
from dianabot.operations.coordinator import CONFLICT_TRIES, Operation
from dianabot.operations.unit import Act, Unit, Who
from tests.proof.house import House
from tests.proof.ledger import LEDGER, TABLES, Move, NotEnough
from tests.proof.parts import Part
from tests.proof.stage import Noted, until

Verb = Callable[[Unit, Who, "Try"], Awaitable[int]]


class Try(Act[int]):
    """Whatever the test's own verb makes of it."""

    n: int = 0


@asynccontextmanager
async def house(
    dsn: str, verb: Verb | None = None, *, limit: str | None = None, lock: str | None = None
) -> AsyncIterator[House]:
    tried = () if verb is None else (Operation("PROBAR", Try, verb, limit=limit, lock=lock),)
    async with House(dsn, (LEDGER, Part("tried", (), operations=tried))) as built:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(TABLES)
        yield built


async def move(built: House, member: MemberId, amount: int, key: str, *, cause: str = "gift") -> int:
    return await built.coordinator.run(Move(cause=cause, amount=amount), key=key, member=member, actor="member")


async def attempt(built: House, member: MemberId | None, key: str = "k", n: int = 0) -> int:
    return await built.coordinator.run(Try(n=n), key=key, member=member, actor="member")


async def test_asked_again_it_answers_the_same_and_does_nothing(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        [ana] = await built.members()
        assert await move(built, ana, 10, "a") == 10
        assert await move(built, ana, 5, "b", cause="more") == 15
        assert await move(built, ana, 10, "a") == 10
        assert await built.count("proof_entries") == 2
        assert await built.count("event_logs") == 2


async def test_a_refusal_is_answered_again_even_when_it_would_succeed_by_now(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        [ana] = await built.members()
        with pytest.raises(NotEnough) as first:
            await move(built, ana, -5, "a")
        await move(built, ana, 100, "b")
        with pytest.raises(NotEnough) as second:
            await move(built, ana, -5, "a")
        assert first.value == second.value == NotEnough(0, 5)


async def test_a_refusal_takes_back_the_act_and_keeps_its_facts(postgres_dsn: str) -> None:
    async def verb(unit: Unit, who: Who, _: Try) -> int:
        await unit.tx.send("INSERT INTO proof_totals VALUES ($1, 1)", who.locked)
        unit.tx.announce(Noted(member=who.locked, n=1))
        raise NotEnough(1, 2).announcing(Noted(member=who.locked, n=2))

    async with house(postgres_dsn, verb) as built:
        [ana] = await built.members()
        with pytest.raises(NotEnough):
            await attempt(built, ana)
        assert await built.count("proof_totals") == 0
        assert await built.rows("SELECT event_data->>'n' FROM event_logs") == [("2",)]
        assert await built.rows("SELECT outcome FROM operations") == [({"refused": "NotEnough", "have": 1, "need": 2},)]


@pytest.mark.parametrize("amount", [10, -10], ids=["done", "refused"])
async def test_what_is_done_beside_it_stands_either_way_and_once(postgres_dsn: str, amount: int) -> None:
    async def beside(unit: Unit) -> None:
        await unit.tx.send("INSERT INTO proof_totals VALUES (99, 1)")
        unit.tx.announce(Noted(member=ana, n=7))

    async with house(postgres_dsn) as built:
        [ana] = await built.members()
        act = Move(cause="x", amount=amount)
        for _ in range(2):
            ends = await asyncio.gather(
                built.coordinator.run(act, key="k", member=ana, actor="member", beside=beside), return_exceptions=True
            )
            assert ends[0] == (10 if amount > 0 else NotEnough(0, 10))
        assert await built.count("proof_totals", "member = 99") == 1
        assert await built.count("event_logs", "event_data->>'n' = '7'") == 1


async def test_an_act_of_nobody_is_refused_and_kept_nowhere(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        with pytest.raises(NoSuchMember):
            await move(built, MemberId(404), 10, "k")
        assert await built.count("operations") == 0


async def test_the_same_key_with_another_input_is_refused(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        ana, eva = await built.members(2)
        await move(built, ana, 10, "k")
        with pytest.raises(KeyReused):
            await move(built, ana, 11, "k")
        with pytest.raises(KeyReused):
            await move(built, eva, 10, "k")
        assert await built.count("proof_entries") == 1


async def test_two_at_once_with_one_key_do_it_once_and_answer_the_same(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        [ana] = await built.members()
        assert await asyncio.gather(*(move(built, ana, 10, "k") for _ in range(5))) == [10] * 5
        assert await built.count("proof_entries") == 1


async def test_the_second_waits_for_the_first_and_takes_over_when_that_one_fails(postgres_dsn: str) -> None:
    calls = 0

    async def verb(unit: Unit, _: Who, act: Try) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            assert await unit.tx.value(int, "SELECT 1") == 1
            await built.somebody_waits()
            raise KeyError
        return act.n

    async with house(postgres_dsn, verb) as built:
        [ana] = await built.members()
        first, second = await asyncio.gather(attempt(built, ana, n=4), attempt(built, ana, n=4), return_exceptions=True)
        assert sorted([type(first), type(second)], key=str) == [KeyError, int]
        assert calls == 2


async def test_a_defect_stores_nothing_and_the_key_may_ask_again(postgres_dsn: str) -> None:
    broken = True

    async def verb(unit: Unit, who: Who, act: Try) -> int:
        await unit.tx.send("INSERT INTO proof_totals VALUES ($1, 1)", who.locked)
        if broken:
            raise KeyError
        return act.n

    async with house(postgres_dsn, verb) as built:
        [ana] = await built.members()
        with pytest.raises(KeyError):
            await attempt(built, ana, n=3)
        assert await built.count("operations") == 0
        assert await built.count("proof_totals") == 0
        broken = False
        assert await attempt(built, ana, n=3) == 3


@pytest.mark.parametrize(
    ("misdeed", "caught"),
    [("swallow", (NotCommitted, psycopg.Error)), ("announce about a stranger", AnnouncedWithoutLock)],
)
async def test_a_misdeed_of_a_verb_never_commits(postgres_dsn: str, misdeed: str, caught: type[Exception]) -> None:
    async def verb(unit: Unit, _: Who, __: Try) -> int:
        if misdeed == "swallow":
            with pytest.raises(psycopg.errors.DivisionByZero):
                await unit.tx.value(int, "SELECT 1 / 0")
        else:
            unit.tx.announce(Noted(member=eva))
        return 1

    async with house(postgres_dsn, verb) as built:
        ana, eva = await built.members(2)
        with pytest.raises(caught):
            await attempt(built, ana)
        assert await built.count("operations") == 0
        assert await built.count("event_logs") == 0


async def test_what_is_personal_is_compared_and_never_stored(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        [ana] = await built.members()
        secret = Move(cause="c", amount=1, note="llámame a casa")
        await built.coordinator.run(secret, key="k", member=ana, actor="member")
        assert await built.rows("SELECT input FROM operations") == [({"cause": "c", "amount": 1},)]
        assert await built.count("operations", "operations::text LIKE '%casa%'") == 0
        with pytest.raises(KeyReused):
            await built.coordinator.run(Move(cause="c", amount=1, note="otra"), key="k", member=ana, actor="member")


async def test_only_a_fresh_key_counts_towards_a_limit(postgres_dsn: str) -> None:
    async def verb(_: Unit, __: Who, act: Try) -> int:
        return act.n

    async with house(postgres_dsn, verb, limit="purchase") as built:
        [ana] = await built.members()
        allowed = built.rules.now.limits["purchase"].count
        for number in range(allowed):
            for _ in range(3):
                assert await attempt(built, ana, f"k{number}", number) == number
        with pytest.raises(TooMany):
            await attempt(built, ana, "one more")
        assert await attempt(built, ana, "k0", 0) == 0
        assert await built.count("operations") == allowed, "a try over the limit is not an outcome"
        built.time.advance(built.rules.now.limits["purchase"].seconds)
        assert await attempt(built, ana, "one more") == 0


async def test_what_takes_too_long_is_given_up_and_stores_nothing(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = True

    async def verb(unit: Unit, _: Who, act: Try) -> int:
        await unit.tx.run("INSERT INTO proof_totals VALUES (1, 1)")
        if slow:
            await asyncio.Event().wait()
        return act.n

    monkeypatch.setattr("dianabot.operations.coordinator.TIME_OUT", 0.2)
    async with house(postgres_dsn, verb) as built:
        [ana] = await built.members()
        with pytest.raises(Unavailable):
            await attempt(built, ana)
        assert await built.count("proof_totals") == 0
        slow = False
        assert await attempt(built, ana) == 0, "nobody holds her lock any more"


async def test_a_query_that_takes_too_long_is_given_up_too(postgres_dsn: str) -> None:
    async def verb(unit: Unit, _: Who, act: Try) -> int:
        await unit.tx.run("SELECT pg_sleep($1)", act.n)
        return 0

    async with House(
        postgres_dsn, (Part("tried", (), operations=(Operation("PROBAR", Try, verb),)),), statement_timeout=0.1
    ) as built:
        [ana] = await built.members()
        with pytest.raises(Unavailable):
            await attempt(built, ana, n=5)
        assert await built.count("operations") == 0


async def test_while_postgresql_is_away_it_says_so(tmp_path: object) -> None:
    async with House(f"host={tmp_path} user=nobody dbname=none", (LEDGER,), wait=0.2) as built:
        with structlog.testing.capture_logs() as lines, pytest.raises(Unavailable) as away:
            await built.coordinator.run(Move(cause="c", amount=1), key="k", member=MemberId(1), actor="member")
        [line] = [line for line in lines if line["event"] == "operation_failed"]
        assert (line["log_level"], line["error"]) == ("warning", str(away.value))
        assert "exc_info" not in line, "a line for each act, not a page"


async def test_a_conflict_is_tried_again_and_counts_once_towards_a_limit(postgres_dsn: str) -> None:
    calls = 0

    async def verb(unit: Unit, _: Who, act: Try) -> int:
        nonlocal calls
        calls += 1
        if calls % CONFLICT_TRIES:
            await unit.tx.run("DO $$ BEGIN RAISE EXCEPTION USING errcode = '40P01'; END $$")
        return act.n

    async with house(postgres_dsn, verb, limit="purchase") as built:
        [ana] = await built.members()
        allowed = built.rules.now.limits["purchase"].count
        for number in range(allowed):
            answer = asyncio.create_task(attempt(built, ana, f"k{number}", number))
            await until(lambda answer=answer: _advanced(built, answer))  # type: ignore[misc]  # bound now, not later
            assert await answer == number
        assert calls == allowed * CONFLICT_TRIES


async def test_acts_without_a_member_run_one_at_a_time_under_their_name(postgres_dsn: str) -> None:
    inside = most = 0

    async def verb(unit: Unit, _: Who, act: Try) -> int:
        nonlocal inside, most
        await unit.tx.value(int, "SELECT 1")
        inside += 1
        most = max(most, inside)
        await unit.tx.value(int, "SELECT 1")
        inside -= 1
        return act.n

    async with house(postgres_dsn, verb, lock="the one") as built:
        ends = await asyncio.gather(*(attempt(built, None, f"k{n}", n) for n in range(5)))
        assert ends == list(range(5))
        assert most == 1


async def test_a_member_does_one_thing_at_a_time(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        [ana] = await built.members()
        await asyncio.gather(*(move(built, ana, 1, f"k{n}", cause=f"c{n}") for n in range(20)))
        balances = await built.rows("SELECT seq, balance FROM proof_entries ORDER BY seq")
        assert balances == [(n, n) for n in range(1, 21)]


async def test_the_order_of_transactions_is_the_order_of_her_events(postgres_dsn: str) -> None:
    """So that also the tails, which read in the order of transactions, see what she did in its order."""
    async with house(postgres_dsn) as built:
        people = await built.members(3)
        moves = [(member, n) for n in range(40) for member in people]
        await asyncio.gather(*(move(built, member, 1, f"{member} {n}", cause=f"{member} {n}") for member, n in moves))
        turned = (
            "SELECT count(*) FROM (SELECT xid::text::bigint < lag(xid::text::bigint) OVER "
            "(PARTITION BY user_id ORDER BY seq) AS back FROM event_logs) AS step WHERE back"
        )
        assert await built.rows(turned) == [(0,)]


async def test_the_history_tells_who_what_by_which_rules_and_in_which_chain(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        [ana] = await built.members()
        chain = UUID(int=7)
        await built.coordinator.run(
            Move(cause="c", amount=1), key="k", member=ana, actor="admin:4", correlation_id=chain
        )
        columns = "SELECT name, user_id, actor, rules_version, correlation_id, outcome, at FROM operations"
        assert await built.rows(columns) == [("PROBAR_MOVER", ana, "admin:4", 0, chain, {"done": 1}, built.clock.now())]
        told = "SELECT actor, operation, correlation_id, user_id FROM event_logs"
        assert await built.rows(told) == [("admin:4", "PROBAR_MOVER", chain, ana)]


async def test_a_look_for_a_screen_writes_nothing(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            async with built.coordinator.reading() as unit:
                await unit.tx.run("DELETE FROM timers")


async def _advanced(built: House, answer: asyncio.Task[int]) -> bool:
    built.time.advance(0.05)
    return answer.done()
