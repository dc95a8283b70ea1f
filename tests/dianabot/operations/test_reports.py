from dianabot.kernel import metrics
from dianabot.kernel.bus import Consequence, Consumers, Tail
from dianabot.operations.reports import gauge
from tests.proof.stage import Aired, Stage, seeing


async def _nothing(*_: object) -> None:
    return


def shown(name: str, **labels: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, labels)


async def test_the_gauges_show_what_waits_and_forget_it_when_it_is_done(postgres_dsn: str) -> None:
    consumers = Consumers(
        consequences=(Consequence("gauged", "proof.aired", seeing("gauged")),),
        tails=(Tail("gauged_tail", ("proof.aired",), _nothing),),
    )
    async with Stage(postgres_dsn, consumers) as stage:
        await stage.watch()
        await stage.bus.start()
        await stage.happen(Aired(channel=1), Aired(channel=2))
        await gauge(stage.db)
        assert shown("deliveries_waiting", consumer="gauged") == 2
        assert shown("tail_behind", consumer="gauged_tail") == 2
        await stage.drain()
        await gauge(stage.db)
        assert shown("deliveries_waiting", consumer="gauged") is None
        assert shown("tail_behind", consumer="gauged_tail") == 0
        assert shown("dead_letters_waiting") == 0
