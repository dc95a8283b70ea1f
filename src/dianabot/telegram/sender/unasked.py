"""What follows in the chat from what happened elsewhere: written as a send in the transaction that hears of it."""

from datetime import timedelta
from typing import Final

from dianabot.kernel.events import Envelope, member_of
from dianabot.operations.consequences import Row
from dianabot.operations.unit import Unit
from dianabot.telegram.sender.store import forget_member
from dianabot.telegram.store import queue_send

PRIORITY: Final = 5
"""After answers to what somebody just did."""
WANTED: Final = timedelta(hours=12)


async def carry_words(unit: Unit, event: Envelope) -> None:
    """Lucien's words go to whom they are for, unless she has left or shut the door."""
    member = member_of(event.subject)
    assert member is not None, "he speaks to members"
    profile = await unit.members.profile(member)
    if profile.telegram_id is None or profile.blocked_bot:
        return
    message = event.data["message"]
    await queue_send(
        unit.tx,
        f"lucien:{message}",
        chat_id=profile.telegram_id,
        kind="lucien",
        arguments={"said": await unit.lucien.said(member, message), "name": profile.first_name},
        priority=PRIORITY,
        user_id=member,
        wanted_until=event.timestamp + WANTED,
    )


async def forget_chat(unit: Unit, event: Envelope) -> None:
    """Whoever erased her, and from wherever."""
    member = member_of(event.subject)
    assert member is not None, "members are erased"
    await forget_member(unit.tx, member)


UNASKED: Final = (
    Row("telegram", "narrative.lucien_spoke", carry_words),
    Row("telegram", "user.erased", forget_chat),
)
