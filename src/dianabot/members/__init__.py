"""Members: the person, her settings, her role, what her next words mean, and her right to be forgotten."""

from dianabot.members.events import CommandExecuted, UserActivity, UserErased, UserRegistered
from dianabot.members.rules import (
    LANGUAGES,
    ROLES,
    AlreadyErased,
    BotsNotWelcome,
    Contact,
    Language,
    LastOwner,
    MayNotGrantRoles,
    MembersRules,
    NoSuchMember,
    NothingAsked,
    Role,
    RoleTooHigh,
    RoleTooLow,
    UnknownTimeZone,
    WhichTimeZone,
    rank,
)
from dianabot.members.service import TIME_ZONE, Members, Registered, RoleChange
from dianabot.members.store import Pending, Profile

__all__ = [
    "LANGUAGES",
    "ROLES",
    "TIME_ZONE",
    "AlreadyErased",
    "BotsNotWelcome",
    "CommandExecuted",
    "Contact",
    "Language",
    "LastOwner",
    "MayNotGrantRoles",
    "Members",
    "MembersRules",
    "NoSuchMember",
    "NothingAsked",
    "Pending",
    "Profile",
    "Registered",
    "Role",
    "RoleChange",
    "RoleTooHigh",
    "RoleTooLow",
    "UnknownTimeZone",
    "UserActivity",
    "UserErased",
    "UserRegistered",
    "WhichTimeZone",
    "rank",
]
