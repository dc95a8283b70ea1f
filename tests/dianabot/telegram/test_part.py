"""The bot as a part of a process: what ends by itself is begun anew, and stopping ends all of it."""

import pytest

from dianabot.kernel.health import Unwell
from tests.dianabot.telegram.stage import Stage


class DiedError(Exception):
    """Something nobody thought of."""


async def test_a_task_that_died_is_begun_anew_and_people_are_answered_again(bot: Stage) -> None:
    ana = await bot.stranger()
    _, polling = bot.part._tasks["polling"]
    polling.cancel()
    await bot.until("SELECT 1", lambda _: polling.done())
    with pytest.raises(Unwell, match="polling had ended and was begun anew"):
        await bot.part.check()
    await bot.part.check()
    assert "soy Lucien" in (await bot.says(ana, "/start"))["text"]


async def test_stopping_ends_every_task_also_after_one_has_died(bot: Stage) -> None:
    async def die() -> None:
        raise DiedError

    bot.part._begin("polling", die)
    _, died = bot.part._tasks["polling"]
    _, sending = bot.part._tasks["sending"]
    await bot.until("SELECT 1", lambda _: died.done())
    await bot.part.stop()
    assert sending.done()
