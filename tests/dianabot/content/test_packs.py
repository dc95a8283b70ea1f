"""What the demo world promises to show, so that a newcomer meets every thing a story can do."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import dianabot
from dianabot.content.pack import Pack, read
from dianabot.narrative.lucien.rules import Memory, render
from dianabot.vocabulary import requirement as requirements
from dianabot.vocabulary.conditions import CONDITIONS
from dianabot.vocabulary.requirement import Requirement
from dianabot.vocabulary.world import texts

MANSION = Path(dianabot.__file__).parent / "packs" / "mansion"


@cache
def mansion() -> Pack:
    return read(MANSION)


def asked(requirement: Requirement) -> Iterator[str]:
    yield from (condition.key for condition in requirement.conditions)
    yield from (name for name in ("every", "either", "never") if getattr(requirement, name))
    for part in requirement.nested:
        yield from asked(part)


def test_it_has_a_story_of_some_length() -> None:
    published = [one for one in mansion().world.fragments if not one.draft]

    assert len(published) >= 40
    assert {one.level for one in published} == {level.number for level in mansion().world.levels} == {1, 2, 3, 4}
    assert sum(one.ending for one in published) >= 3
    assert sum(one.secret for one in published) >= 2
    assert sum(one.vip for one in published) >= 2
    assert any(one.image for one in published)


def test_it_has_a_lock_of_every_kind() -> None:
    fragments = mansion().world.fragments
    documents = [one.requirement for one in fragments]
    documents += [one.requirement for fragment in fragments for one in fragment.decisions]
    kinds = {kind for document in documents for kind in asked(requirements.parse(document))}

    assert kinds == {*CONDITIONS, "every", "either", "never"}


def test_it_has_prices_hidden_ways_and_hints_that_combine() -> None:
    decisions = [one for fragment in mansion().world.fragments for one in fragment.decisions]

    assert any(one.cost for one in decisions)
    assert any(one.hidden for one in decisions)
    assert len(mansion().world.combinations) >= 2


def test_lucien_remembers() -> None:
    written = [template.text["es"] for template in mansion().world.templates]

    for memory in ("chose(", "has_hint(", "has_item(", "vars."):
        assert any(memory in text for text in written), memory


def test_lucien_points_to_the_letter_only_while_it_lies_there() -> None:
    template = next(one for one in mansion().world.templates if one.key == "primera_noche")

    for text in template.text.values():
        assert render(text, Memory("Ana"))
        assert not render(text, Memory("Ana", decisions=frozenset({"carta.subir"})))
        assert not render(text, Memory("Ana", decisions=frozenset({"carta.contraluz"})))


def test_every_line_is_in_both_languages_and_no_line_is_just_copied() -> None:
    lines = dict(texts(mansion().world))
    copied = {line for line, text in lines.items() if text["es"] == text["en"]}

    assert [line for line, text in lines.items() if set(text) != {"es", "en"}] == []
    assert copied <= {"fragments.salon.title", "hints.vetiver.title"}, copied
