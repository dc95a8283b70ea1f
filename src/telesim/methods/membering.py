"""Who is in a chat, and what they may do there."""

from typing import Annotated, Any

from telesim.acts.membership import leave, set_member
from telesim.acts.posting import delete
from telesim.errors import bad_request
from telesim.methods.chatting import OfChat, OfMember
from telesim.methods.method import Caller, Method
from telesim.methods.params import Decoded, Given, Integer
from telesim.methods.places import check_inside, check_right, find_chat
from telesim.world.chats import Chat, Member
from telesim.world.scene import CHANNEL_RIGHTS, GROUP_RIGHTS

SHORTEST, LONGEST = 30, 366 * 86_400
RESTRICT = "restrict/unrestrict chat member"


class Ban(OfMember):
    until_date: Integer = 0
    revoke_messages: bool = False


class Unban(OfMember):
    only_if_banned: bool = False


class Permissions(Given):
    can_send_messages: bool | None = None
    can_send_media_messages: bool | None = None
    can_send_audios: bool | None = None
    can_send_documents: bool | None = None
    can_send_photos: bool | None = None
    can_send_videos: bool | None = None
    can_send_video_notes: bool | None = None
    can_send_voice_notes: bool | None = None
    can_send_polls: bool | None = None
    can_send_other_messages: bool | None = None
    can_add_web_page_previews: bool | None = None
    can_react_to_messages: bool | None = None
    can_edit_tag: bool | None = None
    can_change_info: bool | None = None
    can_invite_users: bool | None = None
    can_pin_messages: bool | None = None
    can_manage_topics: bool | None = None


class Restrict(OfMember):
    permissions: Annotated[Permissions, Decoded]
    use_independent_chat_permissions: bool | None = None
    until_date: Integer = 0


class SetPermissions(OfChat):
    permissions: Annotated[Permissions, Decoded]
    use_independent_chat_permissions: bool | None = None


class Promote(OfMember):
    is_anonymous: bool | None = None
    can_manage_chat: bool | None = None
    can_delete_messages: bool | None = None
    can_manage_video_chats: bool | None = None
    can_restrict_members: bool | None = None
    can_promote_members: bool | None = None
    can_change_info: bool | None = None
    can_invite_users: bool | None = None
    can_post_stories: bool | None = None
    can_edit_stories: bool | None = None
    can_delete_stories: bool | None = None
    can_post_messages: bool | None = None
    can_edit_messages: bool | None = None
    can_pin_messages: bool | None = None
    can_manage_topics: bool | None = None
    can_manage_direct_messages: bool | None = None
    can_manage_tags: bool | None = None
    can_send_welcome_messages: bool | None = None


class SetTitle(OfMember):
    custom_title: str = ""


def _target(call: Caller, p: OfMember, right: str, what: str) -> tuple[Chat, Member]:
    """Somebody whom this bot may do that to."""
    where = find_chat(call, p.chat_id)
    check_right(call, where, right, what)
    if call.world.user(p.user_id) is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if p.user_id == call.bot.id:
        raise bad_request("can't restrict self" if right == "can_restrict_members" else "can't promote self")
    member = call.world.member(where, p.user_id)
    if member.status == "creator":
        raise bad_request("can't remove chat owner")
    return where, member


def _until(call: Caller, date: int) -> int:
    """Less than half a minute or more than a year from now is for ever."""
    ahead = date - call.sim.clock.now()
    return date if SHORTEST <= ahead <= LONGEST else 0


def ban(call: Caller, p: Ban) -> bool:
    where, member = _target(call, p, "can_restrict_members", RESTRICT)
    if member.status == "administrator":
        raise bad_request("user is an administrator of the chat")
    where.requests.pop(p.user_id, None)
    set_member(call.sim, where, p.user_id, "kicked", by=call.bot.id, until=_until(call, p.until_date))
    if p.revoke_messages or where.type == "supergroup":
        messages = list(call.world.messages.get(where.key, {}).values())
        delete(call.sim, where, [said for said in messages if said.sender == p.user_id and not said.is_service])
    return True


def unban(call: Caller, p: Unban) -> bool:
    """Afterwards she is not in the chat and may come back; `only_if_banned` leaves members in peace."""
    where, member = _target(call, p, "can_restrict_members", RESTRICT)
    if where.type == "group":
        raise bad_request("method is available for supergroup and channel chats only")
    if member.status == "kicked" or (member.present and not p.only_if_banned):
        if member.status == "administrator":
            raise bad_request("user is an administrator of the chat")
        set_member(call.sim, where, p.user_id, "left", by=call.bot.id)
    return True


def _plain(permissions: Permissions) -> dict[str, bool]:
    given = permissions.model_dump(exclude_none=True)
    if given.pop("can_send_media_messages", False):
        for kind in ("audios", "documents", "photos", "videos", "video_notes", "voice_notes"):
            given.setdefault(f"can_send_{kind}", True)
    return given


def restrict(call: Caller, p: Restrict) -> bool:
    where, member = _target(call, p, "can_restrict_members", RESTRICT)
    if where.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    if member.status == "administrator":
        raise bad_request("user is an administrator of the chat")
    rights = _plain(p.permissions)
    if all(rights.get(name, False) for name, given in where.permissions.items() if given):
        status: Any = "member" if member.present else "left"
        set_member(call.sim, where, p.user_id, status, by=call.bot.id)
        return True
    until = _until(call, p.until_date)
    set_member(
        call.sim, where, p.user_id, "restricted", by=call.bot.id, rights=rights, until=until, is_member=member.present
    )
    return True


def set_permissions(call: Caller, p: SetPermissions) -> bool:
    where = find_chat(call, p.chat_id)
    check_right(call, where, "can_restrict_members", "change chat permissions")
    if not where.is_group:
        raise bad_request("can't change channel permissions")
    permissions = _plain(p.permissions)
    if permissions == where.permissions:
        raise bad_request("CHAT_NOT_MODIFIED")
    where.permissions = permissions
    call.world.keep(where)
    call.sim.feed.publish("chat", chat=where.key)
    return True


def promote(call: Caller, p: Promote) -> bool:
    where, member = _target(call, p, "can_promote_members", "add new admins")
    known = CHANNEL_RIGHTS if where.type == "channel" else GROUP_RIGHTS
    given = p.model_dump(exclude={"chat_id", "user_id"}, exclude_none=True)
    rights = {name: value for name, value in given.items() if name in known}
    mine = call.world.member(where, call.bot.id).rights
    if any(value and not mine.get(name, False) for name, value in rights.items()):
        raise bad_request("RIGHT_FORBIDDEN")
    if any(given.values()):
        full = dict.fromkeys(known, False) | rights | {"can_manage_chat": True}
        set_member(call.sim, where, p.user_id, "administrator", by=call.bot.id, rights=full)
    elif member.status == "administrator":
        set_member(call.sim, where, p.user_id, "member", by=call.bot.id)
    return True


def set_title(call: Caller, p: SetTitle) -> bool:
    where, member = _target(call, p, "can_promote_members", "edit custom title of the user")
    if where.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    if member.status != "administrator":
        raise bad_request("user is not an administrator of the chat")
    if len(p.custom_title) > 16:
        raise bad_request("ADMIN_RANK_INVALID")
    member.title = p.custom_title or None
    call.world.keep(member)
    return True


def leave_chat(call: Caller, p: OfChat) -> bool:
    where = find_chat(call, p.chat_id)
    if where.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    check_inside(call, where)
    leave(call.sim, where, call.bot.id)
    return True


METHODS = [
    Method("banChatMember", Ban, ban),
    Method("kickChatMember", Ban, ban),
    Method("unbanChatMember", Unban, unban),
    Method("restrictChatMember", Restrict, restrict),
    Method("setChatPermissions", SetPermissions, set_permissions),
    Method("promoteChatMember", Promote, promote),
    Method("setChatAdministratorCustomTitle", SetTitle, set_title),
    Method("leaveChat", OfChat, leave_chat),
]
