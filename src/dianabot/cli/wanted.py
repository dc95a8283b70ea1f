"""What is typed at the command line, refused in words that say what is wanted."""

from typing import Any

import click


class Wanted(click.ParamType[Any, Any]):
    """Reads as `like` does. `click` would name its own types to an operator; this says what she may type."""

    def __init__(self, like: click.ParamType[Any, Any], wanted: str) -> None:
        self._like = like
        self._wanted = wanted
        self.name = like.name.removesuffix(" range")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._like.convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is not {self._wanted}.", param, ctx)


def number(least: int, most: int) -> Wanted:
    return Wanted(click.IntRange(least, most), f"a whole number from {least} to {most}")


def key(wanted: str, *, least: int = 1) -> Wanted:
    """The number of a row, as PostgreSQL can hold it."""
    return Wanted(click.IntRange(least, 2**63 - 1), wanted)
