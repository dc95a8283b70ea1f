"""Where each value of a world was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sources:
    """File (relative to its pack) and line (from 1) by path in the world: `fragments.hall.decisions.open.to`."""

    places: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def at(self, path: str) -> tuple[str, int] | None:
        """The place of that value, else of the nearest thing around it that is written."""
        while path not in self.places:
            if not path:
                return None
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places[path]
