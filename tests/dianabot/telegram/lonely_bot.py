"""A bot and its worker in a process of their own, to be killed.

`python -m tests.dianabot.telegram.lonely_bot DSN BOT_API_URL`
"""

import asyncio
import sys

from dianabot.kernel.settings import Settings
from telesim.world.scene import TOKEN
from tests.dianabot.telegram.stage import house_for, part_of


async def main(dsn: str, address: str) -> None:
    settings = Settings(_env_file=None, bot_token=TOKEN, bot_api_url=address, database_url=dsn)
    async with house_for(settings) as house:
        part = part_of(house, pace=None)
        await part.start()
        await house.bus.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
