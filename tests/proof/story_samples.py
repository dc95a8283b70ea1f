"""The story's operations as the cable is cut under them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from dianabot.operations import asks
from dianabot.operations.answer_challenge import AnswerChallenge
from dianabot.operations.begin_again import BeginAgain
from dianabot.operations.combine_hints import Combine
from dianabot.operations.decide import Decide
from dianabot.operations.enter_vip import EnterVip
from dianabot.operations.publish import Publish
from dianabot.operations.read_on import ReadOn
from dianabot.operations.recount import Recount
from dianabot.operations.start_trial import StartTrial
from dianabot.operations.unit import Act
from tests.proof.house import House
from tests.proof.sample import Sample, World
from tests.proof.tale import publish, tale, way


async def told(house: House, there: World) -> World:
    await publish(house)
    return there


def standing(*decisions: str, button: str = "", trial: bool = False) -> Callable[[House, World], Awaitable[World]]:
    """She has begun to read and gone these ways; `button` is one of the page on which she stands."""

    async def read(house: House, there: World) -> World:
        await publish(house)
        await _run(house, there, ReadOn())
        if trial:
            await _run(house, there, StartTrial())
        for decision in decisions:
            number, visit = await way(house, there.fan, decision)
            await _run(house, there, Decide(decision=number, visit=visit))
        return replace(there, button=await way(house, there.fan, button) if button else (0, 0))

    return read


async def _run(house: House, there: World, act: Act[Any]) -> None:
    await house.coordinator.run(act, key=f"before {act!r}", member=there.fan, actor="member")


def tap(there: World) -> Decide:
    decision, visit = there.button
    return Decide(decision=decision, visit=visit)


STORY = (
    Sample("CALLAR_LUCIEN", lambda _: asks.ChooseSilence(silent=True)),
    Sample("LEER_HISTORIA", lambda _: ReadOn(), told),
    Sample("LEER_HISTORIA", lambda _: ReadOn(), case="refused"),
    Sample("TOMAR_DECISION", tap, standing(button="open")),
    Sample("TOMAR_DECISION", tap, standing("open", button="leave"), case="to an ending"),
    Sample("TOMAR_DECISION", tap, standing(button="climb"), case="refused"),
    Sample("TOMAR_DECISION", tap, standing(button="club"), case="before the wall"),
    Sample("RESPONDER_RETO", lambda there: AnswerChallenge(visit=there.button[1], text="luna"),
           standing("open", "ask", button="fails"), case="wrong"),
    Sample("RESPONDER_RETO", lambda there: AnswerChallenge(visit=there.button[1], text="La Luna"),
           standing("open", "ask", button="knows")),
    Sample("ACCEDER_NARRATIVA_VIP", lambda _: EnterVip(fragment="salon"), standing(trial=True)),
    Sample("ACCEDER_NARRATIVA_VIP", lambda _: EnterVip(fragment="salon"), standing(), case="refused"),
    Sample("EMPEZAR_DE_NUEVO", lambda _: BeginAgain(), standing("open")),
    Sample("COMBINAR_PISTAS", lambda _: Combine(hints=["map", "key"]), standing("open", "ask")),
    Sample("COMBINAR_PISTAS", lambda _: Combine(hints=["map", "key"]), standing("open"), case="refused"),
    Sample("PROBAR_VIP", lambda _: StartTrial()),
    Sample("PROBAR_VIP", lambda _: StartTrial(), standing(trial=True), case="refused"),
    Sample("PUBLICAR_CONTENIDO", lambda _: Publish(world=tale(), reason="first"), by=None),
    Sample("PUBLICAR_CONTENIDO", lambda _: Publish(world=tale(cellar=False)), told, by="owner", case="anew"),
    Sample("RECONTAR_LECTURAS", lambda _: Recount(reason="an event was dropped"), standing("open"), by=None),
)  # fmt: skip
