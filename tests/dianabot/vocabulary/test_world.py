"""A world holds nothing that could not be kept."""

from typing import Any

import pytest
from pydantic import ValidationError

from dianabot.vocabulary.keys import MOST
from dianabot.vocabulary.world import World

HALL = {"key": "hall", "title": {"es": "a"}, "text": {"es": "a"}}
CALL = {"key": "t", "text": {"es": "a"}, "on": "narrative.story_completed"}


def world(**parts: Any) -> World:
    return World.model_validate({"key": "casa", "title": {"es": "Casa"}, **parts})


@pytest.mark.parametrize("sign", ["\x00", "\ud800"])
@pytest.mark.parametrize(
    "part",
    [
        {"variables": [{"name": "v", "initial": "a$"}]},
        {"templates": [{**CALL, "where": {"cause": "a$"}}]},
        {"templates": [{**CALL, "on": "a$"}]},
        {"fragments": [{**HALL, "text": {"es": "a$"}}]},
        {"fragments": [{**HALL, "image": "a$"}]},
        {"fragments": [{**HALL, "reward": {"variables": {"v": "a$"}}}]},
        {"fragments": [{**HALL, "requirement": {"any": [{"a$": 1}]}}]},
    ],
    ids=["initial", "where", "on", "text", "image", "reward", "requirement"],
)
def test_text_that_cannot_be_stored_is_in_no_world(part: dict[str, Any], sign: str) -> None:
    world(**part)
    with pytest.raises(ValidationError):
        world(**_with(part, sign))


def _with(value: Any, sign: str) -> Any:
    """The same with that sign in place of `$`."""
    if isinstance(value, dict):
        return {key.replace("$", sign): _with(inner, sign) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, sign) for inner in value]
    return value.replace("$", sign) if isinstance(value, str) else value


def test_a_variable_begins_within_what_it_may_become() -> None:
    assert world(variables=[{"name": "v", "initial": -MOST}]).variables[0].initial == -MOST
    for beyond in (MOST + 1, -MOST - 1, 10**300):
        with pytest.raises(ValidationError):
            world(variables=[{"name": "v", "initial": beyond}])
