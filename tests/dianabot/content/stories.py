"""Tiny worlds, written shortly."""

from typing import Any

from dianabot.vocabulary.world import World

Json = dict[str, Any]


def way(key: str, to: str, **more: Any) -> Json:
    return {"key": key, "text": {"es": key}, "to": to, **more}


def place(key: str, *ways: Json, **more: Any) -> Json:
    return {"key": key, "title": {"es": key.title()}, "text": {"es": f"Esto es {key}."}, "decisions": [*ways], **more}


def hint(key: str) -> Json:
    return {"key": key, "title": {"es": key}, "text": {"es": "Algo brilla."}}


def item(key: str, **more: Any) -> Json:
    return {"key": key, "name": {"es": key}, **more}


def world(*places: Json, **more: Any) -> World:
    written = {"key": "w", "title": {"es": "W"}, "languages": ["es"], "fragments": [*places], **more}
    return World.model_validate(written)


def short(*ways: Json, **more: Any) -> World:
    """hall → end, and whatever else leads out of the hall."""
    return world(place("hall", way("go", "end"), *ways, entry=True), place("end", ending=True), **more)


def mansion() -> World:
    """A healthy story with locks of every kind, a loop with a way out, a combination, a secret and the club."""
    return world(
        place("hall", way("study", "study", reward={"hints": ["ring"], "besitos": 10}),
              way("garden", "garden", variables={"trust": "+1"}), way("door", "cellar", requirement={
                  "any": [{"variables": {"trust": {">=": 2}}}, {"required_hints": ["moon"]}]}), entry=True),
        place("study", way("back", "hall"), way("desk", "desk", cost=8), reward={"hints": ["letter"], "besitos": 5}),
        place("desk", way("back", "study", reward={"items": ["key"]})),
        place("garden", way("back", "hall"), way("kiss", "good", requirement={
            "required_decisions": ["study.desk"], "not": {"required_fragments": ["secret"]}})),
        place("cellar", way("up", "hall"), way("open", "secret", requirement={"required_items": ["key"]}),
              way("leave", "bad"), requirement={"not": {"languages": ["en"]}}),
        place("secret", way("on", "salon"), way("back", "cellar"), secret=True, level=2),
        place("salon", way("out", "good"), vip=True, level=2, text={"es": "Un avance.\n\nY lo que sigue."}),
        place("good", ending=True, level=2),
        place("bad", ending=True),
        levels=[{"number": 1, "name": {"es": "Abajo"}}, {"number": 2, "name": {"es": "Arriba"}}],
        variables=[{"name": "trust", "initial": 0}],
        hints=[hint("ring"), hint("letter"), hint("moon")],
        items=[item("key", unique=True)],
        combinations=[{"key": "moon", "hints": ["ring", "letter"], "text": {"es": "¡La luna!"},
                       "reward": {"hints": ["moon"]}}],
        templates=[{"key": "level", "text": {"es": "Nivel {{ event.level }}{% if chose('hall.study') %}…{% endif %}"},
                    "on": "gamification.level_reached"}],
        plans=[{"key": "month", "name": {"es": "Un mes"}, "days": 30, "price_stars": 100}],
    )  # fmt: skip


def trial() -> World:
    """A healthy story of challenges, of levels that days bring, and of a draft that nobody sees."""
    riddle = {"kind": "riddle", "answers": {"es": ["luna"]}, "seconds": 60}
    quiz = {"kind": "quiz", "options": [{"es": "sí"}, {"es": "no"}], "tries": 1}
    return world(
        place("gate", way("yes", "maze", taken_by="right", variables={"won": True}),
              way("no", "maze", taken_by="wrong"), way("slow", "maze", taken_by="late"), entry=True, challenge=riddle),
        place("maze", way("yes", "climb", taken_by="right"), way("no", "gate", taken_by="wrong"), challenge=quiz),
        place("climb", way("run", "top"), way("wait", "gate", taken_by="late"),
              challenge={"kind": "timed", "seconds": 9}),
        place("top", way("win", "crown", requirement={"variables": {"won": True}}),
              way("lose", "crown", requirement={"variables": {"won": False}}), requirement={"min_level": 5}),
        place("crown", ending=True),
        place("attic", way("down", "gate"), draft=True),
        variables=[{"name": "won", "initial": False}],
        economy={"daily_besitos": 10, "daily_xp": 20},
    )  # fmt: skip


def twice() -> World:
    """A healthy story whose counter goes round and round."""
    return world(
        place("well", way("turn", "well", variables={"turns": "+1"}), way("climb", "up", requirement={
            "variables": {"turns": {">=": 3, "<": 500}}}), entry=True),
        place("up", way("again", "well", variables={"turns": 0}), way("go", "end"), reward={"items": {"coin": 2}}),
        place("end", ending=True, requirement={"required_items": {"coin": 2}}),
        variables=[{"name": "turns", "initial": 0}],
        items=[item("coin")],
    )  # fmt: skip
