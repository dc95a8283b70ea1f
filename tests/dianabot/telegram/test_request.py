"""How calls travel: kept connections, clear errors, and a token that nobody gets to see."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from telegram import Bot, InputFile
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError

from dianabot.kernel.breaker import State
from dianabot.kernel.clock import SystemClock
from dianabot.telegram.request import AiohttpRequest, Lost, NotSent, TooFast
from tests.telesim.home import LUCIA, Home, home


@pytest.fixture
async def sim() -> AsyncIterator[Home]:
    async with home() as running:
        await running.says(LUCIA, "/start")
        yield running


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    made = AiohttpRequest(SystemClock(), read_timeout=0.5)
    await made.initialize()
    yield made
    await made.shutdown()


def bot_at(address: str, request: AiohttpRequest, token: str) -> Bot:
    return Bot(token, f"{address}/bot", f"{address}/file/bot", request=request, get_updates_request=request)


@pytest.fixture
def bot(sim: Home, request_: AiohttpRequest) -> Bot:
    return bot_at(sim.address, request_, sim.token)


async def test_words_and_files_arrive(sim: Home, bot: Bot) -> None:
    text = await bot.send_message(LUCIA, "¿Qué tal? <b>&amp;</b> 🎩", parse_mode="HTML")
    file = await bot.send_document(LUCIA, InputFile(b"\x00\xff", filename='día "1".json'), caption="ñ")

    assert text.text == "¿Qué tal? & 🎩"
    assert file.document is not None
    assert file.document.file_size == 2
    assert file.caption == "ñ"
    content = await (await bot.get_file(file.document.file_id)).download_as_bytearray()
    assert bytes(content) == b"\x00\xff"
    assert [said["from"]["is_bot"] for said in await sim.messages(LUCIA)] == [False, True, True]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"kind": "429", "retry_after": 7}, TooFast),
        ({"kind": "500"}, NetworkError),
        ({"kind": "timeout"}, Lost),
        ({"kind": "drop_reply"}, Lost),
    ],
)
async def test_each_trouble_has_its_error(
    sim: Home, bot: Bot, fault: dict[str, object], raised: type[TelegramError]
) -> None:
    await sim.control("POST", "faults", {"method": "sendMessage", "count": 1, **fault})

    with pytest.raises(raised) as caught:
        await bot.send_message(LUCIA, "hola")

    assert sim.token not in repr(caught.value)
    assert sim.address not in repr(caught.value)
    if isinstance(caught.value, TooFast):
        assert caught.value.wait == 7
    assert (await bot.send_message(LUCIA, "otra vez")).text == "otra vez"


async def test_a_definite_no_says_why(sim: Home, bot: Bot, request_: AiohttpRequest) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "hola")
    await sim.act(LUCIA, "block", blocked=True)
    with pytest.raises(Forbidden):
        await bot.send_message(LUCIA, "hola")
    with pytest.raises(InvalidToken):
        await bot_at(sim.address, request_, "1:wrong").get_me()
    await bot.set_webhook("https://127.0.0.1:1/x")
    with pytest.raises(Conflict):
        await bot.get_updates()


async def test_a_closed_door_is_surely_not_sent_and_after_five_it_is_left_alone(request_: AiohttpRequest) -> None:
    token = "123456:" + "A" * 30
    nobody = bot_at("http://127.0.0.1:9", request_, token)
    assert request_.breaker is not None

    for _ in range(5):
        with pytest.raises(NotSent, match="cannot be reached") as caught:
            await nobody.get_me()
        assert token not in repr(caught.value)
    assert request_.breaker.state is State.OPEN

    with pytest.raises(NotSent, match="left alone") as resting:
        await nobody.get_me()
    assert 0 < resting.value.wait <= 30


async def test_a_definite_no_does_not_blow_the_fuse(bot: Bot, request_: AiohttpRequest) -> None:
    for _ in range(8):
        with pytest.raises(BadRequest):
            await bot.send_message(1, "hola")

    assert request_.breaker is not None
    assert request_.breaker.state is State.CLOSED


async def test_many_calls_at_once_share_connections(bot: Bot) -> None:
    await asyncio.gather(*(bot.get_me() for _ in range(50)))


async def test_before_it_stands_it_says_so() -> None:
    nobody = bot_at("http://127.0.0.1:9", AiohttpRequest(SystemClock()), "1:x")

    with pytest.raises(TelegramError, match="not initialized"):
        await nobody.get_me()
