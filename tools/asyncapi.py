"""The stream for programs outside as AsyncAPI 3.0: a channel for each event, and what a message on it holds."""

from collections.abc import Iterable
from typing import Any

from dianabot.kernel.bus.hints import EVENTS
from dianabot.kernel.events import Fact

TEXT = {"type": "string"}
ID = {"type": "string", "format": "uuid"}
MAYBE_TEXT = {"type": ["string", "null"]}
ENVELOPE: dict[str, dict[str, Any]] = {
    "event_id": ID,
    "seq": {"type": "integer", "description": "The order of events: a member's are numbered as they were committed."},
    "event_type": TEXT,
    "version": {"type": "integer"},
    "timestamp": {"type": "string", "format": "date-time"},
    "subject": {"type": "string", "description": "Whom or what it is about: `member:7`, `system`."},
    "user_id": {"type": ["integer", "null"]},
    "actor": TEXT,
    "operation": MAYBE_TEXT,
    "correlation_id": {**ID, "description": "The whole chain that one update or timer started."},
    "causation_id": {"type": ["string", "null"], "format": "uuid"},
    "data": {"type": "object"},
}
"""The outside form of an event (`kernel/bus/hints.py`)."""


def document(facts: Iterable[tuple[str, type[Fact]]]) -> dict[str, Any]:
    known = dict(facts)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "DianaBot events",
            "version": "1",
            "description": "Best effort: who must miss nothing reads the log by a cursor instead.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name) for name in known},
        "operations": {_operation(name): {"action": "send", "channel": _ref("channels", name)} for name in known},
        "components": {"messages": {name: _message(name, fact) for name, fact in known.items()}},
    }


def _channel(name: str) -> dict[str, Any]:
    return {"address": f"{EVENTS}{name}", "messages": {"event": _ref("components/messages", name)}}


def _message(name: str, fact: type[Fact]) -> dict[str, Any]:
    shape = fact.model_json_schema(ref_template="#/$defs/{model}")
    properties = {**ENVELOPE, "event_type": {"const": name}, "data": shape}
    return {
        "name": name,
        "summary": next(iter((fact.__doc__ or "").strip().splitlines()), ""),
        "payload": {"type": "object", "required": list(ENVELOPE), "properties": properties},
    }


def _operation(name: str) -> str:
    return "send_" + name.replace(".", "_")


def _ref(place: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{place}/{name}"}
