"""Asking for updates: one at a time, never ahead of what is stored, and clear about what is in the way."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from dianabot.kernel.errors import OperatorError
from dianabot.kernel.health import Unwell
from dianabot.telegram.ingest.polling import ANOTHER, REVOKED
from tests.dianabot.telegram.stage import DEADLINE, house_for, part_of, settings_for, stage
from tests.telesim.home import DIANA, LUCIA, home

pytestmark = pytest.mark.slow

OPEN = "SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done')"

STRANGE: tuple[dict[str, Any], ...] = (
    {"quantum_message": {"from": {"id": LUCIA}}},
    {},
    {"edited_message": {"message_id": 1}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "group"}, "text": "/start"}},
    {"my_chat_member": "nonsense"},
    {"callback_query": {"id": 5}},
)


async def test_a_second_process_stands_by_and_takes_over(postgres_dsn: str) -> None:
    async with stage(postgres_dsn) as first, house_for(first.settings) as house:
        second = part_of(house, pace=None)
        await second.start()
        await first.says(LUCIA, "/start")
        assert await first.value("SELECT holder FROM leases WHERE name LIKE 'poll:%'") == first.house.process
        assert (await first.sim.ok("getWebhookInfo"))["pending_update_count"] == 0

        await first.part.stop()

        assert "Ajustes" in (await first.says(LUCIA, "/ajustes"))["text"]
        assert await first.value("SELECT holder FROM leases WHERE name LIKE 'poll:%'") == house.process
        await second.stop()


async def test_another_program_with_the_same_token_is_explained(postgres_dsn: str) -> None:
    async with stage(postgres_dsn) as bot:
        await bot.says(LUCIA, "/start")
        async with asyncio.timeout(DEADLINE):
            while bot.part._poller.trouble is None:
                await bot.sim.call("getUpdates", timeout=1, offset=-1)

        with pytest.raises(Unwell, match="Another program asks Telegram"):
            await bot.part.check()
        assert bot.part._poller.trouble == ANOTHER
        assert "Ajustes" in (await bot.says(LUCIA, "/ajustes"))["text"]


async def test_a_token_that_is_not_accepted_is_a_clear_sentence(postgres_dsn: str) -> None:
    async with home() as sim:
        settings = settings_for(sim, postgres_dsn).model_copy(update={"bot_token": SecretStr("1:" + "x" * 30)})
        async with house_for(settings) as house:
            part = part_of(house)
            with pytest.raises(OperatorError, match="BOT_TOKEN is not accepted by http") as caught:
                await part.start()
            assert caught.value.exit_code == 3
            assert "xxx" not in str(caught.value)
            await part.stop()


async def test_a_telegram_that_is_not_there_is_a_clear_sentence(postgres_dsn: str) -> None:
    async with home() as sim:
        settings = settings_for(sim, postgres_dsn).model_copy(update={"bot_api_url": "http://127.0.0.1:9"})
        async with house_for(settings) as house:
            part = part_of(house)
            with pytest.raises(Unwell, match=r"cannot be reached.*Check the network and BOT_API_URL"):
                await part.start()
            await part.stop()


async def test_a_missing_token_is_a_clear_sentence(postgres_dsn: str) -> None:
    async with home() as sim:
        settings = settings_for(sim, postgres_dsn).model_copy(update={"bot_token": None})
        async with house_for(settings) as house:
            with pytest.raises(OperatorError, match="BOT_TOKEN is not set"):
                part_of(house)


async def test_a_token_that_is_revoked_meanwhile_is_told(postgres_dsn: str) -> None:
    async with stage(postgres_dsn) as bot:
        await bot.says(LUCIA, "/start")
        bot.sim.sim.world.tokens.clear()
        bot.sim.sim.inbox(next(iter(bot.sim.sim.world.bots))).close()
        async with asyncio.timeout(DEADLINE):
            while bot.part._poller.trouble != REVOKED:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("fault", ["429", "500", "drop_reply"])
async def test_a_poll_that_fails_loses_nothing(postgres_dsn: str, fault: str) -> None:
    async with stage(postgres_dsn) as bot:
        for person in (LUCIA, DIANA):
            await bot.says(person, "/start")
        await bot.sim.control("POST", "faults", {"method": "getUpdates", "kind": fault, "count": 2, "retry_after": 0})
        for person in (LUCIA, DIANA):
            await bot.sim.says(person, "/ajustes")

        await bot.until("SELECT count(*) FROM telegram_updates WHERE state = 'answered'", lambda number: number == 4)
        for person in (LUCIA, DIANA):
            last = (await bot.sim.messages(person))[-1]
            assert last["from"]["is_bot"]
            assert last["text"].startswith("Ajustes")


async def test_updates_that_come_twice_are_answered_once(postgres_dsn: str) -> None:
    async with stage(postgres_dsn) as bot:
        await bot.sim.control("POST", "faults", {"kind": "duplicate_updates", "count": 20})
        for text in ("/start", "/ayuda", "/perfil"):
            await bot.says(LUCIA, text)
        await bot.until(OPEN, lambda left: left == 0)

        assert len([said for said in await bot.sim.messages(LUCIA) if said["from"]["is_bot"]]) == 3


async def test_updates_of_strange_kinds_pass_by(postgres_dsn: str) -> None:
    async with stage(postgres_dsn) as bot:
        await bot.says(LUCIA, "/start")
        for number, said in enumerate(STRANGE):
            await bot.raw({"update_id": 10**9 + number, **said})
        await bot.until(OPEN, lambda left: left == 0)

        unreadable = await bot.column("SELECT seq FROM dead_letters WHERE reason = 'unreadable' ORDER BY seq")
        assert unreadable == [10**9 + 4, 10**9 + 5]
        assert "Ajustes" in (await bot.says(LUCIA, "/ajustes"))["text"]


async def test_without_postgres_she_is_told_once_and_answered_when_it_is_back(postgres_dsn: str, admin: Any) -> None:
    async with stage(postgres_dsn) as bot:
        await bot.says(LUCIA, "/start")
        name = await bot.value("SELECT current_database()")
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        first, *_ = [await bot.sim.says(LUCIA, text) for text in ("/perfil", "/ayuda", "/ajustes")]
        kind_words = await bot.next_from_bot(LUCIA, first)
        assert "Su mensaje está a salvo" in kind_words["text"]

        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await bot.until_called("sendMessage", times=5)
        answers = [said["text"] for said in await bot.sim.messages(LUCIA) if said["from"]["is_bot"]]

        assert [text.split("\n")[0] for text in answers[2:]] == ["Su ficha en esta casa", "A su servicio", "Ajustes"]
