"""The world on its first day: a bot, a few people, a free and a paid channel, and a group to talk in."""

import secrets
from dataclasses import dataclass
from typing import Literal

from telesim.world.chats import Chat, InviteLink, Member
from telesim.world.people import Bot, Person
from telesim.world.world import World

TOKEN = "7000000001:SIMULATED-home-of-one-bot-no-secret"  # noqa: S105  # fixed on purpose: it opens a toy world only

CHANNEL_RIGHTS = dict.fromkeys([
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_post_messages", "can_edit_messages", "can_manage_direct_messages",
    "can_send_welcome_messages",
], True)  # fmt: skip
GROUP_RIGHTS = dict.fromkeys([
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories", "can_pin_messages", "can_manage_topics", "can_manage_tags", "can_send_welcome_messages",
], True)  # fmt: skip
PERMISSIONS = dict.fromkeys([
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics",
], True)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resident:
    first_name: str
    language_code: str
    username: str | None = None
    last_name: str | None = None
    stars: int = 1000
    owns: bool = False
    """The places are this person's; the first resident's when nobody says so."""


Place = Literal["free", "vip", "group"]


@dataclass(frozen=True, slots=True)
class Past:
    """Something that was said by the owner before the first day began."""

    place: Place
    hours_ago: float
    html: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a first day looks like. Every word of it can be given."""

    bot_name: str = "Home Bot"
    bot_username: str = "home_bot"
    token: str = TOKEN
    residents: tuple[Resident, ...] = (
        Resident("Diana", "es", "diana_home"),
        Resident("Lucía", "es", "lucia_home"),
        Resident("Alex", "en", "alex_home", "Reed"),
    )
    free_title: str = "Home Garden"
    free_username: str | None = "home_channel"
    vip_title: str = "VIP Lounge"
    group_title: str = "Garden Talk"
    past: tuple[Past, ...] = ()
    """Oldest first."""


def furnish(world: World, scene: Scene) -> dict[Place, Chat]:
    bot = world.add(Bot(world.new_bot_id(), scene.token, scene.bot_name, scene.bot_username))
    people = [
        add_person(world, one.first_name, one.language_code, last_name=one.last_name, username=one.username,
                   stars=one.stars)
        for one in scene.residents
    ]  # fmt: skip
    owners = [person.id for person, one in zip(people, scene.residents, strict=True) if one.owns]
    owner = [*owners, people[0].id][0]
    free = add_chat(world, Chat(world.new_chat_id(), "channel", title=scene.free_title), owner, bot)
    world.rename(free, scene.free_username)
    lounge = Chat(world.new_chat_id(), "channel", title=scene.vip_title, vip=True, protected=True)
    add_chat(world, lounge, owner, bot)
    talk = Chat(world.new_chat_id(), "supergroup", title=scene.group_title, permissions=dict(PERMISSIONS))
    add_chat(world, talk, owner, bot)
    free.linked, talk.linked = talk.id, free.id
    for chat in (free, talk):
        world.keep(chat)
    return {"free": free, "vip": lounge, "group": talk}


def add_person(
    world: World,
    first_name: str,
    language_code: str,
    *,
    last_name: str | None = None,
    username: str | None = None,
    stars: int = 1000,
    simulated: bool = False,
) -> Person:
    person = Person(world.new_person_id(), first_name, language_code, last_name, username, stars, simulated)
    return world.add(person)


def add_bot(world: World, first_name: str, username: str) -> Bot:
    bot_id = world.new_bot_id()
    return world.add(Bot(bot_id, f"{bot_id}:{secrets.token_urlsafe(26)}", first_name, username))


def add_chat(world: World, chat: Chat, owner: int, bot: Bot | None) -> Chat:
    """A group or channel with its owner, the bot as an administrator, and the owner's own invite link."""
    world.add(chat)
    world.add(Member(chat.id, owner, "creator"))
    if bot is not None:
        rights = CHANNEL_RIGHTS if chat.type == "channel" else GROUP_RIGHTS
        world.add(Member(chat.id, bot.id, "administrator", rights=dict(rights)))
    link = InviteLink(secrets.token_urlsafe(12), owner, is_primary=True)
    chat.links[link.hash] = link
    world.keep(chat)
    return chat
