"""How a long text is cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.screens.prose import prose
from dianabot.screens.screen import MOST_TEXT, Button, pages, shown_length


@pytest.mark.parametrize(
    ("text", "length"),
    [("abc", 3), ("<b>abc</b>", 3), ("a &lt; b &amp; c", 9), ("🕯️", 2), ('<a href="https://x.y">x</a>', 1)],
)
def test_telegram_counts_code_points_without_tags(text: str, length: int) -> None:
    assert shown_length(text) == length


def test_what_fits_is_one_page() -> None:
    assert pages("a" * MOST_TEXT) == ["a" * MOST_TEXT]


def test_long_texts_are_cut_between_paragraphs() -> None:
    paragraphs = [f"<b>{n}</b> " + "palabra " * 100 for n in range(20)]

    found = pages("\n\n".join(paragraphs))

    assert len(found) > 1
    assert all(shown_length(page) <= MOST_TEXT for page in found)
    assert [part for page in found for part in page.split("\n\n")] == paragraphs


def test_a_paragraph_that_is_too_long_is_cut_between_words() -> None:
    found = pages("palabra " * 2000)

    assert all(shown_length(page) <= MOST_TEXT and set(page.split()) == {"palabra"} for page in found)


@pytest.mark.parametrize("said", ["palabra " * 700, "una línea\n" * 700, "p" * 5000, "p" * 5000 + " fin"])
@pytest.mark.parametrize("mark", ["**{}**", "||{}||", "> {}", "ya _{}_"])
def test_what_is_marked_across_a_cut_is_marked_on_both_sides_of_it(said: str, mark: str) -> None:
    found = pages(prose(mark.format(said.strip()), name="Ana"))

    assert len(found) > 1
    for page in found:
        assert shown_length(page) <= MOST_TEXT
        assert [tag.strip("/") for tag in re.findall(r"<(/?[a-z-]+)>", page)] in (
            [],
            re.findall(r"<([a-z-]+)>", page) * 2,
        )


@given(st.text(alphabet="ab &;\n<>", max_size=300), st.integers(5, 50))
def test_nothing_but_blanks_is_lost_by_cutting(plain: str, most: int) -> None:
    text = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    found = pages(text, most)

    assert all(shown_length(page) <= most for page in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_button_does_one_thing() -> None:
    with pytest.raises(AssertionError):
        Button("nothing")
