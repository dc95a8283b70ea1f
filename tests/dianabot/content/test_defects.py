"""A healthy pack on disk, in which one line is changed: what that breaks is named with its file and line."""

from pathlib import Path
from shutil import copytree
from typing import NamedTuple

import pytest

import dianabot
from dianabot.content.examination import examined
from dianabot.content.finding import Finding, has_errors
from dianabot.content.folder import LARGEST_FILE
from dianabot.content.pack import read

PACKS = Path(__file__).parents[2] / "packs"
DEMO = Path(dianabot.__file__).parent / "packs" / "mansion"
HEALTHY = [pytest.param(DEMO, marks=pytest.mark.slow), *sorted(PACKS.iterdir())]
POSADA = PACKS / "posada"


class Seed(NamedTuple):
    """What stands there first is replaced, and found in that very line, unless another place is named."""

    what: str
    code: str
    file: str
    old: str
    new: str
    at: tuple[str, str] | None = None
    """File, and what stands in the line."""
    brings: frozenset[str] = frozenset()
    """What else is wrong then."""


S, C, P = "historia.yaml", "cosas.yaml", "pack.yaml"
FACTS = "text: Dos mesas, un fuego y una mujer que seca copas como si les hiciera preguntas."
LAST = "    level: 1\n    ending: true\n"
ROUND = "    decisions: [{key: x, text: {es: Otra vez, en: Again}, to: carta}]\n"
LOCK = "requirement: {required_hints: [luz], variables: {amable: true}}"
OFFER = "plans:\n  - key: mes\n    name: Un mes\n    days: 30\n    price_stars: 150\n"
TWO = "{es: a, en: b}"
SEEDS = [
    Seed("syntax", "not_yaml", S, "title: El salón", "title: [El salón"),
    Seed("a tab", "tab_indents", S, "    title: El salón", "\ttitle: El salón"),
    Seed("a word for a number", "wrong_type", S, "level: 1", "level: one"),
    Seed("a number for a text", "wrong_type", S, "text: Entrar", "text: 5"),
    Seed("a wrong type in a requirement", "wrong_type", S, "{required_items: [llave]}", "{required_items: 5}"),
    Seed("a wrong type in a reward", "wrong_type", S, "{besitos: 20, xp: 30}", "{besitos: many, xp: 30}"),
    Seed("an unknown key", "unknown_key", C, "unique: true", "unik: true"),
    Seed("an unknown condition", "unknown_key", S, "{required_items: [llave]}", "{needs_items: [llave]}"),
    Seed("an unknown fragment", "unknown_reference", S, "to: camino", "to: cocina"),
    Seed("an unknown item", "unknown_reference", S, "{items: [llave]}", "{items: [llave, vaso]}"),
    Seed("an unknown hint", "unknown_reference", S, "{required_hints: [luz], ", "{required_hints: [voz], "),
    Seed("an unknown variable", "unknown_reference", S, "cost: 15", "variables: {cortes: true}"),
    Seed("an unknown decision", "unknown_reference", C, "decision: salon.pagar", "decision: salon.robar"),
    Seed("an unreachable fragment", "unreachable", S, "to: barra", "to: llaves", (S, "key: barra"),
         frozenset({"given_too_late"})),
    Seed("a dead end that is no ending", "dead_end", S, LAST, "", (S, "key: carta")),
    Seed("a loop without exit", "loop_without_exit", S, LAST, ROUND, (S, "key: carta")),
    Seed("an item that nobody gives", "nothing_gives", S, "reward: {items: [llave]}", "reward: {xp: 1}",
         (S, "requirement: {required_items")),
    Seed("a hint that nobody gives", "nothing_gives", S, "reward: {hints: [luz]}", "reward: {xp: 1}", (S, LOCK)),
    Seed("more items than are given", "too_few", S, "{required_items: [llave]}", "{required_items: {llave: 2}}"),
    Seed("a level beyond what can be earned", "level_out_of_reach", S, "{required_items: [llave]}", "{min_level: 9}"),
    Seed("a value that never comes", "value_never", S, "variables: {amable: true}", "cost: 0", (S, LOCK)),
    Seed("conditions at odds", "contradiction", S, "{required_hints: [luz], ", "{min_level: 2, not: {min_level: 2}, "),
    Seed("days to afford", "days_to_afford", S, "cost: 15", "cost: 150"),
    Seed("an unused hint", "unused", C, "hints:", f"hints:\n  - {{key: voz, title: {TWO}, text: {TWO}}}",
         (C, "key: voz")),
    Seed("an unused item", "unused", C, "items:", f"items:\n  - {{key: vaso, name: {TWO}}}", (C, "key: vaso")),
    Seed("an unused variable", "unused", S, "], variables: {amable: true}", "]", (C, "name: amable")),
    Seed("a template's unknown word", "template_unknown_name", C, "{{ name }}, le", "{{ nombre }}, le"),
    Seed("a template's unknown variable", "unknown_reference", C, "{{ name }}, le", "{{ vars.trato }}, le"),
    Seed("a template's unknown field", "unknown_field", C, "{{ name }}, le", "{{ event.hat }}, le"),
    Seed("a template's syntax", "template_syntax", C, "{{ name }}, le", "{{ name, le"),
    Seed("a hint too long for a message", "text_too_long", C, "No es nadie que haya pagado.", "a" * 4097),
    Seed("an offer too long for an invoice", "text_too_long", C, "Un mes", "a" * 33),
    Seed("a text too long for a button", "text_too_long", S, "Pagar una noche", "a" * 65),
    Seed("a fragment of many messages", "long_text", S, FACTS, "text: " + "a" * 13_000),
    Seed("a translation too long for a message", "text_too_long", "cosas.en.yaml", "It's nobody who has paid.",
         "a" * 4097),
    Seed("a VIP wall without an offer", "vip_without_offer", C, OFFER, "", (S, "vip: true"),
         frozenset({"translation_surplus"})),
    Seed("two entries", "several_entries", S, "vip: true", "entry: true"),
    Seed("no entry", "no_entry", S, "entry: true", "entry: false", (S, "fragments:")),
    Seed("a circle of includes", "include_cycle", C, "variables:", "include: pack.yaml\nvariables:"),
    Seed("a path that leaves the folder", "outside", P, "- cosas.yaml", "- ../cosas.yaml"),
    Seed("a file that is not there", "file_missing", P, "- cosas.yaml", "- casas.yaml"),
    Seed("10 MB", "file_too_large", C, "variables:", "#" * LARGEST_FILE + "\nvariables:", (P, "- cosas.yaml")),
    Seed("a missing translation", "translation_missing", "historia.en.yaml",
         "fragments.llaves.title: The Board\n", "", (S, "title: El tablero")),
    Seed("a translation of nothing", "translation_surplus", "historia.en.yaml", "fragments.llaves.title",
         "fragments.laves.title", None, frozenset({"translation_missing"})),
    Seed("a translation of a wrong type", "wrong_type", "historia.en.yaml", "Go in", "[Go in]", None,
         frozenset({"translation_missing"})),
    Seed("a key twice", "key_twice", S, "title: El salón", "title: El salón\n    title: Sala", (S, "title: Sala")),
    Seed("a decision twice", "part_twice", S, "key: seguir", "key: entrar", None,
         frozenset({"translation_missing", "translation_surplus"})),
]  # fmt: skip
REMARKS = {
    "unreachable", "days_to_afford", "unused", "long_text", "vip_without_offer", "translation_surplus"
}  # fmt: skip
"""They keep nothing from being published (nor does a long button)."""


def change(folder: Path, file: str, old: str, new: str) -> int:
    """The number of the line in which it stood."""
    before = (folder / file).read_text("utf-8")
    at = before.index(old)
    (folder / file).write_text(before[:at] + new + before[at + len(old) :], "utf-8")
    return before.count("\n", 0, at) + 1


def line_of(folder: Path, file: str, said: str) -> int:
    lines = (folder / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if said in line)


def named(findings: list[Finding]) -> set[tuple[str, str, int]]:
    return {(one.values.get("fault", one.code), one.file, one.line) for one in findings}


@pytest.fixture
def posada(tmp_path: Path) -> Path:
    return Path(copytree(POSADA, tmp_path / "posada"))


@pytest.mark.parametrize("pack", HEALTHY, ids=lambda pack: pack.name)
def test_a_healthy_pack_gives_no_alarm(pack: Path) -> None:
    assert [one for one in examined(read(pack)) if one.severity != "note"] == []


@pytest.mark.parametrize("seed", SEEDS, ids=[seed.what for seed in SEEDS])
def test_a_seeded_defect_is_found_in_its_line_and_nothing_else(seed: Seed, posada: Path) -> None:
    place = (seed.file, change(posada, seed.file, seed.old, seed.new))
    if seed.at:
        place = (seed.at[0], line_of(posada, *seed.at))
    findings = examined(read(posada))

    assert (seed.code, *place) in named(findings)
    assert {code for code, _, _ in named(findings)} == {seed.code, *seed.brings}
    assert has_errors(findings) or seed.code in REMARKS or "button" in seed.what


def test_what_neither_the_story_nor_its_days_can_pay_is_found(posada: Path) -> None:
    change(posada, P, "daily_besitos: 10", "daily_besitos: 0")
    line = change(posada, S, "cost: 15", "cost: 150")

    assert named(examined(read(posada))) == {("never_affordable", S, line)}


def test_days_to_afford_are_counted(posada: Path) -> None:
    change(posada, S, "cost: 15", "cost: 150")
    [found] = examined(read(posada))

    assert (found.values["need"], found.values["have"], found.values["count"]) == (150, 45, 11)
