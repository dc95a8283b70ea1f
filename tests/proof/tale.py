"""A small story in which everything happens that a story can make happen, for proofs of the operations."""

from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import Here
from dianabot.operations.publish import Publish, Report
from dianabot.vocabulary.world import World
from tests.proof.house import House

Json = dict[str, Any]


def _way(key: str, to: str, **more: Any) -> Json:
    return {"key": key, "text": {"es": f"{key} sí", "en": f"{key} yes"}, "to": to, **more}


def _place(key: str, *ways: Json, **more: Any) -> Json:
    return {"key": key, "title": {"es": key}, "text": {"es": f"Estás en {key}."}, "decisions": list(ways), **more}


OPENING = {"besitos": 10, "hints": ["key"], "items": {"lantern": 1}}
HALL = _place(
    "hall",
    _way("open", "library", reward=OPENING, variables={"trust": "+1"}),
    _way("pay", "cellar", cost=4),
    _way("club", "salon"),
    _way("climb", "attic", cost=900, requirement={"min_level": 3, "required_items": ["moon"]}),
    entry=True,
)  # fmt: skip
LIBRARY = _place(
    "library",
    _way("leave", "garden"),
    _way("ask", "sphinx", reward={"hints": ["map"], "xp": 30}),
    _way("turn", "hall"),
    reward={"besitos": 20, "xp": 300},
)
SPHINX = _place(
    "sphinx",
    _way("knows", "garden", taken_by="right", reward={"vip_days": 7}),
    _way("fails", "hall", taken_by="wrong"),
    challenge={"kind": "riddle", "answers": {"es": ["La luna"], "en": ["The moon"]}, "tries": 2},
)
CELLAR = _place("cellar", _way("return", "hall"), if_gone="library")
SALON = _place("salon", _way("out", "hall"), vip=True, level=2, reward={"items": {"moon": 1}})
ATTIC = _place("attic", _way("down", "hall"), secret=True, requirement={"variables": {"trust": {">=": 2}}})
GARDEN = _place("garden", _way("again", "hall"), level=2, ending=True, reward={"besitos": 50})

PARTS: Json = {
    "levels": [{"number": 1, "name": {"es": "Llegar"}}, {"number": 2, "name": {"es": "Quedarse"}}],
    "variables": [{"name": "trust", "initial": 0}],
    "items": [{"key": "lantern", "name": {"es": "Farol"}}, {"key": "moon", "name": {"es": "Luna"}, "unique": True}],
    "hints": [
        {"key": "key", "title": {"es": "Una llave"}, "text": {"es": "Fría."}},
        {"key": "map", "title": {"es": "Un plano"}, "text": {"es": "Viejo."}},
    ],
    "combinations": [
        {
            "key": "door",
            "hints": ["key", "map"],
            "text": {"es": "La puerta cede.", "en": "The door gives way."},
            "reward": {"unlock_fragments": ["attic"], "besitos": 5},
        }
    ],
    "templates": [
        {"key": "goodbye", "text": {"es": "Adiós, {{ name }}."}, "on": "narrative.story_completed", "repeatable": True}
    ],
    "plans": [{"key": "month", "name": {"es": "Un mes"}, "days": 30, "price_stars": 300}],
}


def tale(*, cellar: bool = True, **more: Any) -> World:
    """Without its cellar, readers who stand there must move."""
    places = [HALL, LIBRARY, SPHINX, *([CELLAR] if cellar else []), SALON, ATTIC, GARDEN]
    if not cellar:
        hall = {**HALL, "decisions": [way for way in HALL["decisions"] if way["to"] != "cellar"]}
        places[0] = hall
    return World.model_validate({"key": "tale", "title": {"es": "La casa"}, "fragments": places, **PARTS, **more})


async def publish(house: House, world: World | None = None, key: str = "tale", **more: Any) -> Report:
    act = Publish(world=world or tale(), **more)
    return await house.coordinator.run(act, key=key, member=None, actor="operator")


async def here(house: House, member: MemberId) -> Here:
    async with house.coordinator.reading() as unit:
        found = await unit.fragments.glance(member)
    assert found is not None, "she has begun, and her place is there"
    return found


async def way(house: House, member: MemberId, decision: str) -> tuple[int, int]:
    """The button of that decision where she stands: its number, and the visit."""
    page = await here(house, member)
    return next(choice.id for choice in page.choices if choice.key == decision), page.visit
