"""BORRAR_DATOS: what is personal goes, in every slice that holds some; what she earned and spent still adds up."""

from dianabot.operations import store
from dianabot.operations.asks import Erase
from dianabot.operations.unit import Unit, Who


async def erase(unit: Unit, who: Who, _: Erase) -> None:
    """Her name, her settings, what was said to her and asked of her go here; what the chat keeps, on `user.erased`.

    What she read, found, owns and spent stays under a number that leads to nobody: the log tells the same of that
    number, the counters of readers and the ledger add up to it, and an act tried again must be found done.
    """
    await unit.members.erase(who.locked)
    await unit.lucien.forget(who.locked)
    await store.audit(unit.tx, "erase", f"member:{who.locked}", before=None, after=None, reason="")
