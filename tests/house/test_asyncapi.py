"""The stream as programs outside are told of it: every event has a channel, and every message its real form."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from dianabot.kernel.bus.hints import outside_form
from dianabot.kernel.events import CATALOGUE, Envelope
from tools import asyncapi, pages

pages.modules()
OURS = sorted((name, fact) for name, fact in CATALOGUE.items() if fact.__module__.startswith("dianabot."))
DOCUMENT = asyncapi.document(OURS)


def resolved(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_every_event_has_a_channel_with_its_message() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT["channels"]) == {name for name, _ in OURS}
    for name, channel in DOCUMENT["channels"].items():
        assert channel["address"] == f"dianabot:events:{name}"
        assert resolved(channel["messages"]["event"]["$ref"])["name"] == name
    for operation in DOCUMENT["operations"].values():
        assert resolved(operation["channel"]["$ref"])["address"]


def test_a_message_is_what_goes_out() -> None:
    nobody = UUID(int=0)
    envelope = Envelope(
        1, nobody, "user.registered", {"member": 7, "language": "es"}, datetime(2026, 1, 1, tzinfo=UTC), "member:7", 7,
        "telegram", None, nobody, None, 2, 1,
    )  # fmt: skip
    said = json.loads(outside_form(envelope))
    payload = DOCUMENT["components"]["messages"]["user.registered"]["payload"]
    assert set(said) == set(payload["properties"]) == set(payload["required"])
    assert set(said["data"]) == set(payload["properties"]["data"]["properties"])


@pytest.mark.parametrize("name", [name for name, _ in OURS])
def test_the_data_of_a_message_names_every_field_of_its_fact(name: str) -> None:
    data = DOCUMENT["components"]["messages"][name]["payload"]["properties"]["data"]
    assert set(data["properties"]) == set(CATALOGUE[name].model_fields)
