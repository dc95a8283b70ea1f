"""Many small wishes, one statement: what is asked while one is under way travels together in the next."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


class Batch(Generic[Wish, Answer]):
    """`ask` returns the answer to its own wish, or raises what the whole batch died of."""

    def __init__(self, carry_out: Callable[[list[Wish]], Awaitable[Mapping[Wish, Answer]]], most: int = 500) -> None:
        self._carry_out = carry_out
        self._most = most
        self._waiting: dict[Wish, asyncio.Future[Answer]] = {}
        self._at_work: asyncio.Task[None] | None = None

    async def ask(self, wish: Wish) -> Answer:
        waiting = self._waiting.setdefault(wish, asyncio.get_running_loop().create_future())
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work())
        return await asyncio.shield(waiting)

    async def _work(self) -> None:
        while self._waiting:
            taken = dict(list(self._waiting.items())[: self._most])
            for wish in taken:
                del self._waiting[wish]
            try:
                answers = await self._carry_out(list(taken))
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                for waiting in taken.values():
                    waiting.set_exception(error)
                    waiting.exception()  # told, even if whoever asked has gone
            else:
                for wish, waiting in taken.items():
                    waiting.set_result(answers[wish])
        self._at_work = None
