"""The slips of a first evening: one thing is said, in the line to look at and in words for no programmer."""

from pathlib import Path

import pytest

from dianabot.content.finding import said
from dianabot.content.pack import read
from dianabot.screens.words import Words

STORY = """\
key: gate
title: The gate
languages: [en]
fragments:
  - key: gate
    title: The gate
    entry: true
    text: |
      The gate is shut.

      Behind the trees a light goes.
    decisions:
      - {key: ring, text: Ring the bell, to: porch}
  - key: porch
    title: The porch
    text: |
      The door opens.
"""
TITLE = "    title: The porch"
SLIPS = [
    (15, "out_of_line", TITLE, "   title: The porch"),
    (15, "second_colon", TITLE, "      title: The porch"),
    (14, "out_of_line", "  - key: porch", "- key: porch"),
    (14, "out_of_line", "  - key: porch", "  -key: porch"),
    (15, "second_colon", TITLE, TITLE + ": at night"),
    (15, "no_colon", TITLE, "    title:The porch"),
    (15, "out_of_line", TITLE, "    title: {name} porch"),
    (15, "sign_first", TITLE, "    title: @porch"),
    (15, "sign_first", TITLE, "    title: *porch*"),
    (15, "open_quote", TITLE, '    title: "The porch'),
    (17, "no_colon", "      The door opens.", "The door opens.\nIt does."),
    (11, "no_colon", "      Behind", "    Behind"),
    (13, "open_brace", "to: porch}", "to: porch"),
    (13, "open_brace", "bell, to", "bell to: porch, to"),
    (8, "text_beside_bar", "text: |\n      The gate", "text: | Listen\n      The gate"),
]


@pytest.mark.parametrize(("line", "what", "old", "new"), SLIPS, ids=[f"{slip[1]}-{slip[3].strip()}" for slip in SLIPS])
def test_a_slip_of_yaml_is_told_in_its_line_and_alone(line: int, what: str, old: str, new: str, tmp_path: Path) -> None:
    assert old in STORY
    (tmp_path / "pack.yaml").write_text(STORY.replace(old, new, 1))

    (found,) = read(tmp_path).problems

    assert (found.code, found.line, found.values["what"]) == ("not_yaml", line, what)
    for language in ("es", "en"):
        words = Words(language)
        assert words.label(f"kinds.{what}") in said(words, found)


@pytest.mark.parametrize(("name", "content"), [("story.yaml", STORY), ("pack.yaml", ""), ("pack.yaml", "- a\n")])
def test_a_pack_without_a_head_lacks_nothing_else(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)

    assert len(read(tmp_path).problems) == 1


@pytest.mark.parametrize("languages", ["languages: [de]", "languages: en", "languages: []"])
def test_languages_that_do_not_exist_are_not_missed_line_by_line(languages: str, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(STORY.replace("languages: [en]", languages))

    assert {one.line for one in read(tmp_path).problems if one.severity == "error"} == {3}


def test_who_says_no_languages_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(STORY.replace("languages: [en]\n", "").replace("title: The", "title: El"))

    (found,) = read(tmp_path).problems

    assert found.code == "languages_unsaid"
    assert found.values["count"] == len(("title", "gate.title", "gate.text", "ring.text", "porch.title", "porch.text"))
