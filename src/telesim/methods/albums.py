"""Albums, and the small kinds: dice, places, contacts."""

import random
import secrets
from typing import Annotated, Any

from pydantic import Field

from telesim import views
from telesim.acts.posting import post
from telesim.acts.reacting import plain_emoji
from telesim.errors import bad_request
from telesim.methods.media import InputMedia, shown
from telesim.methods.method import Caller, Method
from telesim.methods.params import Decoded, Integer
from telesim.methods.places import writable_chat
from telesim.methods.sending import Answering, Sending, outgoing, reply_target, send

FACES = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
MOST = 10
OF_LOCATION = {
    "latitude", "longitude", "horizontal_accuracy", "live_period", "heading", "proximity_alert_radius",
}  # fmt: skip
OF_VENUE = {"title", "address", "foursquare_id", "foursquare_type", "google_place_id", "google_place_type"}
OF_CONTACT = {"phone_number", "first_name", "last_name", "vcard"}


class SendAlbum(Answering):
    media: Annotated[list[InputMedia], Decoded]


class SendDice(Sending):
    emoji: str = "🎲"


class SendLocation(Sending):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    horizontal_accuracy: float | None = None
    live_period: Integer | None = None
    heading: Integer | None = None
    proximity_alert_radius: Integer | None = None


class SendVenue(Sending):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    title: str
    address: str
    foursquare_id: str | None = None
    foursquare_type: str | None = None
    google_place_id: str | None = None
    google_place_type: str | None = None


class SendContact(Sending):
    phone_number: str
    first_name: str
    last_name: str | None = None
    vcard: str | None = None


def send_album(call: Caller, p: SendAlbum) -> list[dict[str, Any]]:
    """All of it or nothing, side by side and with one mark."""
    if not p.media:
        raise bad_request("there are no messages to send")
    if len(p.media) > MOST:
        raise bad_request("too many messages to send as an album")
    kinds = {item.type for item in p.media}
    if kinds - {"photo", "video", "document", "audio"}:
        raise bad_request("can't parse InputMedia: unsupported type specified")
    for alone in kinds & {"document", "audio"}:
        if len(kinds) > 1:
            raise bad_request(f"{alone.capitalize()} can't be mixed with other media types")
    where = writable_chat(call, p.chat_id)
    reply_to, quote = reply_target(call, where, p)
    contents = [shown(call, item.type, item.media, item) for item in p.media]
    call.sim.limits.check(call.bot.id, where, len(contents))
    group = str(secrets.randbits(53)) if len(contents) > 1 else None
    said = []
    for content in contents:
        draft = outgoing(call, where, content, reply_to=reply_to, quote=quote, media_group_id=group)
        draft.protected = bool(p.protect_content)
        said.append(post(call.sim, where, draft))
    return [views.message(call.world, one, call.bot.id) for one in said]


def send_dice(call: Caller, p: SendDice) -> dict[str, Any]:
    faces = FACES.get(plain_emoji(p.emoji))
    if faces is None:
        raise bad_request("dice emoji is not supported")
    return send(call, p, {"dice": {"emoji": p.emoji, "value": random.randint(1, faces)}})


def send_location(call: Caller, p: SendLocation) -> dict[str, Any]:
    return send(call, p, {"location": p.model_dump(include=OF_LOCATION, exclude_none=True)})


def send_venue(call: Caller, p: SendVenue) -> dict[str, Any]:
    location = p.model_dump(include=OF_LOCATION)
    venue = {"location": location} | p.model_dump(include=OF_VENUE, exclude_none=True)
    return send(call, p, {"venue": venue, "location": location})


def send_contact(call: Caller, p: SendContact) -> dict[str, Any]:
    return send(call, p, {"contact": p.model_dump(include=OF_CONTACT, exclude_none=True)})


METHODS = [
    Method("sendMediaGroup", SendAlbum, send_album),
    Method("sendDice", SendDice, send_dice),
    Method("sendLocation", SendLocation, send_location),
    Method("sendVenue", SendVenue, send_venue),
    Method("sendContact", SendContact, send_contact),
]
