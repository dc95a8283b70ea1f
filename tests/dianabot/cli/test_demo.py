"""The world and the application of the demo go by one time, whatever happened between them."""

from datetime import timedelta
from pathlib import Path

import pytest

from dianabot.cli.demo import SCENE, at_home, move, same_time
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.settings import Settings
from dianabot.wiring import build
from telesim.app import create

HOUR = 3600


@pytest.mark.parametrize(
    ("application", "world", "both"),
    [(0, 0, 0), (HOUR, HOUR, HOUR), (0, 2 * HOUR, 2 * HOUR), (2 * HOUR, HOUR, 2 * HOUR)],
    ids=["both at home", "together", "stopped before the application moved", "stopped before the world was kept"],
)
async def test_whichever_is_behind_follows(
    postgres_dsn: str, tmp_path: Path, application: int, world: int, both: int
) -> None:
    simulator = create(data=tmp_path, scene=SCENE)
    sim = simulator.state.sim
    sim.world.move_clock(world)
    async with build(Settings(_env_file=None), postgres_dsn, None, SystemClock(), role="demo") as house:
        await house.presence.move_clock(application)
        await same_time(house, simulator)
        assert sim.clock.offset == pytest.approx(both)
        assert house.clock.offset == timedelta(seconds=both)
    sim.world.close()


async def test_the_application_never_goes_back(postgres_dsn: str) -> None:
    async with build(Settings(_env_file=None), postgres_dsn, None, SystemClock(), role="demo") as house:
        await move(house, timedelta(hours=2))
        await move(house, timedelta(hours=1))
        assert house.clock.offset == timedelta(hours=2)


def test_its_telegram_is_its_own_whatever_the_environment_says() -> None:
    simulator = create(scene=SCENE)
    chosen = Settings(
        _env_file=None, host="0.0.0.0", port=8123, webhook_url="https://bot.example.org/telegram/webhook"  # noqa: S104 - what somebody may choose
    )  # fmt: skip
    home = at_home(chosen, simulator)
    assert home.bot_api_url == "http://127.0.0.1:8123/sim"
    assert home.webhook_url is None
    assert home.bot_token is not None
    simulator.state.sim.world.close()
