"""BORRAR_DATOS: what is personal goes, in every slice that holds some; what she earned and spent still adds up."""

from dianabot.operations import store
from dianabot.operations.asks import Erase
from dianabot.operations.unit import Unit, Who


async def erase(unit: Unit, who: Who, _: Erase) -> None:
    """Each slice erases its part here. What lies outside the slices follows from `user.erased`."""
    await unit.members.erase(who.locked)
    await unit.lucien.forget(who.locked)
    await store.audit(unit.tx, "erase", f"member:{who.locked}", before=None, after=None, reason="")
