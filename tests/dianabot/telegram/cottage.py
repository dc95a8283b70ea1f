"""A small story with one of everything: what tests of the chat read."""

from dianabot.vocabulary.world import World

WORLD = World.model_validate({
    "key": "cottage",
    "title": {"es": "La cabaña"},
    "languages": ["es", "en"],
    "levels": [{"number": 1, "name": {"es": "La puerta", "en": "The door"}}],
    "variables": [{"name": "trust", "initial": 0}],
    "items": [{"key": "lamp", "name": {"es": "Lámpara", "en": "Lamp"}}],
    "hints": [
        {"key": "soot", "title": {"es": "Hollín"}, "text": {"es": "Alguien encendió fuego."}},
        {"key": "ash", "title": {"es": "Ceniza"}, "text": {"es": "Aún está tibia."}},
        {"key": "fire", "title": {"es": "Anoche"}, "text": {"es": "Se fue anoche."}},
    ],
    "combinations": [
        {"key": "night", "hints": ["soot", "ash"], "text": {"es": "Hollín y **ceniza**: anoche."},
         "reward": {"hints": ["fire"], "besitos": 5}},
    ],
    "plans": [{"key": "month", "name": {"es": "Un mes"}, "days": 30, "price_stars": 150}],
    "fragments": [
        {"key": "door", "entry": True, "title": {"es": "La puerta", "en": "The door"},
         "text": {"es": "Hola, {name}. La puerta está **abierta**.", "en": "Hello, {name}."},
         "decisions": [
             {"key": "in", "to": "room", "text": {"es": "Entrar", "en": "Go in"}, "variables": {"trust": "+1"},
              "reward": {"besitos": 20, "hints": ["soot"]}},
             {"key": "cellar", "to": "cellar", "text": {"es": "Bajar al sótano"},
              "requirement": {"required_items": {"lamp": 1}, "min_level": 1}},
             {"key": "secret", "to": "room", "text": {"es": "Por la ventana"}, "hidden": True,
              "requirement": {"variables": {"trust": {">=": 9}}}},
         ]},
        {"key": "room", "title": {"es": "La sala"}, "text": {"es": "Un espejo pregunta: ¿quién soy?"},
         "challenge": {"kind": "riddle", "answers": {"es": ["el reflejo", "reflejo"]}, "tries": 2},
         "reward": {"items": {"lamp": 1}, "hints": ["ash"]},
         "decisions": [
             {"key": "right", "to": "door", "text": {"es": "Acertar"}, "taken_by": "right"},
             {"key": "wrong", "to": "door", "text": {"es": "Fallar"}, "taken_by": "wrong"},
             {"key": "pay", "to": "cellar", "text": {"es": "Pagar al espejo"}, "cost": 15},
         ]},
        {"key": "cellar", "title": {"es": "El sótano"}, "text": {"es": "Oscuro. Muy oscuro."},
         "decisions": [{"key": "up", "to": "end", "text": {"es": "Subir"}},
                       {"key": "club", "to": "divan", "text": {"es": "Al diván"}}]},
        {"key": "divan", "vip": True, "title": {"es": "El diván"},
         "text": {"es": "Solo para ti.\n\nLo demás es secreto."},
         "decisions": [{"key": "up", "to": "end", "text": {"es": "Subir"}}]},
        {"key": "end", "ending": True, "title": {"es": "Fin"}, "text": {"es": "Amanece."}},
    ],
})  # fmt: skip
