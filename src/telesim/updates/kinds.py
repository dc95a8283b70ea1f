"""Which updates there are, which a bot is sent by default, and how long each kind keeps."""

KINDS: tuple[str, ...] = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "guest_message", "message_reaction",
    "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
    "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot", "subscription",
    "stopped_message_generation",
)  # fmt: skip
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
DEFAULT = frozenset(KINDS) - ON_REQUEST

DAY = 86_400
LIFETIME = {
    "callback_query": 150, "shipping_query": 150, "pre_checkout_query": 150,
    "inline_query": 30, "chosen_inline_result": 600,
}  # fmt: skip


def lifetime(kind: str) -> int:
    """Seconds after which an update that nobody took is forgotten."""
    return LIFETIME.get(kind, DAY)


def selection(names: list[str]) -> list[str] | None:
    """What a bot that sends these `allowed_updates` gets; None is the default. Unknown names count for nothing."""
    known = [kind for kind in KINDS if kind in names]
    return known if known and frozenset(known) != DEFAULT else None
