"""What Telegram says of this bot, asked once and without the bot running: for `doctor`."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from dianabot.kernel.clock import Clock
from dianabot.kernel.settings import Settings

WITHIN = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True)
class Told:
    """`problem` and `mend` when there was no good answer."""

    username: str = ""
    webhook: str = ""
    webhook_error: str = ""
    seconds_off: float | None = None
    problem: str | None = None
    mend: str = ""


async def ask_telegram(settings: Settings, clock: Clock) -> Told:
    if settings.bot_token is None:
        return Told(problem="no token", mend="Set BOT_TOKEN to what @BotFather gave you, or try: dianabot demo")
    base = settings.ptb_base_url + settings.bot_token.get_secret_value()
    try:
        async with aiohttp.ClientSession(timeout=WITHIN) as session:
            me, sent_at = await _ask(session, f"{base}/getMe")
            if not me.get("ok"):
                said = me.get("description", "no word of why")
                return Told(problem=f"refuses the token: {said}", mend="Ask @BotFather for the token again.")
            hook, _ = await _ask(session, f"{base}/getWebhookInfo")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        problem = f"does not answer at {settings.bot_api_url} ({type(error).__name__})"
        return Told(problem=problem, mend="Check the network, and BOT_API_URL.")
    off = None if sent_at is None else abs((clock.real() - parsedate_to_datetime(sent_at)).total_seconds())
    info = hook.get("result", {})
    return Told(me["result"]["username"], info.get("url", ""), info.get("last_error_message", ""), off)


async def _ask(session: aiohttp.ClientSession, address: str) -> tuple[dict[str, Any], str | None]:
    async with session.get(address) as answer:
        said: dict[str, Any] = await answer.json()
        return said, answer.headers.get("Date")
