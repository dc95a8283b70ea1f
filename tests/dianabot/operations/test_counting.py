"""What `/metrics` tells of operations."""

import contextlib

from dianabot.kernel.errors import KeyReused
from dianabot.kernel.metrics import operations_running, operations_total
from dianabot.operations.coordinator import Operation
from dianabot.operations.unit import Act, Unit, Who
from tests.proof.house import House
from tests.proof.ledger import NotEnough
from tests.proof.parts import Part


class Count(Act[int]):
    n: int = 0


async def test_each_call_is_counted_by_what_came_of_it_and_a_repeat_is_no_second_act(postgres_dsn: str) -> None:
    running: list[float] = []

    async def verb(_: Unit, who: Who, act: Count) -> int:
        running.append(operations_running._value.get())
        if act.n == 1:
            raise NotEnough(0, who.locked)
        if act.n == 2:
            raise ValueError("a defect")
        return act.n

    def counted() -> dict[str, float]:
        return {
            outcome: operations_total.labels("CONTAR", outcome)._value.get()
            for outcome in ("done", "refused", "repeated", "failed")
        }

    counting = Part("counting", (), operations=(Operation("CONTAR", Count, verb),))
    async with House(postgres_dsn, (counting,)) as built:
        [ana] = await built.members()
        before, at_rest = counted(), operations_running._value.get()
        for key, n in (("done", 0), ("done", 0), ("no", 1), ("no", 1), ("broken", 2), ("done", 5)):
            with contextlib.suppress(NotEnough, ValueError, KeyReused):
                await built.coordinator.run(Count(n=n), key=key, member=ana, actor="member")
    assert running == [at_rest + 1] * 3
    assert operations_running._value.get() == at_rest
    more = {outcome: number - before[outcome] for outcome, number in counted().items()}
    assert more == {"done": 1, "refused": 1, "repeated": 2, "failed": 2}
