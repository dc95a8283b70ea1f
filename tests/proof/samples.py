"""For every registered operation at least one way it is asked: what the cable is cut under."""

from typing import Any

from dianabot.kernel.events import Fact
from dianabot.members import Contact
from dianabot.operations import asks
from dianabot.operations.change_rules import ChangeRule, ResetRule, RevertRules
from dianabot.operations.coordinator import Beside
from dianabot.operations.letters import DropLetter, ReplayEvents, RetryLetter
from dianabot.operations.unit import Act, Unit
from tests.proof import ledger
from tests.proof.house import House
from tests.proof.sample import Sample, World
from tests.proof.stage import START
from tests.proof.story_samples import STORY

PEOPLE = """
INSERT INTO users (telegram_id, first_name, language, role, created_at, last_active_at)
SELECT 700 + number, 'Somebody', 'es', CASE number WHEN 1 THEN 'fan' ELSE 'owner' END, $1, $1
FROM generate_series(1, 3) AS number
RETURNING id
"""
LETTER = """
INSERT INTO dead_letters (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                          correlation_id, priority, version, attempts, reason, error, trace, died_at)
VALUES ('proof_echo', 3, 5, '00000000-0000-7000-8000-000000000001', 'proof.rang', $1::jsonb, $2, $3, $4, 'system',
        '00000000-0000-7000-8000-000000000002', 2, 1, 3, 'failed', 'error', 'trace', $2)
RETURNING id
"""


async def world(house: House) -> World:
    fan, owner, _ = (number for (number,) in await house.rows(PEOPLE, START))
    return World(fan, owner)


async def asked_for_zone(house: House, there: World) -> World:
    await house.coordinator.run(asks.ExpectInput(kind="time_zone"), key="asked", member=there.fan, actor="member")
    return there


async def changed_rule(house: House, there: World) -> World:
    act = ChangeRule(path="limits.purchase.count", value=7)
    await house.coordinator.run(act, key="changed", member=there.owner, actor="member")
    return there


async def dead_letter(house: House, there: World) -> World:
    event = f'{{"member": {there.fan}, "cause": "old"}}'
    [(number,)] = await house.rows(LETTER, event, START, f"member:{there.fan}", there.fan)
    return World(there.fan, there.owner, number)


async def past_events(house: House, there: World) -> World:
    """Two facts from before the consumer was known, which it has not heard."""
    facts: list[Fact] = [ledger.Moved(member=there.fan, seq=n, amount=1, cause="old") for n in (1, 2)]
    await house.happen(*facts)
    await house.db.run("DELETE FROM deliveries WHERE consumer = 'proof_totals'")
    await house.start()
    return there


async def rich(house: House, there: World) -> World:
    act = ledger.Move(cause="rich", amount=50)
    await house.coordinator.run(act, key="rich", member=there.fan, actor="member")
    return there


def attending(there: World) -> Beside:
    async def attend(unit: Unit) -> None:
        await unit.members.attend(there.fan, Contact(701, "Ana", "ana", "en"), command="start")

    return attend


def newcomer(**more: Any) -> Act[Any]:
    return asks.Register(contact=Contact(900, "Nueva", "nueva", "es", **more), payload="link")


SAMPLES = (
    Sample("REGISTRAR", lambda _: newcomer(), by=None),
    Sample("REGISTRAR", lambda _: newcomer(is_bot=True), by=None, case="refused"),
    Sample("ATENDER", lambda _: asks.Attend(), beside=attending),
    Sample("CAMBIAR_IDIOMA", lambda _: asks.ChooseLanguage(language="en")),
    Sample("CAMBIAR_IDIOMA", lambda _: asks.ChooseLanguage(language="en"), beside=attending, case="with attendance"),
    Sample("CAMBIAR_ZONA", lambda _: asks.ChooseTimeZone(written="Europe/Madrid")),
    Sample("CAMBIAR_ZONA", lambda _: asks.ChooseTimeZone(written="nowhere"), case="refused"),
    Sample("RESPONDER_ZONA", lambda _: asks.AnswerTimeZone(written="Europe/Madrid"), asked_for_zone),
    Sample("RESPONDER_ZONA", lambda _: asks.AnswerTimeZone(written="Europe/Madrid"), case="refused"),
    Sample("ESPERAR_RESPUESTA", lambda _: asks.ExpectInput(kind="time_zone", values={"a": 1})),
    Sample("OLVIDAR_RESPUESTA", lambda _: asks.ForgetInput(), asked_for_zone),
    Sample("MARCAR_BLOQUEO", lambda _: asks.MarkBlocked()),
    Sample("RECONOCER_DUENA", lambda _: asks.RecogniseOwner()),
    Sample("OTORGAR_ROL", lambda there: asks.GrantRole(role="moderator", by=there.owner, reason="trusted")),
    Sample("OTORGAR_ROL", lambda there: asks.GrantRole(role="fan", by=there.fan), by="owner", case="refused"),
    Sample("BORRAR_DATOS", lambda _: asks.Erase()),
    Sample("CAMBIAR_REGLA", lambda _: ChangeRule(path="limits.purchase.count", value=9), by="owner"),
    Sample("CAMBIAR_REGLA", lambda _: ChangeRule(path="limits.purchase.count", value="x"), by=None, case="refused"),
    Sample("QUITAR_REGLA", lambda _: ResetRule(path="limits.purchase.count"), changed_rule, by="owner"),
    Sample("RESTAURAR_REGLAS", lambda _: RevertRules(version=0), changed_rule, by="owner"),
    Sample("REINTENTAR_EVENTO", lambda there: RetryLetter(letter=there.letter), dead_letter, by=None),
    Sample("DESCARTAR_EVENTO", lambda there: DropLetter(letter=there.letter, reason="old"), dead_letter, by=None),
    Sample("REPRODUCIR_EVENTOS", lambda _: ReplayEvents(consumer="proof_totals", since=START), past_events, by=None),
    *STORY,
    Sample("PROBAR_MOVER", lambda _: ledger.Move(cause="gift", amount=5)),
    Sample("PROBAR_MOVER", lambda _: ledger.Move(cause="gift", amount=-5), case="refused"),
    Sample("PROBAR_DAR", lambda there: ledger.Share(cause="gift", amount=5, to=there.owner), rich),
    Sample("PROBAR_RECORDAR", lambda _: ledger.Remind(cause="bell", seconds=0)),
    Sample("PROBAR_ENVENENAR", lambda _: ledger.Poison(cause="bad")),
)
