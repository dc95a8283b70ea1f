"""REGISTRAR: a stranger becomes a member, if the creator lets strangers in."""

from dianabot.kernel.errors import Refusal
from dianabot.members import Registered
from dianabot.operations.asks import Register
from dianabot.operations.unit import Unit, Who


class RegistrationClosed(Refusal):
    """The creator takes in nobody new at the moment."""


async def register(unit: Unit, _: Who, act: Register) -> Registered:
    """Somebody who is a member already is let through, also while the door is closed."""
    if not unit.rules.flags.registration and await unit.members.find(act.contact.telegram_id) is None:
        raise RegistrationClosed
    return await unit.members.register(act.contact, otherwise=unit.rules.creator.language)
