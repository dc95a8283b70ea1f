"""How a long text is cut."""

import re

import pytest
from hypothesis import example, given
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


@given(st.text(alphabet="ab *_|>\n&", min_size=1, max_size=120), st.integers(3, 20))
@example("**a ||" + "x" * 41 + " b|| c** fin", 40)
@example("> \n> " + "x" * 41, 40)
@example("> " + "x" * 40 + "\n> ", 40)
def test_wherever_a_text_is_cut_each_letter_is_marked_as_it_was(written: str, most: int) -> None:
    text = prose(written, name="Ana")
    whole = marked(text)

    found = pages(text, most)

    assert [letter for page in found for letter in marked(page)] == whole
    assert all(shown_length(page) <= most for page in found)
    assert not whole or all(map(marked, found)), "Telegram sends no message that says nothing"


def marked(page: str) -> list[tuple[str, ...]]:
    """Each letter with what is open around it, where what is opened is closed in order."""
    found, still = [], list[str]()
    for piece in re.findall(r"<[^>]*>|&[a-z]+;|\S", page):
        if piece.startswith("</"):
            assert still.pop() == piece.replace("/", "")
        elif piece.startswith("<"):
            still.append(piece)
        else:
            found.append((piece, *still))
    assert not still
    return found


def test_a_button_does_one_thing() -> None:
    with pytest.raises(AssertionError):
        Button("nothing")
