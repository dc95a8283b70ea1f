"""All methods by their name, which is the same in capitals and in small letters."""

import inspect
import json
from typing import Any

from telesim.errors import ApiError
from telesim.methods import chatting, editing, fetching, profile, sending
from telesim.methods.method import Caller, Method
from telesim.methods.params import read

FAMILIES = (fetching, profile, sending, editing, chatting)
METHODS: dict[str, Method[Any]] = {method.name.lower(): method for family in FAMILIES for method in family.METHODS}
ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def check_known(name: str) -> None:
    if name.lower() not in METHODS:
        raise ApiError(404, "Not Found: method not found")


async def answer(call: Caller, name: str, given: dict[str, Any]) -> bytes:
    """Carry a method out; the whole envelope of its answer as JSON."""
    method = METHODS[name.lower()]
    result = method.run(call, read(method.params, given))
    if inspect.isawaitable(result):
        result = await result
    if isinstance(result, bytes):
        return b'{"ok":true,"result":%b}' % result
    if isinstance(result, tuple):
        return ENCODE({"ok": True, "result": result[0], "description": result[1]}).encode()
    return ENCODE({"ok": True, "result": result}).encode()


def refusal(error: ApiError) -> bytes:
    envelope: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        envelope["parameters"] = error.parameters
    return ENCODE(envelope).encode()
