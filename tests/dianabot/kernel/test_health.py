"""The parts of a process: in order, watched, isolated, and back by themselves."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
import structlog

from dianabot.kernel import metrics
from dianabot.kernel.clock import ManualClock
from dianabot.kernel.errors import OperatorError
from dianabot.kernel.health import EVERY, STOP_WITHIN, Module, Registry, State, Unwell, background
from tests.dianabot.kernel.own_valkey import until


class Stage:
    """Parts that write down what was done to them, and fail where they are told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.fails: dict[str, BaseException] = {}

    def part(self, name: str, *needs: str, vital: bool = True, start_within: float = 60) -> Module:
        return Module(
            name,
            needs,
            start=self._step("start", name),
            stop=self._step("stop", name),
            check=self._step("check", name),
            vital=vital,
            start_within=start_within,
        )

    def _step(self, verb: str, name: str) -> Callable[[], Awaitable[None]]:
        async def step() -> None:
            self.done.append(f"{verb} {name}")
            error = self.fails.get(f"{verb} {name}")
            if isinstance(error, asyncio.CancelledError):  # stands for one that never ends
                await asyncio.Event().wait()
            if error is not None:
                raise error

        return step

    def took(self, verb: str) -> list[str]:
        return [step.split()[1] for step in self.done if step.startswith(verb)]


NEVER = asyncio.CancelledError()


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def states(registry: Registry) -> dict[str, str]:
    return {name: module["state"] for name, module in registry.report()["modules"].items()}


def problem(registry: Registry, name: str) -> str | None:
    told: str | None = registry.report()["modules"][name]["problem"]
    return told


async def test_parts_start_behind_what_they_need_and_stop_before_it(stage: Stage, clock: ManualClock) -> None:
    registry = Registry(clock, [stage.part("bot", "bus", "cache"), stage.part("bus", "db"), stage.part("cache")])
    registry.add(stage.part("db"))
    ready = [registry.ready]
    await registry.start()
    ready.append(registry.ready)
    await registry.stop()
    assert [*ready, registry.ready] == [False, True, False]
    assert stage.took("start") == ["cache", "db", "bus", "bot"]
    assert stage.took("stop") == ["bot", "bus", "db", "cache"]
    assert set(states(registry).values()) == {"stopped"}


@pytest.mark.parametrize(
    ("needs", "told"),
    [
        ({"a": ["b"]}, "a needs b, which is not there"),
        ({"a": ["b"], "b": ["c"], "c": ["a"], "d": []}, "These need each other: a, b, c"),
        ({"a": ["a"]}, "These need each other: a"),
    ],
)
async def test_an_order_that_cannot_be_is_refused(
    needs: dict[str, list[str]], told: str, stage: Stage, clock: ManualClock
) -> None:
    with pytest.raises(ValueError, match=told):
        await Registry(clock, [stage.part(name, *those) for name, those in needs.items()]).start()
    assert not stage.done


async def test_two_parts_of_one_name_are_refused(stage: Stage, clock: ManualClock) -> None:
    with pytest.raises(ValueError, match="Two modules have one name"):
        await Registry(clock, [stage.part("a"), stage.part("a")]).start()


async def test_one_that_fails_is_isolated_and_what_needs_it_waits(stage: Stage, clock: ManualClock) -> None:
    stage.fails["start valkey"] = ConnectionError("nobody there")
    parts = [stage.part("valkey", vital=False), stage.part("cache", "valkey", vital=False), stage.part("bot")]
    registry = Registry(clock, parts)
    await registry.start()
    assert states(registry) == {"valkey": "failed", "cache": "waiting", "bot": "up"}
    assert problem(registry, "valkey") == "nobody there"
    assert problem(registry, "cache") == "It waits for valkey."
    assert (registry.ready, registry.report()["state"]) == (True, "degraded")
    assert stage.done == ["start valkey", "stop valkey", "start bot"]
    await registry.stop()


async def test_what_failed_is_tried_again_each_round_and_what_waited_follows(stage: Stage, clock: ManualClock) -> None:
    stage.fails["start db"] = ConnectionError()
    registry = Registry(clock, [stage.part("db"), stage.part("bus", "db")])
    await registry.start()
    assert (registry.ready, registry.report()["state"]) == (False, "not ready")
    assert problem(registry, "db") == "ConnectionError"
    await registry.look()
    del stage.fails["start db"]
    await registry.look()
    assert states(registry) == {"db": "up", "bus": "up"}
    assert registry.report()["state"] == "ready"
    assert stage.took("start") == ["db", "db", "db", "bus"]
    await registry.stop()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unwell("The disk is full."), "The disk is full."),
        (KeyError("x"), "'x'"),
        (RuntimeError(), "RuntimeError"),
        (TimeoutError("The lane is stuck."), "The lane is stuck."),
        (NEVER, "It did not answer within 0.05 s."),
    ],
)
async def test_a_check_that_complains_makes_a_part_unwell_and_nothing_else(
    error: BaseException, told: str, stage: Stage, clock: ManualClock
) -> None:
    registry = Registry(clock, [stage.part("db"), stage.part("bus", "db")], check_within=0.05)
    await registry.start()
    stage.fails["check db"] = error
    await registry.look()
    assert (states(registry), problem(registry, "db")) == ({"db": "unwell", "bus": "up"}, told)
    assert not registry.ready
    stage.fails.clear()
    await registry.look()
    assert (states(registry), problem(registry, "db")) == ({"db": "up", "bus": "up"}, None)
    assert stage.took("start") == ["db", "bus"]
    await registry.stop()


async def test_checks_come_every_ten_seconds_until_it_is_stopped(stage: Stage, clock: ManualClock) -> None:
    registry = Registry(clock, [stage.part("db")])
    await registry.start()
    seen = []
    for seconds in [EVERY - 0.1, 0.1, EVERY]:
        for _ in range(20):
            await asyncio.sleep(0)
        clock.advance(seconds)
        for _ in range(20):
            await asyncio.sleep(0)
        seen.append(len(stage.took("check")))
    await registry.stop()
    clock.advance(EVERY)
    await asyncio.sleep(0)
    assert (EVERY, seen, len(stage.took("check"))) == (10.0, [0, 1, 2], 2)


async def test_a_start_without_end_fails_and_what_it_had_begun_is_stopped(stage: Stage, clock: ManualClock) -> None:
    stage.fails["start slow"] = NEVER
    registry = Registry(clock, [stage.part("slow", start_within=0.05), stage.part("bot")])
    await registry.start()
    assert states(registry) == {"slow": "failed", "bot": "up"}
    assert stage.done == ["start slow", "stop slow", "start bot"]
    await registry.stop()
    assert stage.took("stop") == ["slow", "bot"]


async def test_one_that_will_not_stop_leaves_time_for_those_after_it(stage: Stage, clock: ManualClock) -> None:
    stage.fails |= {"stop c": NEVER, "stop b": OSError("still in use")}
    registry = Registry(clock, [stage.part("a"), stage.part("b"), stage.part("c")], stop_within=1.2)
    await registry.start()
    await asyncio.wait_for(registry.stop(), 60)
    assert stage.took("stop") == ["c", "b", "a"]
    assert problem(registry, "c") == "It did not answer within 0.5 s."
    assert problem(registry, "b") == "still in use"
    assert STOP_WITHIN == 20.0


async def test_a_part_may_have_nothing_to_do(clock: ManualClock) -> None:
    registry = Registry(clock, [Module("metrics")])
    await registry.stop()
    await registry.start()
    await registry.look()
    assert registry.report()["state"] == "ready"
    await registry.stop()


async def test_every_change_is_told_once_and_one_who_cannot_hear_it_does_no_harm(
    stage: Stage, clock: ManualClock
) -> None:
    told: list[tuple[str, State, str | None]] = []

    def changed(name: str, state: State, why: str | None) -> None:
        told.append((name, state, why))
        raise ConnectionError

    registry = Registry(clock, [stage.part("db")], changed=changed)
    with structlog.testing.capture_logs() as lines:
        await registry.start()
    assert [line["module"] for line in lines if line["event"] == "change not told"] == ["db"]
    stage.fails["check db"] = Unwell("Slow.")
    for _ in range(3):
        await registry.look()
    stage.fails["check db"] = Unwell("Slower.")
    await registry.look()
    stage.fails.clear()
    await registry.look()
    await registry.stop()
    up, unwell = ("db", State.UP, None), ("db", State.UNWELL, "Slow.")
    assert told == [up, unwell, ("db", State.UNWELL, "Slower."), up, ("db", State.STOPPED, None)]


async def test_the_report_is_json_and_says_since_when(stage: Stage, clock: ManualClock) -> None:
    registry = Registry(clock, [stage.part("db"), stage.part("bus", "db", vital=False)])
    await registry.start()
    began = clock.now().isoformat()
    clock.advance(5)
    await registry.look()
    report = json.loads(json.dumps(registry.report()))
    assert report["modules"]["bus"] == {
        "state": "up",
        "problem": None,
        "since": began,
        "needs": ["db"],
        "vital": False,
    }
    await registry.stop()


async def test_metrics_show_which_parts_are_up(stage: Stage, clock: ManualClock) -> None:
    stage.fails["start probe_b"] = OSError()
    registry = Registry(clock, [stage.part("probe_a"), stage.part("probe_b")])
    await registry.start()
    shown = metrics.exposition().decode()
    assert 'modules_up{module="probe_a"} 1.0' in shown
    assert 'modules_up{module="probe_b"} 0.0' in shown
    await registry.stop()


async def test_what_a_part_raised_is_logged_with_its_trace_and_a_sentence_is_not(
    stage: Stage, clock: ManualClock
) -> None:
    stage.fails |= {"start a": OSError("x"), "start b": Unwell("y")}
    registry = Registry(clock, [stage.part("a"), stage.part("b")])
    with structlog.testing.capture_logs() as lines:
        await registry.start()
    await registry.stop()
    assert [line["error"] for line in lines if line["event"] == "module raised"] == ["OSError('x')"]


@pytest.mark.parametrize(("end", "cause"), [("returns", None), ("raises", ConnectionError), ("is cancelled", None)])
async def test_a_task_without_end_that_ends_is_started_anew_and_said_so(
    end: str, cause: type[Exception] | None, clock: ManualClock
) -> None:
    begun: list[asyncio.Task[object] | None] = []

    async def work() -> None:
        begun.append(asyncio.current_task())
        if len(begun) > 1 or end == "is cancelled":
            await asyncio.Event().wait()
        if cause is not None:
            raise cause

    module = background("tail", work)
    registry = Registry(clock, [module])
    await registry.start()
    await until(lambda: len(begun) == 1)
    if end == "is cancelled" and begun[0] is not None:
        begun[0].cancel()
    await asyncio.wait([task for task in begun if task])
    with structlog.testing.capture_logs() as lines:
        await registry.look()
    assert [line["error"] for line in lines if line["event"] == "background task ended"] == [
        "None" if cause is None else "ConnectionError()"
    ]
    assert problem(registry, "tail") == "It ended and was started anew."
    await until(lambda: len(begun) == 2)
    await registry.look()
    assert states(registry) == {"tail": "up"}
    await registry.stop()
    assert begun[1] is not None
    assert begun[1].cancelled()


async def test_a_task_that_was_never_started_can_be_stopped_and_checked() -> None:
    module = background("tail", asyncio.Event().wait)  # type: ignore[arg-type]  # what it returns is not used
    await module.check()
    await module.stop()


async def test_what_only_the_operator_can_mend_ends_the_start_and_is_tried_again_later(
    stage: Stage, clock: ManualClock
) -> None:
    registry = Registry(clock, [stage.part("web"), stage.part("bot"), stage.part("rest")])
    stage.fails["start bot"] = OperatorError("The token is refused.", exit_code=3)
    with pytest.raises(OperatorError, match="is refused"):
        await registry.start()
    assert stage.done == ["start web", "start bot", "stop bot"]
    await registry.look()
    assert registry.report()["modules"]["bot"]["problem"] == "The token is refused."
    await registry.stop()


async def test_a_start_that_is_broken_off_takes_back_what_it_had_begun(stage: Stage, clock: ManualClock) -> None:
    registry = Registry(clock, [stage.part("web"), stage.part("bot")])
    stage.fails["start bot"] = NEVER
    starting = asyncio.create_task(registry.start())
    await until(lambda: "start bot" in stage.done)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await registry.stop()
    assert stage.done == ["start web", "start bot", "stop bot", "stop web"]


async def test_a_task_without_end_says_itself_what_troubles_it() -> None:
    trouble: str | None = None
    part = background("presence", asyncio.Event().wait, trouble=lambda: trouble)  # type: ignore[arg-type]  # its answer, True, is nobody's concern
    await part.start()
    await part.check()
    trouble = "Nobody hears it."
    with pytest.raises(Unwell, match="Nobody hears"):
        await part.check()
    await part.stop()
