"""`/bot<token>/<method>`: the door that bots use."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from telesim.errors import ApiError, too_many
from telesim.faults import Fault
from telesim.methods.table import METHODS, answer, check_known, refusal
from telesim.request import parameters
from telesim.sim import Sim
from telesim.world.files import Upload
from telesim.world.people import Bot

SILENCE = 120.0
NOT_IN_A_WEBHOOK_ANSWER = frozenset({"setwebhook", "deletewebhook", "close", "logout"})


class BotApi:
    def __init__(self, sim: Sim) -> None:
        self._sim = sim

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        name: str = scope["path_params"]["method"].removeprefix("test/")
        try:
            bot = self._bot(scope["path_params"]["token"])
            if not name or "/" in name:
                await nowhere(request)(scope, receive, send)
                return
            check_known(name)
            given = await parameters(request)
        except ApiError as error:
            await _response(refusal(error), error)(scope, receive, send)
            return
        fault = self._sim.faults.of_call(name.lower())
        if fault is not None and fault.kind == "timeout":
            await self._say_nothing(receive)
        body, refused = await self._carry_out(bot, name, given, fault)
        self._note(bot, name, given, body)
        if fault is not None and fault.kind == "drop_reply":
            await _cut(send)
            return
        await _response(body, refused)(scope, receive, send)

    async def _say_nothing(self, receive: Receive) -> None:
        """For a long time, or until the caller has hung up."""
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await self._sim.clock.wait(gone, SILENCE)
        finally:
            gone.cancel()

    def _bot(self, token: str) -> Bot:
        bot = self._sim.world.tokens.get(token)
        if bot is not None:
            return bot
        number, colon, _ = token.partition(":")
        if not colon or not number.isdigit():
            raise ApiError(401, "Unauthorized: invalid token specified")
        raise ApiError(401, "Unauthorized")

    async def _carry_out(
        self, bot: Bot, name: str, given: dict[str, Any], fault: Fault | None = None
    ) -> tuple[bytes, ApiError | None]:
        try:
            if fault is not None:
                _strike(fault)
            return await answer(self._sim, bot, name, given), None
        except ApiError as error:
            return refusal(error), error
        finally:
            for value in given.values():
                if isinstance(value, Upload):
                    await asyncio.to_thread(value.path.unlink, missing_ok=True)

    def _note(self, bot: Bot, name: str, given: dict[str, Any], body: bytes) -> None:
        shown = {
            key: {"file_name": value.name, "file_size": value.size} if isinstance(value, Upload) else value
            for key, value in given.items()
        }
        call = self._sim.calls.add(self._sim.clock.now(), bot.id, name, shown, body)
        self._sim.feed.publish("call", body={"n": call.n})

    async def from_webhook(self, bot: Bot, said: dict[str, Any]) -> None:
        """A method named in a webhook's answer; its result is nobody's to know."""
        name = str(said.pop("method"))
        if name.lower() not in METHODS or name.lower().startswith("get") or name.lower() in NOT_IN_A_WEBHOOK_ANSWER:
            return
        body, _ = await self._carry_out(bot, name, said)
        self._note(bot, name, said, body)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def nowhere(_: Request) -> Response:
    """A path under the bots' door that names no method."""
    error = ApiError(404, "Not Found")
    return _response(refusal(error), error)


def _strike(fault: Fault) -> None:
    if fault.kind == "429":
        raise too_many(fault.retry_after)
    if fault.kind in {"500", "timeout"}:
        raise ApiError(500, "Internal Server Error")


def _response(body: bytes, error: ApiError | None) -> Response:
    headers = {}
    if error is not None and error.parameters and "retry_after" in error.parameters:
        headers["retry-after"] = str(error.parameters["retry_after"])
    return Response(body, error.code if error else 200, headers, media_type="application/json")


async def _cut(send: Send) -> None:
    """Begin an answer and break off: what a lost connection looks like from the other side."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": False})
