"""Things of the world as objects of the Bot API. `viewer` is the id of the bot or person who looks."""

from typing import Any

from telesim.world.chats import Chat, InviteLink, Member
from telesim.world.messages import Message, Poll
from telesim.world.people import Bot, Person
from telesim.world.scene import PERMISSIONS
from telesim.world.world import World

Object = dict[str, Any]
MENTIONS = ("entities", "caption_entities")


def user(someone: Person | Bot) -> Object:
    view: Object = {"id": someone.id, "is_bot": isinstance(someone, Bot), "first_name": someone.first_name}
    if isinstance(someone, Person) and someone.last_name:
        view["last_name"] = someone.last_name
    if someone.username:
        view["username"] = someone.username
    if isinstance(someone, Person):
        view["language_code"] = someone.language_code
    return view


def user_by_id(world: World, user_id: int) -> Object:
    someone = world.user(user_id)
    return user(someone) if someone else {"id": user_id, "is_bot": False, "first_name": "Telegram"}


def me(bot: Bot) -> Object:
    return user(bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat(world: World, where: Chat) -> Object:
    if where.type == "private":
        person = world.people[where.id]
        view: Object = {"id": where.id, "type": "private", "first_name": person.first_name}
        if person.last_name:
            view["last_name"] = person.last_name
        if person.username:
            view["username"] = person.username
        return view
    view = {"id": where.id, "type": where.type, "title": where.title or ""}
    if where.username:
        view["username"] = where.username
    return view


def message(world: World, said: Message, viewer: int, *, reply: bool = True) -> Object:
    """A message in its newest state."""
    where = world.chats[said.chat]
    view: Object = {"message_id": said.id}
    if said.sender is not None:
        view["from"] = user_by_id(world, said.sender)
    if said.sender_chat is not None:
        view["sender_chat"] = chat(world, world.public[said.sender_chat])
    view["chat"] = chat(world, where)
    view["date"] = said.date
    _origin(world, said, where, view, viewer, reply=reply)
    view |= said.content
    for name in MENTIONS:
        if name in view:
            view[name] = entities(world, view[name])
    if said.poll is not None:
        view["poll"] = poll(world, world.polls[said.poll], viewer, private=where.type == "private")
    if said.pinned is not None:
        view["pinned_message"] = message_or_gone(world, where, said.pinned, viewer)
    if said.markup is not None:
        view["reply_markup"] = said.markup
    return view


def _origin(world: World, said: Message, where: Chat, view: Object, viewer: int, *, reply: bool) -> None:
    if said.forward_origin is not None:
        view["forward_origin"] = said.forward_origin
    if said.automatic_forward:
        view["is_automatic_forward"] = True
    if said.thread is not None and where.is_group:
        view["message_thread_id"] = said.thread
    if said.reply_to is not None and reply:
        target = world.message(where, said.reply_to)
        if target is not None:
            view["reply_to_message"] = message(world, target, viewer, reply=False)
    for name in ("quote", "edit_date", "media_group_id", "effect_id"):
        value = getattr(said, name)
        if value is not None:
            view[name] = value
    if said.protected:
        view["has_protected_content"] = True


def message_or_gone(world: World, where: Chat, message_id: int, viewer: int) -> Object:
    """A message, or what a bot is shown of one that it can no longer reach."""
    said = world.message(where, message_id)
    if said is None:
        return {"chat": chat(world, where), "message_id": message_id, "date": 0}
    return message(world, said, viewer)


def entities(world: World, marks: list[Object]) -> list[Object]:
    """Mentions by id carry the person as she is called now; a mention of nobody is plain text."""
    if not any("user_id" in mark for mark in marks):
        return marks
    shown = []
    for mark in marks:
        if "user_id" not in mark:
            shown.append(mark)
        elif (someone := world.user(mark["user_id"])) is not None:
            rest = {name: value for name, value in mark.items() if name != "user_id"}
            shown.append(rest | {"user": user(someone)})
    return shown


def poll(world: World, asked: Poll, viewer: int, *, private: bool = False) -> Object:
    hidden = asked.hide_until_close and not asked.closed
    view: Object = {
        "id": asked.id,
        "question": asked.question,
        "options": [
            option | {"voter_count": 0 if hidden else asked.counts[index]} for index, option in enumerate(asked.options)
        ],
        "total_voter_count": len(asked.votes),
        "is_closed": asked.closed,
        "is_anonymous": asked.is_anonymous,
        "type": asked.type,
        "allows_multiple_answers": asked.multiple,
        "allows_revoting": asked.revoting,
        "members_only": asked.members_only,
    }
    if asked.question_entities:
        view["question_entities"] = entities(world, asked.question_entities)
    if asked.country_codes:
        view["country_codes"] = asked.country_codes
    if asked.description:
        view["description"] = asked.description
        view["description_entities"] = entities(world, asked.description_entities)
    for name in ("open_period", "close_date"):
        if getattr(asked, name) is not None:
            view[name] = getattr(asked, name)
    if asked.type == "quiz" and (
        asked.closed or asked.owner == viewer or asked.votes.get(viewer) or (private and viewer in world.bots)
    ):
        view["correct_option_ids"] = asked.correct
        if asked.explanation:
            view["explanation"] = asked.explanation
            view["explanation_entities"] = entities(world, asked.explanation_entities)
    return view


def member(world: World, of: Member) -> Object:
    view: Object = {"user": user_by_id(world, of.user), "status": of.status}
    if of.status == "creator":
        view["is_anonymous"] = False
    elif of.status == "administrator":
        view |= {"can_be_edited": False, "is_anonymous": False} | _rights(of)
    elif of.status == "restricted":
        permissions = {name: of.rights.get(name, False) for name in PERMISSIONS}
        view |= {"is_member": of.is_member, "until_date": of.until} | permissions
    elif of.status == "kicked" or (of.status == "member" and of.until):
        view["until_date"] = of.until
    if of.title and of.status in {"creator", "administrator"}:
        view["custom_title"] = of.title
    return view


def _rights(of: Member) -> dict[str, bool]:
    required = (
        "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
        "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
        "can_delete_stories", "can_send_welcome_messages",
    )  # fmt: skip
    return dict.fromkeys(required, False) | of.rights


def invite_link(world: World, where: Chat, link: InviteLink, viewer: int) -> Object:
    """A link of somebody else's making is shown with its end cut off."""
    url = link.url if link.creator == viewer else link.url[: len(link.url) // 2] + "..."
    view: Object = {
        "invite_link": url,
        "creator": user_by_id(world, link.creator),
        "creates_join_request": link.creates_join_request,
        "is_primary": link.is_primary,
        "is_revoked": link.is_revoked,
    }
    for name in ("name", "expire_date", "member_limit", "subscription_period", "subscription_price"):
        if getattr(link, name) is not None:
            view[name] = getattr(link, name)
    waiting = sum(1 for request in where.requests.values() if request.link == link.hash)
    if waiting:
        view["pending_join_request_count"] = waiting
    return view


def full_chat(world: World, where: Chat, viewer: int) -> Object:
    view = chat(world, where) | {
        "accent_color_id": abs(where.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"], False
        ),
    }
    if where.username or (where.type == "private" and view.get("username")):
        view["active_usernames"] = [view["username"]]
    settings = {
        "description": where.description,
        "linked_chat_id": where.linked,
        "has_protected_content": where.protected,
        "join_by_request": where.join_by_request,
        "slow_mode_delay": where.slow_mode_delay,
    }
    view |= {name: value for name, value in settings.items() if value}
    if where.is_group:
        view["permissions"] = dict.fromkeys(PERMISSIONS, False) | where.permissions
    for link in where.links.values():
        if link.is_primary and link.creator == viewer and not link.is_revoked:
            view["invite_link"] = link.url
    pinned = world.message(where, where.pinned[-1]) if where.pinned else None
    if pinned is not None:
        view["pinned_message"] = message(world, pinned, viewer)
    return view
