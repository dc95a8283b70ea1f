"""Bots that nobody here wrote: an aiogram client and a plain python-telegram-bot application live in the simulator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot as AioBot
from aiogram import Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.filters import CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    ChatJoinRequest,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    InputPollOption,
    LabeledPrice,
    Message,
    PollAnswer,
    PreCheckoutQuery,
    ReactionTypeEmoji,
)
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Keyboard
from telegram import LabeledPrice as Price
from telegram import Update
from telegram.error import BadRequest, Forbidden, RetryAfter
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatJoinRequestHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    MessageReactionHandler,
    PollAnswerHandler,
    PreCheckoutQueryHandler,
    filters,
)

from tests.telesim.home import FREE, LUCIA, PNG, VIP, Home, home

Context = ContextTypes.DEFAULT_TYPE
AnyApplication = Application[Any, Any, Any, Any, Any, Any]


@pytest.fixture
async def real() -> AsyncIterator[Home]:
    """A world on real time: these bots poll and wait by themselves."""
    async with home() as running:
        yield running


class Heard:
    """What a bot has heard, and waiting for it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def say(self, what: str, about: Any = None) -> None:
        self._queue.put_nowait((what, about))

    async def next(self, what: str) -> Any:
        async with asyncio.timeout(60):
            while True:
                heard, about = await self._queue.get()
                if heard == what:
                    return about


async def live(sim: Home, heard: Heard) -> None:
    """One person does everything, and the bot hears of it: the same for both bots."""
    await sim.act(LUCIA, "start", payload="hello")
    assert await heard.next("start") == "hello"
    menu = await last(sim, "menu")
    tapped = await sim.act(LUCIA, "tap", message_id=menu["message_id"], label="Edit")
    assert (tapped["text"], tapped["show_alert"]) == ("done", True)
    await heard.next("tap")
    assert (await last(sim, "edited"))["message_id"] == menu["message_id"]
    await sim.says(LUCIA, "quiz please")
    quiz = await last(sim, kind="poll")
    await sim.act(LUCIA, "vote", message_id=quiz["message_id"], option_ids=[1])
    assert await heard.next("answer") == [1]
    await sim.says(LUCIA, "invoice please")
    invoice = await last(sim, kind="invoice")
    paid = await sim.act(LUCIA, "pay", message_id=invoice["message_id"], outcome="paid")
    assert await heard.next("paid") == paid["charge_id"]
    await sim.act(LUCIA, "react", message_id=invoice["message_id"], emoji="🔥")
    assert await heard.next("reaction") == ["🔥"]
    link = await sim.ok("createChatInviteLink", chat_id=VIP, creates_join_request=True)
    await sim.act(LUCIA, "join", invite_link=link["invite_link"])
    assert await heard.next("request") == LUCIA
    assert (await sim.ok("getChatMember", chat_id=VIP, user_id=LUCIA))["status"] == "member"


async def last(sim: Home, text: str | None = None, kind: str = "text") -> Any:
    """Wait until the newest messages hold one with this text, or of this kind."""
    async with asyncio.timeout(60):
        while True:
            n = sim.sim.feed.n
            for said in reversed(await sim.messages(LUCIA)):
                if kind in said and (text is None or said[kind] == text):
                    return said
            if sim.sim.feed.n == n:
                await sim.sim.feed.next_change()


# aiogram


@asynccontextmanager
async def aiogram_client(sim: Home) -> AsyncIterator[AioBot]:
    server = TelegramAPIServer(base=sim.address + "/bot{token}/{method}", file=sim.address + "/file/bot{token}/{path}")
    async with AioBot(
        sim.token, session=AiohttpSession(api=server), default=DefaultBotProperties(parse_mode="HTML")
    ) as bot:
        yield bot


def aiogram_bot(heard: Heard) -> Dispatcher:
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart(deep_link=True))
    async def start(message: Message, command: Any) -> None:
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Edit", callback_data="edit")]])
        await message.answer("<b>menu</b>", reply_markup=keyboard)
        heard.say("start", command.args)

    @dispatcher.callback_query(F.data == "edit")
    async def tap(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("edited")
        await query.answer("done", show_alert=True)
        heard.say("tap")

    @dispatcher.message(F.text == "quiz please")
    async def quiz(message: Message) -> None:
        options: list[Any] = [InputPollOption(text="3"), InputPollOption(text="4")]
        await message.answer_poll("2+2", options, type="quiz", correct_option_ids=[1], is_anonymous=False)

    @dispatcher.poll_answer()
    async def answer(given: PollAnswer) -> None:
        heard.say("answer", given.option_ids)

    @dispatcher.message(F.text == "invoice please")
    async def invoice(message: Message) -> None:
        prices = [LabeledPrice(label="a", amount=5)]
        await message.answer_invoice(title="t", description="d", payload="p", currency="XTR", prices=prices)

    @dispatcher.pre_checkout_query()
    async def checkout(query: PreCheckoutQuery) -> None:
        await query.answer(ok=True)

    @dispatcher.message(F.successful_payment)
    async def paid(message: Message) -> None:
        assert message.successful_payment is not None
        heard.say("paid", message.successful_payment.telegram_payment_charge_id)

    @dispatcher.message_reaction()
    async def reaction(change: Any) -> None:
        heard.say("reaction", [one.emoji for one in change.new_reaction])

    @dispatcher.chat_join_request()
    async def request(asked: ChatJoinRequest) -> None:
        await asked.approve()
        heard.say("request", asked.from_user.id)

    return dispatcher


async def test_an_aiogram_bot_lives_here(real: Home) -> None:
    heard = Heard()
    dispatcher = aiogram_bot(heard)
    async with aiogram_client(real) as bot:
        kinds = dispatcher.resolve_used_update_types()
        polling = asyncio.create_task(
            dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5, allowed_updates=kinds)
        )
        await live(real, heard)
        await dispatcher.stop_polling()
        await polling


async def test_an_aiogram_client_calls_what_bots_call(real: Home) -> None:
    await real.says(LUCIA, "/start")
    async with aiogram_client(real) as bot:
        assert (await bot.get_me()).username == "home_bot"
        await bot.set_my_commands([BotCommand(command="start", description="d")], language_code="es")
        photo = BufferedInputFile(PNG, "a.png")
        sent = await bot.send_photo(LUCIA, photo, caption="<i>a</i>")
        assert sent.photo is not None
        assert (await bot.download(sent.photo[-1].file_id)).read() == PNG  # type: ignore[union-attr]  # it was found
        album = await bot.send_media_group(LUCIA, [InputMediaPhoto(media=photo), InputMediaPhoto(media=photo)])
        assert len({message.media_group_id for message in album}) == 1
        await bot.set_message_reaction(LUCIA, sent.message_id, [ReactionTypeEmoji(emoji="👍")])
        link = await bot.create_chat_invite_link(VIP, member_limit=1)
        assert (await bot.revoke_chat_invite_link(VIP, link.invite_link)).is_revoked
        assert (await bot.get_chat(FREE)).title == "Home Garden"
        assert len(await bot.get_chat_administrators(FREE)) == 2
        await bot.pin_chat_message(FREE, (await bot.send_message(FREE, "news")).message_id)
        prices = [LabeledPrice(label="a", amount=5)]
        url = await bot.create_invoice_link("t", "d", "p", "XTR", prices, subscription_period=2_592_000)
        assert url.startswith("https://t.me/$")
        assert (await bot.get_star_transactions()).transactions == []
        with pytest.raises(TelegramBadRequest, match="message is not modified"):
            await bot.edit_message_caption(chat_id=LUCIA, message_id=sent.message_id, caption="<i>a</i>")
        await real.control("POST", "faults", {"kind": "429", "retry_after": 3})
        with pytest.raises(TelegramRetryAfter) as struck:
            await bot.send_message(LUCIA, "a")
        assert struck.value.retry_after == 3
        await real.act(LUCIA, "block", blocked=True)
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await bot.send_message(LUCIA, "a")


# python-telegram-bot


def ptb(sim: Home) -> AnyApplication:
    builder = ApplicationBuilder().token(sim.token)
    application: AnyApplication = (
        builder.base_url(f"{sim.address}/bot").base_file_url(f"{sim.address}/file/bot").build()
    )
    return application


async def quiz(update: Update, _: Context) -> None:
    assert update.message is not None
    await update.message.reply_poll("2+2", ["3", "4"], type="quiz", correct_option_ids=[1], is_anonymous=False)


async def invoice(update: Update, _: Context) -> None:
    assert update.message is not None
    await update.message.reply_invoice("t", "d", "p", "XTR", [Price("a", 5)])


async def checkout(update: Update, _: Context) -> None:
    assert update.pre_checkout_query is not None
    await update.pre_checkout_query.answer(ok=True)


def ptb_bot(application: AnyApplication, heard: Heard) -> None:
    async def start(update: Update, context: Context) -> None:
        assert update.message is not None
        keyboard = Keyboard([[Button("Edit", callback_data="edit")]])
        await update.message.reply_html("<b>menu</b>", reply_markup=keyboard)
        heard.say("start", " ".join(context.args or []))

    async def tap(update: Update, _: Context) -> None:
        assert update.callback_query is not None
        await update.callback_query.edit_message_text("edited")
        await update.callback_query.answer("done", show_alert=True)
        heard.say("tap")

    async def paid(update: Update, _: Context) -> None:
        assert update.message is not None
        assert update.message.successful_payment is not None
        heard.say("paid", update.message.successful_payment.telegram_payment_charge_id)

    async def other(update: Update, _: Context) -> None:
        if update.poll_answer:
            heard.say("answer", list(update.poll_answer.option_ids))
        elif update.message_reaction:
            heard.say("reaction", [getattr(one, "emoji", None) for one in update.message_reaction.new_reaction])
        elif update.chat_join_request:
            await update.chat_join_request.approve()
            heard.say("request", update.chat_join_request.from_user.id)

    application.add_handlers([
        CommandHandler("start", start), CallbackQueryHandler(tap), MessageHandler(filters.Text(["quiz please"]), quiz),
        MessageHandler(filters.Text(["invoice please"]), invoice), PreCheckoutQueryHandler(checkout),
        MessageHandler(filters.SUCCESSFUL_PAYMENT, paid), PollAnswerHandler(other), MessageReactionHandler(other),
        ChatJoinRequestHandler(other),
    ])  # fmt: skip


@pytest.mark.slow  # it ends with a poll that Telegram slows down to three seconds
async def test_a_plain_ptb_bot_lives_here(real: Home) -> None:
    heard = Heard()
    application = ptb(real)
    ptb_bot(application, heard)
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(timeout=5, allowed_updates=Update.ALL_TYPES)
        await live(real, heard)
        await application.updater.stop()
        await application.stop()


async def test_a_ptb_client_calls_what_bots_call(real: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else PTB warns that it will become so
    await real.says(LUCIA, "/start")
    application = ptb(real)
    async with application:
        bot = application.bot
        assert bot.username == "home_bot"
        sent = await bot.send_photo(LUCIA, PNG, caption="a")
        assert bytes(await (await sent.photo[-1].get_file()).download_as_bytearray()) == PNG
        await bot.set_message_reaction(LUCIA, sent.message_id, "👍")
        await bot.copy_message(LUCIA, LUCIA, sent.message_id)
        await bot.set_my_commands([("start", "d")], language_code="en")
        assert (await bot.get_my_commands(language_code="en"))[0].command == "start"
        await bot.ban_chat_member(FREE, LUCIA)
        assert (await bot.get_chat_member(FREE, LUCIA)).status == "kicked"
        await bot.unban_chat_member(FREE, LUCIA)
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await bot.delete_message(LUCIA, 999)
        await real.control("POST", "faults", {"kind": "429", "retry_after": 3})
        with pytest.raises(RetryAfter):
            await bot.send_message(LUCIA, "a")
        await real.act(LUCIA, "block", blocked=True)
        with pytest.raises(Forbidden):
            await bot.send_message(LUCIA, "a")
