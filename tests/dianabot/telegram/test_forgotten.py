"""Whoever has her data erased in the chat leaves no name behind, in no table, whatever she did there before."""

import pytest

from dianabot.kernel.tables import METADATA
from tests.dianabot.telegram.stage import Stage
from tests.dianabot.telegram.working import at_rest, hears, working

pytestmark = pytest.mark.slow

NAME = "Zuleika"
IN = {"key": "in", "on": "narrative.decision_taken", "where": {"decision": "door.in"},
      "text": {"es": "Entró, {{ name }}."}}  # fmt: skip


async def knowing(bot: Stage, what: str) -> set[str]:
    """The tables in which this stands somewhere."""
    rows = "SELECT count(*) FROM {} AS whole WHERE whole::text ~ $1"
    return {table for table in METADATA.tables if await bot.value(rows.format(table), what)}


async def test_her_name_is_gone_from_every_table_with_the_tap_that_asked_for_it(postgres_dsn: str) -> None:
    async with working(postgres_dsn, IN) as bot:
        ana, eva = await bot.person(NAME), await bot.person("Eva")
        for person in (ana, eva):
            await bot.taps(person, await bot.says(person, "/historia"), "Entrar")
            await hears(bot, person, "Entró")
        assert {"users", "lucien_messages", "telegram_sends", "telegram_updates"} <= await knowing(bot, NAME)

        asked, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🔥 Borrar mis datos")
        burnt, _ = await bot.taps(ana, asked, "Sí, borrar todo")
        assert "hasta la última línea" in burnt["text"]
        await at_rest(bot)

        assert await knowing(bot, NAME) == set()
        assert await knowing(bot, str(ana)) == {"telegram_updates"}, "the numbers of her updates, against repeats"
        assert {"users", "lucien_messages", "telegram_sends", "telegram_updates"} <= await knowing(bot, "Eva")
        assert "Permítame presentarme" in (await bot.says(ana, "/start"))["text"], "as if for the first time"
