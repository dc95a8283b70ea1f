"""Variables that were meant for us and say nothing to us, which would else be passed over in silence."""

from difflib import get_close_matches
from typing import Final

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from dianabot.kernel.settings import Settings

PREFIX: Final = "DIANABOT_"
KNOWN: Final = [str(field.validation_alias) for field in Settings.model_fields.values()]
OF_OUR_TOOLS: Final = frozenset({"DIANABOT_CHROMIUM"})
"""Read by what takes the pictures of the pages, and by nothing that runs."""
SURELY: Final = 0.9
"""How near a name without our prefix must come to one of ours to have been meant for it: a slip of one letter."""


def misspelt() -> list[str]:
    """A sentence for each, with the known name that is nearest. Their values are not looked at."""
    places = {"the environment": EnvSettingsSource(Settings), ".env": DotEnvSettingsSource(Settings)}
    found = {(name.upper(), place) for place, source in places.items() for name in source.env_vars}
    return [said for name, place in sorted(found) if (said := sentence(name, place))]


def sentence(name: str, place: str) -> str:
    """Nothing for a name that is known, or somebody else's."""
    ours = name.startswith(PREFIX)
    if name in KNOWN or name in OF_OUR_TOOLS:
        return ""
    names = {known.removeprefix(PREFIX) if ours else known: known for known in KNOWN}
    near = get_close_matches(name.removeprefix(PREFIX), names, 1, 0.6 if ours else SURELY)
    if not near:
        return f"{name} in {place} is no setting and does nothing." if ours else ""
    return f"{name} in {place} is no setting and does nothing. Did you mean {names[near[0]]}?"
