"""What the page's own files promise, read without a browser."""

import re
from pathlib import Path

import pytest

import telesim

PAGE = Path(telesim.__file__).parent / "page"
SOURCES = sorted(path for path in PAGE.iterdir() if path.suffix in {".js", ".css", ".html"})
KEY = re.compile(r"^  (\w+): (.+),$", re.MULTILINE)
FILLED = re.compile(r"\{(\w+)\}")
CALLED = re.compile(r"\bt\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
HELP = re.compile(r'item\("\w+", "(\w+)", "(\w+)"\)')
NOT_WORDS = {"channel", "quiz", "request", "left", "typing"}
BY_NAME = {"paySilent", "payTwice", "subscribedAlready"}


def words(language: str) -> dict[str, str]:
    return dict(KEY.findall((PAGE / f"words.{language}.js").read_text()))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_file_is_short_and_asks_nobody_outside(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 350
    outside = set(re.findall(r"https?://[\w.]+", text)) - {"https://t.me", "http://www.w3.org", "https://"}
    assert not outside


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_file_turns_a_string_into_markup_script_or_inline_style(path: Path) -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|cssText|<style|\son\w+=| style="
    )
    assert not re.search(forbidden, path.read_text())


def test_spanish_and_english_say_the_same_things() -> None:
    spanish, english = words("es"), words("en")
    assert spanish.keys() == english.keys()
    for key, sentence in spanish.items():
        assert set(FILLED.findall(sentence)) == set(FILLED.findall(english[key])), key
        assert sentence.startswith("[") == english[key].startswith("["), key


def test_every_sentence_asked_for_exists_and_none_lies_idle() -> None:
    asked: set[str] = set()
    for path in PAGE.glob("*.js"):
        text = path.read_text()
        for call in CALLED.findall(text):
            asked |= set(re.findall(r'"(\w+)"', call))
        asked |= {name for pair in HELP.findall(text) for name in pair}
    known = words("es").keys()
    assert asked - known - NOT_WORDS == set()
    idle = {key for key in known - asked - BY_NAME if not key.startswith(("kind_", "fault_"))}
    assert idle == set()
