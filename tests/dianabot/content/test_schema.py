"""The schema that editors use must agree with what reads the files; a small validator stands in for theirs."""

import re
from pathlib import Path
from typing import Any

import pytest

import dianabot
from dianabot.content.parsing import parse
from dianabot.content.schema import pack_schema, translation_schema
from dianabot.content.writing import written
from dianabot.vocabulary.conditions import CONDITIONS
from dianabot.vocabulary.gifts import GIFTS
from dianabot.vocabulary.world import World

SCHEMA = pack_schema()
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "default", "format", "type", "properties", "propertyNames",
    "additionalProperties", "required", "dependentRequired", "minProperties", "items", "minItems", "maxItems", "anyOf",
    "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum",
}  # fmt: skip


def fits(value: Any, schema: Any) -> bool:
    if isinstance(schema, bool):
        return schema
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema and not fits(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]):
        return False
    if "anyOf" in schema and not any(fits(value, one) for one in schema["anyOf"]):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds = schema.get("type", [])
    if kinds and not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return False
    return _table_fits(value, schema) and _list_fits(value, schema) and _leaf_fits(value, schema)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind != "integer" or not isinstance(value, bool))


def _table_fits(value: Any, schema: Any) -> bool:
    if not isinstance(value, dict):
        return True
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    return (
        all(name in value for name in schema.get("required", ()))
        and len(value) >= schema.get("minProperties", 0)
        and all(fits(inner, properties.get(name, others)) for name, inner in value.items())
        and all(fits(name, schema.get("propertyNames", {})) for name in value)
    )


def _list_fits(value: Any, schema: Any) -> bool:
    if not isinstance(value, list):
        return True
    right_size = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
    return right_size and all(fits(one, schema.get("items", True)) for one in value)


def _leaf_fits(value: Any, schema: Any) -> bool:
    if isinstance(value, str):
        long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return long_enough and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    if isinstance(value, int) and not isinstance(value, bool):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


HEAD = "key: casa\ntitle: La casa\n"
HALL = "fragments:\n- key: hall\n  title: Hall\n  text: {es: Entra., en: Come in.}\n"
RIGHT = [
    HEAD,
    HALL,
    HEAD + "include: a.yaml\n",
    HEAD + "include: [a.yaml, b.yaml]\nlanguages: [en]\neconomy: {daily_besitos: 20}\n",
    HALL + "  image: hall.png\n  tags: [a]\n  if_gone: patio\n",
    HALL + "  challenge: {kind: riddle, answers: [luna, la luna], tries: 2, seconds: 30}\n",
    HALL + "  challenge: {kind: quiz, options: [uno, {es: dos, en: two}]}\n",
    HALL + "  requirement: {any: [{vip_required: true}, {required_items: {a: 2}}], not: {min_level: 3}}\n",
    HALL + "  requirement: {variables: {trust: {'>=': 3}, met: true}, from: '2026-01-01T00:00:00Z', languages: [es]}\n",
    HALL + "  reward: {besitos: 5, items: [rosa], unlock_fragments: patio, variables: {trust: '+1'}}\n",
    HALL + "  decisions:\n  - {key: a, text: b, to: hall, cost: 3, variables: {trust: 1}, taken_by: tap}\n",
    "items:\n- {key: rosa, name: Rosa, unlocks: {hints: [a]}}\nvariables:\n- {name: trust, initial: 0}\n",
    "templates:\n- {key: a, text: Hola, on: narrative.decision_taken, where: {decision: hall.a}}\n",
    "plans:\n- {key: mes, name: Un mes, days: 30, price_stars: 250}\nlevels:\n- {number: 1, name: Uno}\n",
]  # fmt: skip
WRONG = [
    "fragment: []\n",
    "fragments: hall\n",
    HALL + "  drft: true\n",
    HALL + "  level: two\n",
    HALL + "  level: 0\n",
    HALL + "  draft: yes\n",
    HALL + "  challenge: {kind: chess}\n",
    HALL + "  requirement: {min_levl: 2}\n",
    HALL + "  requirement: {min_level: true}\n",
    HALL + "  requirement: {any: []}\n",
    HALL + "  requirement: {variables: {trust: {'=>': 3}}}\n",
    HALL + "  reward: {kisses: 5}\n",
    HALL + "  reward: {besitos: 0}\n",
    HALL + "  decisions:\n  - {key: a, text: b}\n",
    HALL + "  decisions:\n  - {key: A b, text: b, to: hall}\n",
    HALL.replace("en:", "fr:"),
    "fragments:\n- key: hall\n  title: Hall\n  text: 5\n",
    "fragments:\n- key: hall\n  text: Entra\n",
    "include: 5\n",
    HEAD + "languages: [fr]\n",
    HEAD + "economy: {daily_besitos: -1}\n",
]


@pytest.mark.parametrize("yaml", RIGHT)
def test_what_can_be_read_fits(yaml: str) -> None:
    assert fits(parse(yaml.encode(), "f").value, SCHEMA)


@pytest.mark.parametrize("yaml", WRONG)
def test_what_cannot_be_read_does_not_fit(yaml: str) -> None:
    assert not fits(parse(yaml.encode(), "f").value, SCHEMA)


def test_every_condition_and_gift_is_offered() -> None:
    assert SCHEMA["$defs"]["requirement"]["properties"].keys() == {*CONDITIONS, "all", "any", "not"}
    assert SCHEMA["$defs"]["reward"]["properties"].keys() == GIFTS.keys()


def test_what_is_written_fits() -> None:
    world = World.model_validate({"key": "w", "title": {"es": "T", "en": "T"}, "fragments": [
        {"key": "a", "title": {"es": "A"}, "text": {"es": "a", "en": "a"}, "challenge": {"kind": "quiz"}},
    ]})  # fmt: skip

    for name, text in written(world).items():
        value = parse(text.encode(), name).value
        assert fits(value, translation_schema() if name.endswith(".en.yaml") else SCHEMA), name


PACKS = sorted((Path(dianabot.__file__).parent / "packs").rglob("*.yaml"))


def test_the_packs_that_come_with_the_house_fit() -> None:
    for path in PACKS:
        schema = translation_schema() if path.suffixes[:-1] else SCHEMA
        assert fits(parse(path.read_bytes(), path.name).value, schema), path
