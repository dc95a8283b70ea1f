"""Reactions of the bot itself."""

from typing import Annotated

from telesim.acts.reacting import EMOJI, plain_emoji, react
from telesim.errors import bad_request
from telesim.methods.method import Caller, Method
from telesim.methods.params import ChatId, Decoded, Given, Integer, Params
from telesim.methods.places import check_may_write, find_message


class Reaction(Given):
    type: str
    emoji: str = ""
    custom_emoji_id: str = ""


class SetReaction(Params):
    chat_id: ChatId
    message_id: Integer
    reaction: Annotated[tuple[Reaction, ...], Decoded] = ()
    is_big: bool = False


def set_reaction(call: Caller, p: SetReaction) -> bool:
    where, said = find_message(call, p.chat_id, p.message_id, "message to react not found")
    if where.type == "private":
        check_may_write(call, where)
    if len(p.reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if said.is_service:
        raise bad_request("message can't be reacted to" if said.pinned is None else "MESSAGE_ID_INVALID")
    emojis = [plain_emoji(one.emoji) for one in p.reaction]
    if any(one.type != "emoji" for one in p.reaction) or not EMOJI.issuperset(emojis):
        raise bad_request("REACTION_INVALID")
    react(call.sim, where, said, call.bot.id, emojis)
    return True


METHODS = [Method("setMessageReaction", SetReaction, set_reaction)]
