"""Every operation there is: its registered name, what it is asked with, and the verb that does it.

A verb of one slice is registered here as it stands; one that needs several slices has a file of its own.
"""

from dianabot.operations import asks
from dianabot.operations.answer_challenge import AnswerChallenge, answer_challenge
from dianabot.operations.begin_again import BeginAgain, begin_again
from dianabot.operations.change_rules import (
    ChangeRule,
    ResetRule,
    RevertRules,
    change_rule,
    reset_rule,
    revert_rules,
)
from dianabot.operations.combine_hints import Combine, combine_hints
from dianabot.operations.coordinator import Operation
from dianabot.operations.decide import Decide, decide
from dianabot.operations.enter_vip import EnterVip, enter_vip
from dianabot.operations.erase import erase
from dianabot.operations.grant_role import grant_role
from dianabot.operations.letters import DropLetter, ReplayEvents, RetryLetter, drop_letter, replay_events, retry_letter
from dianabot.operations.publish import LOCK as CONTENT_LOCK
from dianabot.operations.publish import Publish, publish
from dianabot.operations.read_on import ReadOn, read_on
from dianabot.operations.recount import Recount, recount
from dianabot.operations.register import register
from dianabot.operations.start_trial import StartTrial, start_trial
from dianabot.operations.unit import Unit, Who

RULES_LOCK = "rules"


async def attend(_: Unit, __: Who, ___: asks.Attend) -> None:
    """All that happens stands beside it."""


async def choose_language(unit: Unit, who: Who, act: asks.ChooseLanguage) -> None:
    await unit.members.choose_language(who.locked, act.language)


async def choose_time_zone(unit: Unit, who: Who, act: asks.ChooseTimeZone) -> str:
    return await unit.members.choose_time_zone(who.locked, act.written)


async def answer_time_zone(unit: Unit, who: Who, act: asks.AnswerTimeZone) -> str:
    await unit.members.answer_expected(who.locked, "time_zone")
    return await unit.members.choose_time_zone(who.locked, act.written)


async def choose_silence(unit: Unit, who: Who, act: asks.ChooseSilence) -> None:
    await unit.lucien.choose_silence(who.locked, silent=act.silent)


async def expect_input(unit: Unit, who: Who, act: asks.ExpectInput) -> None:
    await unit.members.expect(who.locked, act.kind, act.values)


async def forget_input(unit: Unit, who: Who, _: asks.ForgetInput) -> None:
    await unit.members.forget_expected(who.locked)


async def mark_blocked(unit: Unit, who: Who, _: asks.MarkBlocked) -> bool:
    return await unit.members.mark_blocked(who.locked)


async def recognise_owner(unit: Unit, who: Who, _: asks.RecogniseOwner) -> bool:
    return await unit.members.recognise_owner(who.locked)


OPERATIONS: tuple[Operation, ...] = (
    Operation("REGISTRAR", asks.Register, register),
    Operation("ATENDER", asks.Attend, attend),
    Operation("CAMBIAR_IDIOMA", asks.ChooseLanguage, choose_language),
    Operation("CAMBIAR_ZONA", asks.ChooseTimeZone, choose_time_zone),
    Operation("RESPONDER_ZONA", asks.AnswerTimeZone, answer_time_zone),
    Operation("CALLAR_LUCIEN", asks.ChooseSilence, choose_silence),
    Operation("LEER_HISTORIA", ReadOn, read_on, asks_first=True),
    Operation("TOMAR_DECISION", Decide, decide, limit="decision", asks_first=True),
    Operation("RESPONDER_RETO", AnswerChallenge, answer_challenge, limit="decision", asks_first=True),
    Operation("ACCEDER_NARRATIVA_VIP", EnterVip, enter_vip, limit="decision", asks_first=True),
    Operation("EMPEZAR_DE_NUEVO", BeginAgain, begin_again),
    Operation("COMBINAR_PISTAS", Combine, combine_hints),
    Operation("PROBAR_VIP", StartTrial, start_trial),
    Operation("PUBLICAR_CONTENIDO", Publish, publish, lock=CONTENT_LOCK),
    Operation("RECONTAR_LECTURAS", Recount, recount, lock=CONTENT_LOCK),
    Operation("ESPERAR_RESPUESTA", asks.ExpectInput, expect_input),
    Operation("OLVIDAR_RESPUESTA", asks.ForgetInput, forget_input),
    Operation("MARCAR_BLOQUEO", asks.MarkBlocked, mark_blocked),
    Operation("RECONOCER_DUENA", asks.RecogniseOwner, recognise_owner),
    Operation("OTORGAR_ROL", asks.GrantRole, grant_role),
    Operation("BORRAR_DATOS", asks.Erase, erase),
    Operation("CAMBIAR_REGLA", ChangeRule, change_rule, lock=RULES_LOCK),
    Operation("QUITAR_REGLA", ResetRule, reset_rule, lock=RULES_LOCK),
    Operation("RESTAURAR_REGLAS", RevertRules, revert_rules, lock=RULES_LOCK),
    Operation("REINTENTAR_EVENTO", RetryLetter, retry_letter),
    Operation("DESCARTAR_EVENTO", DropLetter, drop_letter),
    Operation("REPRODUCIR_EVENTOS", ReplayEvents, replay_events, lock="replay"),
)
