"""How commands answer: a JSON document for programs, lines for people; never both on stdout."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click


def show(found: Any, lines: Callable[[], Iterable[str]], *, as_json: bool) -> None:
    """`found` as one JSON document, or `lines()` for a person."""
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    for line in lines():
        click.echo(line)


def fields(document: Mapping[str, Any]) -> list[str]:
    """One a line; what is absent is a dash, what is built of parts stays JSON."""
    return [f"{name}: {_value(value)}" for name, value in document.items()]


def _value(value: object) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    """Columns as wide as they need to be."""
    cells = [head, *(tuple("" if value is None else str(value) for value in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return ["  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip() for row in cells]
