"""The JSON Schema of a pack's files: made from what reads them, so that it cannot tell another story."""

from collections.abc import Mapping
from typing import Any, Final

from dianabot.content.shape import LANGUAGES, SECTIONS
from dianabot.vocabulary.conditions import (
    COMPARE,
    CONDITIONS,
    AllOf,
    AtLeast,
    From,
    Languages,
    RequiredItems,
    Until,
    VipRequired,
)
from dianabot.vocabulary.conditions import Variables as VariableConditions
from dianabot.vocabulary.gifts import GIFTS, Amount, Items, Keys, SetVariables
from dianabot.vocabulary.keys import KEYS, MOST, NAME
from dianabot.vocabulary.world import World

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_KEY: Final = {"type": "string", "pattern": f"^{KEYS.pattern}$"}
_NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": MOST}
_VALUE: Final = {"type": ["boolean", "integer", "string"]}
_KEY_LIST: Final = {"anyOf": [_KEY, {"type": "array", "minItems": 1, "items": _KEY}]}
_QUANTITIES: Final = {
    "anyOf": [
        *_KEY_LIST["anyOf"],
        {"type": "object", "minProperties": 1, "propertyNames": _KEY, "additionalProperties": _NUMBER},
    ]
}
_INSTANT: Final = {"type": "string", "format": "date-time"}
_NAMES: Final = {"pattern": f"^{NAME.pattern}$"}
_SIGNS: Final = {
    "type": "object", "minProperties": 1, "additionalProperties": False, "properties": dict.fromkeys(COMPARE, _VALUE),
}  # fmt: skip
_DOCUMENTS: Final = {"requirement": "requirement", "reward": "reward", "unlocks": "reward", "variables": "changes"}
"""What the documents of a part are, by the names of its fields."""


def pack_schema() -> dict[str, Any]:
    """Of `pack.yaml` and of the files that it includes, which have no head."""
    whole = World.model_json_schema()
    parts = {name: _part(part) for name, part in whole["$defs"].items()}
    head = _part({name: whole[name] for name in ("type", "properties", "additionalProperties")})
    properties = {**head["properties"], "include": _one_or_many({"type": "string", "minLength": 1})}
    return {
        "$schema": DRAFT,
        "title": "A content pack of DianaBot",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "dependentRequired": {"key": ["title"], "title": ["key"]},
        "$defs": {**parts, "requirement": _requirement(), "reward": _reward(), "changes": _changes()},
    }


def translation_schema() -> dict[str, Any]:
    """Of the files beside them: texts by line id."""
    ids = {"pattern": rf"^(title|({'|'.join(SECTIONS)})\..+)$"}
    texts = {"type": "string", "minLength": 1, "maxLength": 20_000}
    return {"$schema": DRAFT, "type": "object", "propertyNames": ids, "additionalProperties": texts}


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    """As it is read, with the documents by what they are and each text alone or by language."""
    properties = {
        name: {"$ref": f"#/$defs/{_DOCUMENTS[name]}"}
        if name in _DOCUMENTS and value.get("type") == "object"
        else _alone(value)
        for name, value in part["properties"].items()
    }
    return {**part, "properties": properties}


def _alone(value: Any) -> Any:
    if isinstance(value, list):
        return [_alone(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _alone(inner) for name, inner in value.items() if name != "title"}
    for pattern, inner in found.pop("patternProperties", {}).items():  # and no other names
        found |= {"propertyNames": {"pattern": pattern}, "additionalProperties": inner}
    if found.get("propertyNames", {}).get("enum") == list(LANGUAGES):
        return {"anyOf": [found["additionalProperties"], found]}
    return found


def _one_or_many(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [value, {"type": "array", "items": value}]}


def _requirement() -> dict[str, Any]:
    inner = {"$ref": "#/$defs/requirement", "minProperties": 1}
    parts = {"type": "array", "minItems": 1, "items": inner}
    conditions = {key: _condition(kind) for key, kind in CONDITIONS.items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**conditions, "all": parts, "any": parts, "not": inner},
    }


def _condition(kind: type[Any]) -> dict[str, Any]:
    for known, schema in _CONDITIONS.items():
        if issubclass(kind, known):
            return schema
    raise TypeError(f"{kind.__name__} has no schema: add it to _CONDITIONS.")


_CONDITIONS: Final[Mapping[type[Any], dict[str, Any]]] = {
    Languages: {"type": "array", "minItems": 1, "items": {"enum": list(LANGUAGES)}},
    From: _INSTANT,
    Until: _INSTANT,
    VipRequired: {"type": "boolean"},
    AtLeast: _NUMBER,
    RequiredItems: _QUANTITIES,
    AllOf: _KEY_LIST,
    VariableConditions: {
        "type": "object",
        "minProperties": 1,
        "propertyNames": _NAMES,
        "additionalProperties": {"anyOf": [_VALUE, _SIGNS]},
    },
}


def _reward() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _gift(one) for key, one in GIFTS.items()},
    }


def _gift(kind: type[Any]) -> dict[str, Any]:
    for known, schema in _GIFTS.items():
        if issubclass(kind, known):
            return schema
    raise TypeError(f"{kind.__name__} has no schema: add it to _GIFTS.")


def _changes() -> dict[str, Any]:
    return {"type": "object", "propertyNames": _NAMES, "additionalProperties": _VALUE}


_GIFTS: Final[Mapping[type[Any], dict[str, Any]]] = {
    Amount: _NUMBER,
    Items: _QUANTITIES,
    Keys: _KEY_LIST,
    SetVariables: {**_changes(), "minProperties": 1},
}
