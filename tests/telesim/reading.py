"""Everything that the simulator emits, read by aiogram's types: a field that they do not know is a mistake."""

import json
from typing import Any

import aiogram.methods
from aiogram.methods import TelegramMethod
from aiogram.types import TelegramObject
from pydantic import BaseModel, TypeAdapter

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    method.__api_method__.lower(): method
    for method in vars(aiogram.methods).values()
    if isinstance(method, type) and issubclass(method, TelegramMethod) and method is not TelegramMethod
}
ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def understood(method: str, body: Any) -> None:
    """The result of a call is of the type that the method promises."""
    known = METHODS.get(method.lower())
    if known is None or not isinstance(body, dict) or not body.get("ok"):
        return
    if method.lower() not in ADAPTERS:
        ADAPTERS[method.lower()] = TypeAdapter(known.__returning__)
    read_strictly(ADAPTERS[method.lower()], body["result"])


def read_strictly(kind: Any, shown: Any) -> Any:
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    read = adapter.validate_json(json.dumps(shown))
    check_known(read, "result")
    return read


def check_known(read: Any, place: str) -> None:
    """No field anywhere that the types have no name for."""
    if isinstance(read, BaseModel):
        if isinstance(read, TelegramObject):
            unknown = set(read.model_extra or {})
            assert not unknown, f"{place}: {type(read).__name__} has no {sorted(unknown)}"
        for name in type(read).model_fields:
            check_known(getattr(read, name), f"{place}.{name}")
    elif isinstance(read, list):
        for index, one in enumerate(read):
            check_known(one, f"{place}[{index}]")
