"""Nothing that comes in may break the simulator: refused with words, or harmless; never a 5xx."""

import io
import json
from typing import Any

import pytest

from telesim.updates.queue import ROOM
from tests.telesim.home import BOT, LUCIA, Home

Object = dict[str, Any]


async def raw(sim: Home, path: str, body: bytes, kind: str) -> int:
    async with sim.session.post(sim.address + path, data=io.BytesIO(body), headers={"content-type": kind}) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1,2]", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"chat_id": 1e999, "text": "a"}', "application/json"),
        (b'{"chat_id": {"a": []}, "text": null}', "application/json"),
        (b'{"chat_id": 7000000102, "text": "\\ud800"}', "application/json"),
        (b'{"chat_id": 7000000102, "text": "a", "entities": [{"type": "bold", "offset": -5, "length": 99999}]}',
         "application/json"),
        (b"\xff\xfe=\xff&chat_id=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(1_000)), "application/x-www-form-urlencoded"),
        (b"no boundary", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"y" * (2 << 20) + b"\r\n--x--",
         "multipart/form-data; boundary=x"),
        (b"x" * (2 << 20), "text/plain"),
        (b"", "application/json"),
    ],
    ids=range(15),
)  # fmt: skip
async def test_broken_requests_are_refused(chat: Home, body: bytes, kind: str) -> None:
    status = await raw(chat, f"/bot{chat.token}/sendMessage", body, kind)
    assert 400 <= status < 500 or b"entities" in body
    assert 400 <= await raw(chat, f"/api/people/{LUCIA}/send", body, kind) < 500
    assert (await chat.call("getMe")).status == 200


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"NaN", b"Infinity", b"-Infinity"])
async def test_a_number_that_json_cannot_say_leaves_the_list_of_calls_readable(chat: Home, number: bytes) -> None:
    body = b'{"chat_id": 7000000101, "text": "hi", "disable_notification": %b}' % number
    assert await raw(chat, f"/bot{chat.token}/sendMessage", body, "application/json") == 400
    async with chat.session.get(f"{chat.address}/api/calls?after=0") as answer:
        told = await answer.text()
    assert "NaN" not in told
    assert "Infinity" not in told


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("people", {"first_name": ""}),
        ("people", {"first_name": "x" * 5_000}),
        ("people", {"first_name": "x", "count": 10**9}),
        ("people", {"first_name": "x", "language_code": "<script>"}),
        (f"people/{LUCIA}/send", {"text": "x" * 5_000}),
        (f"people/{LUCIA}/send", {"text": "hi", "chat_id": -5}),
        (f"people/{LUCIA}/send", {"text": "hi", "chat_id": 10**30}),
        (f"people/{LUCIA}/send", {"text": "hi", "reply_to_message_id": -1}),
        (f"people/{LUCIA}/send", {"text": "hi", "nonsense": 1}),
        (f"people/{LUCIA}/start", {"payload": "not allowed!"}),
        (f"people/{LUCIA}/start", {"payload": "x" * 65}),
        (f"people/{LUCIA}/vote", {"message_id": -1, "option_ids": [-1]}),
        (f"people/{LUCIA}/pay", {"outcome": "stolen"}),
        (f"people/{LUCIA}/pay", {"outcome": "paid", "invoice_link": "nope"}),
        (f"people/{LUCIA}/join", {}),
        (f"people/{LUCIA}/join", {"invite_link": "https://t.me/+nope"}),
        ("people/-1/send", {"text": "hi"}),
        ("people/0x1/send", {"text": "hi"}),
        ("clock", {"advance_seconds": 1e300}),
        ("clock", {"advance_seconds": "soon"}),
        ("faults", {"kind": "429", "count": -1}),
        ("faults", {"kind": "429", "retry_after": 10**30}),
        ("faults", {"kind": "delay_updates", "seconds": "nan"}),
        ("faults", {"kind": "delay_updates", "seconds": "inf"}),
        ("nothing", {}),
        ("state", {}),
    ],
)
async def test_bad_control_calls_are_refused_with_the_reason(chat: Home, path: str, given: Object) -> None:
    answer = await chat.control("POST", path, given)
    assert 400 <= answer.status < 500
    assert answer.body["error"]


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/botnonsense/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot1:AAA/getMe", 401, "Unauthorized"),
        (f"/bot{BOT}:x/getMe", 401, "Unauthorized"),
    ],
)
async def test_wrong_tokens_are_unauthorized(sim: Home, path: str, status: int, error: str) -> None:
    answer = await sim.request("GET", path)
    assert (answer.status, answer.error, answer.body["error_code"]) == (status, error, status)


async def test_paths_that_lead_nowhere(sim: Home) -> None:
    for path in ("/bot", f"/bot{sim.token}", f"/bot{sim.token}/", f"/bot{sim.token}/a/b/c", "/nothing", "/api/nothing"):
        async with sim.session.get(sim.address + path) as answer:
            assert answer.status in {401, 404}
    assert (await sim.request("PUT", f"/bot{sim.token}/getMe")).status == 405
    lost = await sim.request("GET", f"/bot{sim.token}/a/b")
    assert lost.body == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_names_and_texts_are_data_and_nothing_else(sim: Home) -> None:
    name = "<script>alert(1)</script>"
    person = (await sim.control("POST", "people", {"first_name": name})).body["id"]
    await sim.says(person, "<b>&amp;</b> \x00\u202e")
    heard = await sim.update("message")
    assert (heard["from"]["first_name"], heard["text"]) == (name, "<b>&amp;</b>  \u202e")
    assert "entities" not in heard


async def test_every_door_takes_the_same_parameters(chat: Home) -> None:
    path = f"/bot{chat.token}/sendMessage"
    given = {"chat_id": f"{LUCIA}", "text": "hi", "reply_markup": json.dumps({"inline_keyboard": []})}
    by_query = await chat.request("GET", path, params=given)
    by_form = await chat.request("POST", path, data=given)
    by_json = await chat.request("POST", path, json=given | {"chat_id": LUCIA, "reply_markup": {"inline_keyboard": []}})
    mixed = await chat.request("POST", path, params={"chat_id": f"{LUCIA}"}, data={"text": "hi"})
    tested = await chat.request("POST", f"/bot{chat.token}/test/sendMessage", json=given)
    for answer in (by_query, by_form, by_json, mixed, tested):
        assert answer.result["text"] == "hi"


@pytest.mark.slow
async def test_a_hundred_thousand_waiting_updates_are_the_most(chat: Home) -> None:
    inbox = chat.sim.inbox(BOT)
    for _ in range(ROOM + 50):
        inbox.queue.push("message", b"{}", "chat", chat.clock.now())
    assert len(inbox.queue) == ROOM
    assert (await chat.ok("getWebhookInfo"))["pending_update_count"] == ROOM
    first = next(iter(inbox.queue)).id
    async with chat.session.get(f"{chat.address}/bot{chat.token}/getUpdates?offset={first + ROOM}") as answer:
        assert (await answer.json())["result"] == []
    assert len(inbox.queue) == 0
