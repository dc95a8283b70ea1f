"""How a bot gets its updates: `getUpdates`, and webhooks."""

import ipaddress
import re
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from telesim.errors import bad_request, too_many
from telesim.methods.method import Caller, Method
from telesim.methods.params import Decoded, FileOrId, Params, clamped
from telesim.updates.kinds import selection
from telesim.world.people import Webhook

SECRET = re.compile(r"[A-Za-z0-9_-]*")
LONGEST_SECRET = 256
MOST_CONNECTIONS = 100_000
"""The simulator behaves like Telegram's own server in local mode: http, any port, any address."""


class GetUpdates(Params):
    offset: Annotated[int, clamped(-(2**31), 2**31 - 1)] = 0
    limit: Annotated[int, clamped(1, 100)] = 100
    timeout: Annotated[int, clamped(0, 50)] = 0
    allowed_updates: Annotated[list[str], Decoded] | None = None


class SetWebhook(Params):
    url: str = ""
    certificate: FileOrId | None = None
    ip_address: str | None = None
    max_connections: Annotated[int, clamped(1, MOST_CONNECTIONS)] = 40
    allowed_updates: Annotated[list[str], Decoded] | None = None
    drop_pending_updates: bool = False
    secret_token: str = ""


class DeleteWebhook(Params):
    drop_pending_updates: bool = False


def select(call: Caller, names: list[str] | None) -> None:
    """Take over the selection of updates; without one the previous stays."""
    if names is None:
        return
    chosen = selection(names)
    if chosen != call.bot.allowed_updates:
        call.bot.allowed_updates = chosen
        call.world.keep(call.bot)


async def get_updates(call: Caller, p: GetUpdates) -> bytes:
    """The answer's result, already as JSON: updates are written once and never read here."""
    inbox = call.sim.inbox(call.bot.id)
    if call.bot.webhook is None:
        select(call, p.allowed_updates)
    taken = await inbox.polling.get(p.offset, p.limit, p.timeout)
    bodies = []
    for pending in taken:
        bodies.append(pending.body)
        if call.sim.faults.duplicates_update():
            bodies.append(pending.body)
    return b"[%b]" % b",".join(bodies)


def set_webhook(call: Caller, p: SetWebhook) -> Any:
    if not p.url:
        return delete_webhook(call, DeleteWebhook(drop_pending_updates=p.drop_pending_updates))
    inbox = call.sim.inbox(call.bot.id)
    now = call.sim.clock.monotonic()
    if now < inbox.webhook_set_at + 1:
        raise too_many(1)
    inbox.webhook_set_at = now
    _check_url(p.url)
    if len(p.secret_token) > LONGEST_SECRET:
        raise bad_request("secret token is too long")
    if not SECRET.fullmatch(p.secret_token):
        raise bad_request("secret token contains unallowed characters")
    hook = Webhook(
        p.url, p.secret_token or None, p.max_connections, _checked_ip(p.ip_address), p.certificate is not None
    )
    old = call.bot.webhook
    select(call, p.allowed_updates)
    if p.drop_pending_updates:
        inbox.queue.clear()
    if old is not None and _same(old, hook) and not p.drop_pending_updates and p.allowed_updates is None:
        return True, "Webhook is already set"
    inbox.set_webhook(hook)
    return True, "Webhook was set"


def _same(old: Webhook, new: Webhook) -> bool:
    return replace(old, last_error_date=None, last_error_message=None) == new


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise bad_request("bad webhook: invalid webhook URL specified") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or len(url) > 2048:
        raise bad_request("bad webhook: invalid webhook URL specified")
    if any(ord(char) <= 32 or ord(char) > 126 for char in url):
        raise bad_request("bad webhook: invalid webhook URL specified")


def _checked_ip(address: str | None) -> str | None:
    if not address:
        return None
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as error:
        raise bad_request("bad webhook: invalid IP address specified") from error


def delete_webhook(call: Caller, p: DeleteWebhook) -> Any:
    inbox = call.sim.inbox(call.bot.id)
    if p.drop_pending_updates:
        inbox.queue.clear()
    if call.bot.webhook is None:
        return True, "Webhook is already deleted"
    inbox.set_webhook(None)
    return True, "Webhook was deleted"


def get_webhook_info(call: Caller, _: Params) -> dict[str, Any]:
    hook = call.bot.webhook
    view: dict[str, Any] = {
        "url": hook.url if hook else "",
        "has_custom_certificate": hook.has_custom_certificate if hook else False,
        "pending_update_count": len(call.sim.inbox(call.bot.id).queue),
    }
    if hook is not None:
        view["max_connections"] = hook.max_connections
        view["ip_address"] = hook.ip_address or "127.0.0.1"
        if hook.last_error_message is not None:
            view["last_error_date"] = hook.last_error_date or call.sim.clock.seconds()
            view["last_error_message"] = hook.last_error_message
    if call.bot.allowed_updates is not None:
        view["allowed_updates"] = call.bot.allowed_updates
    return view


METHODS = [
    Method("getUpdates", GetUpdates, get_updates),
    Method("setWebhook", SetWebhook, set_webhook),
    Method("deleteWebhook", DeleteWebhook, delete_webhook),
    Method("getWebhookInfo", Params, get_webhook_info),
]
