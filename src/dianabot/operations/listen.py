"""What Lucien may be told of, and what of it the present world has a use for."""

from collections.abc import Iterable

from dianabot.kernel.bus import spare
from dianabot.operations.unit import Unit
from dianabot.vocabulary.world import Template

LUCIEN = "lucien"
"""The consumer that he is, and the kind of his timers."""
HEARS = (
    "user.registered",
    "narrative.fragment_visited",
    "narrative.decision_taken",
    "narrative.fragment_completed",
    "narrative.level_completed",
    "narrative.secret_discovered",
    "narrative.content_unlocked",
    "narrative.hint_unlocked",
    "narrative.story_completed",
    "gamification.level_reached",
    "gamification.item_acquired",
    "admin.subscription_started",
)
"""What a template may be called for by."""


async def listen(unit: Unit, templates: Iterable[Template]) -> None:
    """From now on he is told only of what calls for one of these."""
    called_by = {template.on for template in templates}
    await spare(unit.tx, LUCIEN, [event_type for event_type in HEARS if event_type not in called_by])
