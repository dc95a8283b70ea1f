"""RECONTAR_LECTURAS: how the fragments are read is counted anew, from the first event of the log."""

from dianabot.kernel.bus import rewind
from dianabot.operations import store
from dianabot.operations.asks import Reasoning
from dianabot.operations.unit import Act, Unit, Who

READERSHIP = "readership"
"""The consumer that counts."""


class Recount(Act[None]):
    """For when it had to pass an event over. The counters begin at nothing and grow until the log is read."""

    reason: Reasoning = ""


async def recount(unit: Unit, who: Who, act: Recount) -> None:
    """Whatever is being counted just now is counted before, and then forgotten with the rest."""
    if who.member is not None:
        await unit.members.require(who.member, "admin")
    await rewind(unit.tx, READERSHIP)
    await unit.fragments.uncount()
    await store.audit(unit.tx, "recount", READERSHIP, before=None, after=None, reason=act.reason)
