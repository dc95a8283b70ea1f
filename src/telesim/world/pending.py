"""An update on its way to a bot."""

from dataclasses import dataclass


@dataclass(slots=True)
class Pending:
    id: int
    bot: int
    kind: str
    lane: str
    """Updates of one lane stay in order and wait for each other when they go to a webhook."""
    expires: float
    body: bytes
    """The whole `Update` as JSON: written once, however often it is fetched."""

    @property
    def key(self) -> str:
        return f"{self.bot}/{self.id}"


@dataclass(slots=True)
class Reserved:
    """Update ids of a bot below this one may have been given out: a restart goes on from here."""

    bot: int
    below: int

    @property
    def key(self) -> str:
        return str(self.bot)
