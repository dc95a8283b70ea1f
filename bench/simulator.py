"""How fast the simulator is: a flood of messages through the control API, beside a bare endpoint with the same client.

Shown: requests a second of both, their ratio, and that no update was lost and no chat's updates changed places. Client
and server run in two processes, so on two cores neither takes the other's time.
"""

import asyncio
import multiprocessing
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing
from typing import Any

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from telesim.app import create
from telesim.serve import standing_alone
from telesim.world.scene import TOKEN

PEOPLE = 1_000
MESSAGES = 10_000
AT_ONCE = 32


async def _bare(request: Request) -> JSONResponse:
    return JSONResponse({"message_id": len((await request.json())["text"])})


def _serve(kind: str, listening: socket.socket) -> None:
    app = Starlette(routes=[Route("/send", _bare, methods=["POST"])]) if kind == "bare" else standing_alone(create())
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, ws="none"))
    asyncio.run(server.serve(sockets=[listening]))


async def _flood(send: Callable[[int], Awaitable[None]]) -> float:
    """Messages a second, so many at once; each person is written to by one worker, so in order."""

    async def work(worker: int) -> None:
        for number in range(worker, MESSAGES, AT_ONCE):
            await send(number)

    await send(0)
    started = time.perf_counter()
    await asyncio.gather(*(work(worker) for worker in range(AT_ONCE)))
    return MESSAGES / (time.perf_counter() - started)


async def _drain(session: aiohttp.ClientSession, address: str) -> list[dict[str, Any]]:
    """All updates, as a bot fetches them."""
    updates: list[dict[str, Any]] = []
    while True:
        offset = updates[-1]["update_id"] + 1 if updates else 0
        async with session.get(f"{address}/bot{TOKEN}/getUpdates", params={"offset": offset}) as answer:
            fresh = (await answer.json())["result"]
        if not fresh:
            return updates
        updates += fresh


def _disorder(updates: list[dict[str, Any]]) -> int:
    """Updates that came after a later one of the same chat."""
    newest: dict[int, int] = {}
    wrong = 0
    for update in updates:
        chat, number = update["message"]["chat"]["id"], int(update["message"]["text"])
        wrong += newest.get(chat, -1) > number
        newest[chat] = number
    return wrong


async def _measure_bare(address: str) -> dict[str, float]:
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            async with session.post(f"{address}/send", json={"text": f"{number}"}) as answer:
                await answer.read()

        return {"bare endpoint, requests/s": await _flood(send)}


async def _measure_simulator(address: str) -> dict[str, float]:
    address = f"{address}/sim"
    async with aiohttp.ClientSession() as session:
        body = {"first_name": "Fan", "count": PEOPLE}
        async with session.post(f"{address}/api/people", json=body) as answer:
            people = (await answer.json())["ids"]

        async def send(number: int) -> None:
            person = people[number % AT_ONCE + AT_ONCE * (number // AT_ONCE % (PEOPLE // AT_ONCE))]
            async with session.post(f"{address}/api/people/{person}/send", json={"text": f"{number}"}) as answer:
                assert answer.status == 200, await answer.text()

        rate = await _flood(send)
        started = time.perf_counter()
        updates = await _drain(session, address)
        drained = len(updates) / (time.perf_counter() - started)
    return {
        "simulator, messages/s": rate,
        "simulator, updates fetched/s": drained,
        "lost updates": float(MESSAGES + 1 - len(updates)),
        "updates out of their chat's order": float(_disorder(updates)),
    }


def _with_server(kind: str, measured: Callable[[str], Coroutine[Any, Any, dict[str, float]]]) -> dict[str, float]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(kind, listening), daemon=True)
        process.start()
        try:
            return asyncio.run(measured(f"http://127.0.0.1:{listening.getsockname()[1]}"))
        finally:
            process.kill()
            process.join()


def measure() -> dict[str, float]:
    """Both floods, one after the other, and their ratio."""
    figures = _with_server("bare", _measure_bare) | _with_server("simulator", _measure_simulator)
    figures["ratio to the bare endpoint"] = figures["simulator, messages/s"] / figures["bare endpoint, requests/s"]
    return figures


def main() -> int:
    figures = measure()
    for name, value in figures.items():
        print(f"{name:<40} {value:>12,.2f}")
    sound = figures["lost updates"] == 0 and figures["updates out of their chat's order"] == 0
    return 0 if sound and figures["ratio to the bare endpoint"] >= 0.3 else 1


if __name__ == "__main__":
    sys.exit(main())
