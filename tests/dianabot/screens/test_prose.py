"""Light formatting becomes Telegram's HTML, and whatever an author writes stays a message that Telegram takes."""

import html
import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.screens.prose import plain, prose, unclosed

TAG = re.compile(r"<(/?)(b|i|tg-spoiler|blockquote)>")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Buenas noches.", "Buenas noches."),
        ("**Diana** sonríe.", "<b>Diana</b> sonríe."),
        ("Una _sola_ vela.", "Una <i>sola</i> vela."),
        ("Era ||Lucien||.", "Era <tg-spoiler>Lucien</tg-spoiler>."),
        ("**muy _muy_ tarde**", "<b>muy <i>muy</i> tarde</b>"),
        ("**a _b** c_", "<b>a _b</b> c_"),
        ("un_nombre_largo y 2 * 3 ** 4", "un_nombre_largo y 2 * 3 ** 4"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<b>no</b>", "&lt;b&gt;no&lt;/b&gt;"),
        ("> Querida,\n> ven.", "<blockquote>Querida,\nven.</blockquote>"),
        ("Dice:\n> ven", "Dice:\n&gt; ven"),
        ("uno\n \n\n\ndos\r\n\r\ntres", "uno\n\ndos\n\ntres"),
        ("Pase, {name}.", "Pase, Ana &lt;3."),
        ("****", "****"),
        ("", ""),
    ],
)
def test_light_formatting_becomes_html(written: str, shown: str) -> None:
    assert prose(written, name="Ana <3") == shown


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("“You rang.” **“Nobody ever rings.”", [("**", "Nobody")]),
        ("**uno\n\ndos**", [("**", "uno")]),
        ("> _Querida,\n> ven.", [("_", "Querida")]),
        ("Era ||Lucien|, ¿**no?", [("||", "Lucien"), ("**", "no")]),
        ("**_muy** tarde", [("_", "muy")]),
        ("**_muy_ tarde", [("**", "muy")]),
        ("Pase, **{name}", [("**", "name")]),
    ],
)
def test_a_mark_that_begins_a_word_and_never_ends_is_found(written: str, left: list[tuple[str, str]]) -> None:
    assert [*unclosed(written)] == left


@pytest.mark.parametrize(
    "written",
    ["2*3 y 2**3 y 2 ** 3", "un_nombre_largo", "_ , _, a || b, || y **", "****", "***", "* * *", "Precio** y nota*",
     "______ y ___a", "^_^ :_( -_-", "**a _b_ c**", "||a|| **b**", "x.com/_a/__b__", "> **a\n> b**", "(**a** o _b_)"],
)  # fmt: skip
def test_signs_that_are_text_are_no_unclosed_marks(written: str) -> None:
    assert [*unclosed(written)] == []


def test_on_a_button_the_marks_are_gone() -> None:
    assert plain("Abrir la **carta** de {name}", name="Ana") == "Abrir la carta de Ana"


@pytest.mark.parametrize("piece", ["_a ", " **a", "a ||b ", "_a_ b", "**a _b ||c ", "_"])
def test_a_long_page_is_read_in_no_time_however_it_is_marked(piece: str) -> None:
    began = process_time()

    prose(piece * (60_000 // len(piece)), name="Ana")

    assert process_time() - began < 2, "everybody waits meanwhile"


@given(st.text(alphabet="ab *_|>\n<&{}", max_size=60))
def test_whatever_is_written_its_tags_match_and_its_words_stay(written: str) -> None:
    shown = prose(written, name="Ana")
    open_tags: list[str] = []
    for closing, tag in TAG.findall(shown):
        if closing:
            assert open_tags.pop() == tag
        else:
            open_tags.append(tag)
    assert not open_tags
    words = re.findall(r"[ab]+", html.unescape(TAG.sub("", shown)))
    assert "".join(words) == "".join(re.findall(r"[ab]+", written))
