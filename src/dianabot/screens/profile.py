"""What the house knows of a person, shown to her."""

from zoneinfo import ZoneInfo

from dianabot.members import Profile
from dianabot.screens.callbacks import ShowSettings
from dianabot.screens.parts import button, way_back, zone_label
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words
from dianabot.vocabulary.standing import Club


def profile(words: Words, of: Profile, club: Club, *, house_zone: str) -> Screen:
    zone = ZoneInfo(of.time_zone or house_zone)
    since = of.created_at.astimezone(zone).date()
    lines = [
        words("profile.name", name=of.first_name or words.label("start.stranger")),
        words("profile.language", language=words.label(f"languages.{of.language}")),
        words("profile.time_zone", zone=zone_of(words, of)),
        words("profile.since", day=words.day(since)),
    ]
    if of.engagement_streak:
        lines.append(words("profile.streak", count=of.engagement_streak))
    if club.vip and club.until is not None:
        lines.append(words("profile.club", day=words.day(club.until.astimezone(zone).date())))
    if of.role != "fan":
        lines.append(words("profile.role", role=words.label(f"roles.{of.role}")))
    text = f"{words('profile.title')}\n\n" + "\n".join(lines)
    return Screen(text, ((button(words, "settings", ShowSettings()),), *way_back(words)))


def zone_of(words: Words, of: Profile) -> str:
    return words.label("profile.zone_of_house") if of.time_zone is None else zone_label(words, of.time_zone)
