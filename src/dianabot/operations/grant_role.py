"""OTORGAR_ROL: somebody is given a role, and it is written down who did it and why."""

from dianabot.members import RoleChange
from dianabot.operations import store
from dianabot.operations.asks import GrantRole
from dianabot.operations.unit import Unit, Who


async def grant_role(unit: Unit, who: Who, act: GrantRole) -> RoleChange:
    change = await unit.members.grant_role(who.locked, act.role, by=act.by)
    await store.audit(
        unit.tx, "grant_role", f"member:{who.locked}", before=change.before, after=change.after, reason=act.reason
    )
    return change
