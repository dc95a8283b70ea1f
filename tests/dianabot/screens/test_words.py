"""The sentences themselves: complete, the same in each language, and replaceable."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import dianabot
from dianabot.kernel.errors import Refusal
from dianabot.members import LANGUAGES, Language
from dianabot.screens.problems import refusal_key
from dianabot.screens.words import MOST, Html, Words, check_texts, sentences
from dianabot.vocabulary.document import EXPECTED, FAULTS, Problem

for _module in pkgutil.walk_packages(dianabot.__path__, "dianabot."):
    if ".migrations." not in _module.name and not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)

CODE = [ast.parse(file.read_text("utf-8")) for file in Path(dianabot.__file__).parent.rglob("*.py")]
OF_THE_HOUSE = [kind for kind in Refusal.known.values() if kind.__module__.startswith("dianabot.")]


def test_every_language_has_the_same_sentences_with_the_same_fields() -> None:
    fields = [{key: sentence.fields for key, sentence in sentences(language).items()} for language in LANGUAGES]

    assert fields[0] == fields[1]


def test_every_sentence_is_said_somewhere() -> None:
    """Its key stands in the code, whole or in pieces: `f"reasons.{reason}"`, and "gift" elsewhere."""
    written = {node.value for tree in CODE for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    said = {word.lower().replace("/", "_") for word in written if isinstance(word, str)}
    said |= {re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in OF_THE_HOUSE}
    beginnings = {word for word in said if re.fullmatch(r"[a-z_.]+[._]", word)}

    def is_said(key: str) -> bool:
        rests = [key.removeprefix(word) for word in beginnings if key.startswith(word)]
        return key in said or key.isdigit() or any(map(is_said, rests))

    keys = {re.sub(r"\.(one|other)$", "", key) for key in sentences("es")}
    assert sorted(key for key in keys if not is_said(key)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_field_is_misspelt(language: Language) -> None:
    for sentence in sentences(language).values():
        assert "{" not in re.sub(r"\{[a-z_]+\}", "", sentence.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", OF_THE_HOUSE, ids=lambda kind: kind.__name__)
def test_every_refusal_has_words(kind: type[Refusal], language: Language) -> None:
    words = Words(language)
    key = "refusals." + re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()

    assert words.has(key)
    known = {"count", *kind.__dataclass_fields__}  # type: ignore[attr-defined]  # every refusal is a dataclass
    for name, sentence in sentences(language).items():
        if name == key or name.startswith(f"{key}."):
            assert sentence.fields <= known


def test_a_refusal_without_words_is_refused_in_general_words() -> None:
    class OfATest(Refusal):
        pass

    del Refusal.known["OfATest"]
    assert refusal_key(Words("es"), OfATest()) == "refusals.otherwise"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_document_has_words(language: Language) -> None:
    words = Words(language)

    assert all(words.has(f"faults.{fault}") for fault in FAULTS)
    assert all(words.has(f"expected.{expected}") for expected in EXPECTED)


def test_what_people_write_is_escaped() -> None:
    assert Words("es")("profile.name", name="<b>&") == "Nombre: <b>&lt;b&gt;&amp;</b>"
    assert Words("es")("profile.name", name=Html("<i>x</i>")) == "Nombre: <b><i>x</i></b>"
    assert Words("es").label("buttons.chosen", label="<&>") == "✓ <&>"


@pytest.mark.parametrize(("days", "form"), [(1, "1</b> día seguido"), (0, "0</b> días"), (2, "2</b> días")])
def test_what_is_counted_has_its_form(days: int, form: str) -> None:
    assert form in Words("es")("profile.streak", count=days)


def test_the_creators_own_sentence_stands_in() -> None:
    words = Words("es", {"profile.name": "Te llamas {name}", "profile.streak.other": "{count} días"})

    assert words("profile.name", name="Ana") == "Te llamas Ana"
    assert words("profile.streak", count=3) == "3 días"
    assert "día seguido" in words("profile.streak", count=1)


def test_a_sentence_that_cannot_be_filled_in_does_not_stand_in() -> None:
    assert "Nombre" in Words("es", {"profile.name": "{nobody}"})("profile.name", name="Ana")


@pytest.mark.parametrize(
    ("key", "text", "faults"),
    [
        ("start.again", "Hola, <b>{name}</b>", []),
        ("start.nowhere", "Hola", ["unknown_key"]),
        ("start.again", "Hola, {nombre} {name}", ["not_one_of"]),
        ("start.again", "Hola, {surname}", ["not_one_of"]),
        ("menu.text", "Hola, {name}", ["not_one_of"]),
        ("start.again", "<b>Hola", ["not_allowed"]),
        ("start.again", "<b><i>Hola</b></i>", ["not_allowed"]),
        ("start.again", "1 < 2", ["not_allowed"]),
        ("start.again", "tú & yo", ["not_allowed"]),
        ("start.again", "<script>x</script>", ["not_allowed"]),
        ("start.again", " \n", ["empty"]),
        ("start.again", "x" * 3000, []),
    ],
)
def test_sentences_are_checked_before_they_stand_in(key: str, text: str, faults: list[str]) -> None:
    found = check_texts({"es": {key: text}})

    assert [problem.fault for problem in found] == faults
    assert all(problem.path == f"texts.es.{key}" for problem in found)


@pytest.mark.parametrize(
    ("key", "most"),
    [
        ("commands.start", 256),
        ("buttons.menu", 64),
        ("languages.es", 62),
        ("bot.about", 120),
        ("bot.description", 512),
        ("language.done", 200),
        ("export.notice", 200),
    ],
)
def test_a_text_may_be_as_long_as_telegram_takes_it_there(key: str, most: int) -> None:
    assert check_texts({"es": {key: "x" * most}}) == []
    assert check_texts({"es": {key: "x" * (most + 1)}}) == [Problem(f"texts.es.{key}", "out_of_range", f"≤ {most}")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_texts_hold_the_same_limits(language: Language) -> None:
    ours = {key: sentence.text for key, sentence in sentences(language).items() if sentence.text}

    assert check_texts({language: ours}) == []
    assert all(any(key == one or key.startswith(f"{one}.") for key in ours) for one in MOST.keys() - {"bot.name"})
