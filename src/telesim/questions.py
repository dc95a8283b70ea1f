"""Questions that wait for a bot's answer: a pressed button, a payment about to happen."""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal

from telesim.clock import Clock

Kind = Literal["callback", "pre_checkout"]
PATIENCE: dict[Kind, float] = {"callback": 15.0, "pre_checkout": 10.0}
"""Seconds of real time; whoever answers later is told that the query is too old."""


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    kind: Kind
    bot: int
    person: int
    until: float
    answer: "asyncio.Future[dict[str, Any]]"


class Questions:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[Kind, OrderedDict[str, Question]] = {kind: OrderedDict() for kind in PATIENCE}

    def ask(self, kind: Kind, bot: int, person: int) -> Question:
        now = self._clock.monotonic()
        waiting = self._open[kind]
        while waiting and next(iter(waiting.values())).until < now:
            waiting.popitem(last=False)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        question = Question(str(secrets.randbits(62)), kind, bot, person, now + PATIENCE[kind], answer)
        waiting[question.id] = question
        return question

    def answer(self, kind: Kind, bot: int, question_id: str, answer: dict[str, Any]) -> Question | None:
        """Hand the answer over; None when nobody asked that, or not any more."""
        question = self._open[kind].get(question_id)
        if question is None or question.bot != bot or question.until < self._clock.monotonic():
            return None
        del self._open[kind][question_id]
        if not question.answer.done():
            question.answer.set_result(answer)
        return question

    async def wait(self, question: Question) -> dict[str, Any] | None:
        """The answer, or None when the time is up."""
        if await self._clock.wait(question.answer, question.until - self._clock.monotonic()):
            return question.answer.result()
        return None
