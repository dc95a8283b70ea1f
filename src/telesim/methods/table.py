"""All methods by their name, which is the same in capitals and in small letters."""

import inspect
import json
from typing import Any

from telesim.errors import ApiError
from telesim.methods import (
    albums,
    asking,
    chatting,
    editing,
    elsewhere,
    fetching,
    forwarding,
    linking,
    media,
    membering,
    paying,
    pinning,
    profile,
    reacting,
    sending,
)  # fmt: skip
from telesim.methods.method import Caller, Method
from telesim.methods.params import read
from telesim.sim import Sim
from telesim.world.files import Upload
from telesim.world.people import Bot

FAMILIES = (
    fetching, profile, sending, media, albums, asking, editing, forwarding, reacting, chatting, pinning, linking,
    membering, paying, elsewhere,
)  # fmt: skip
METHODS: dict[str, Method[Any]] = {method.name.lower(): method for family in FAMILIES for method in family.METHODS}
ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def check_known(name: str) -> None:
    if name.lower() not in METHODS:
        raise ApiError(404, "Not Found: method not found")


async def answer(sim: Sim, bot: Bot, name: str, given: dict[str, Any]) -> bytes:
    """Carry a method out; the whole envelope of its answer as JSON."""
    method = METHODS[name.lower()]
    known = method.params.model_fields
    attached = {key: value for key, value in given.items() if isinstance(value, Upload) and key not in known}
    named = {key: value for key, value in given.items() if key not in attached}
    result = method.run(Caller(sim, bot, attached), read(method.params, named))
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
