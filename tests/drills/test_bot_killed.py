"""The bot dies in the middle of its work, and whoever wrote to it does not notice more than a pause."""

from pathlib import Path

import pytest

from dianabot.kernel.embedded import Scratch
from tests.dianabot.processes import until
from tests.drills.stage import Crowd, nothing_is_lost_or_doubled, query, running, telegram, until_ready

pytestmark = pytest.mark.drill
ANSWERED = "SELECT count(*) FROM telegram_updates WHERE state = 'answered'"


def test_killed_in_the_middle_of_500_updates_each_is_answered_and_none_has_its_effect_twice(
    data: Path, port: int, postgres_dsn: str, servers: Scratch
) -> None:
    with telegram(data, port + 3) as home:
        stands = {
            "DATABASE_URL": postgres_dsn,
            "REDIS_URL": servers.valkey_url or "",
            "DIANABOT_DATA": data,
            "DIANABOT_PORT": port,
            **home.settings,
        }
        crowd = Crowd(home, home.people(50), 10)
        with running("run", **stands) as bot:
            until_ready(port)
            with crowd.writing():
                until(lambda: query(postgres_dsn, ANSWERED) >= 100)
                bot.kill()
            assert query(postgres_dsn, ANSWERED) < 500, "the kill came too late to mean anything"
        with running("run", **stands) as bot:
            crowd.until_all_is_answered()
            nothing_is_lost_or_doubled(postgres_dsn, crowd)
            assert bot.stop().code == 0
