"""Formatted text: what each parse mode makes of it, and what Telegram finds by itself."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telesim.errors import ApiError
from telesim.text import formatted

PIECES = ["<b>", "</b>", "<i>", "</i>", '<a href="https://a.b">', "</a>", "*", "_", "`", "[", "](", ")", "&lt;", "&#1;",
          "\\", "😀", "/start", "@name", "\n", " ", "x", "<pre>", "</pre>", "||", ">", "tg://user?id=1"]  # fmt: skip


def marks(text: str, mode: str | None = None, entities: list[dict[str, Any]] | None = None) -> tuple[str, list[str]]:
    """The text, and each entity as `type:stretch`, with what it carries."""
    result = formatted(text, mode, entities)
    units = result.text.encode("utf-16-le")
    shown = []
    for mark in result.entities:
        stretch = units[mark["offset"] * 2 : (mark["offset"] + mark["length"]) * 2].decode("utf-16-le")
        more = [str(mark[key]) for key in ("url", "language", "user_id", "custom_emoji_id") if key in mark]
        shown.append(":".join([mark["type"], stretch, *more]))
    return result.text, shown


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("<b>a</b> <strong>b</strong>", "a b", ["bold:a", "bold:b"]),
        ("<i>a</i><em>b</em><u>c</u><ins>d</ins>", "abcd", ["italic:a", "italic:b", "underline:c", "underline:d"]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", ["strikethrough:a", "strikethrough:b", "strikethrough:c"]),
        ('<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>', "ab", ["spoiler:a", "spoiler:b"]),
        ("<b>a<i>b</i></b>", "ab", ["bold:ab", "italic:b"]),
        ("😀<b>😀</b>", "😀😀", ["bold:😀"]),
        ('<a href="https://a.b/?x=1&amp;y=2">a</a>', "a", ["text_link:a:https://a.b/?x=1&y=2"]),
        ('<a href="tg://user?id=5">a</a>', "a", ["text_mention:a:5"]),
        ('<a href="javascript:alert(1)">a</a>', "a", []),
        ("<code>/start</code>", "/start", ["code:/start"]),
        ('<pre><code class="language-python">x</code></pre>', "x", ["pre:x:python"]),
        ("<blockquote>a</blockquote>", "a", ["blockquote:a"]),
        ("<blockquote expandable>a</blockquote>", "a", ["expandable_blockquote:a"]),
        ('<tg-emoji emoji-id="12">😀</tg-emoji>', "😀", ["custom_emoji:😀:12"]),
        ("&lt;b&gt; &amp; &quot; &#65; &nbsp; & x", '<b> & " A &nbsp; & x', []),
        ("<b></b>x", "x", []),
        ("  <b> a </b>  ", " a", ["bold: a"]),
        ("<B>a</B>", "a", ["bold:a"]),
    ],
)
def test_html(source: str, text: str, found: list[str]) -> None:
    assert marks(source, "HTML") == (text, found)


@pytest.mark.parametrize(
    ("mode", "source", "error"),
    [
        ("HTML", "<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("HTML", "a</b>", "Unexpected end tag at byte offset 1"),
        ("HTML", "ñ<b>a</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("HTML", "<script>a</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("HTML", "a <", "Unclosed start tag at byte offset 2"),
        ("HTML", "<b>a</b", "Unclosed end tag at byte offset 4"),
        ("HTML", "<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("MarkdownV2", "*a", "Can't find end of Bold entity at byte offset 0"),
        ("MarkdownV2", "a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("MarkdownV2", "`a", "Can't find end of Code entity at byte offset 0"),
        ("Markdown", "a *b", "Can't find end of Bold entity at byte offset 2"),
    ],
)
def test_broken_markup_says_where(mode: str, source: str, error: str) -> None:
    with pytest.raises(ApiError) as refused:
        formatted(source, mode)
    assert refused.value.description == f"Bad Request: can't parse entities: {error}"


@pytest.mark.parametrize(
    ("mode", "source", "text", "found"),
    [
        ("MarkdownV2", "*a* _b_ __c__ ~d~ ||e||", "a b c d e",
         ["bold:a", "italic:b", "underline:c", "strikethrough:d", "spoiler:e"]),
        ("MarkdownV2", r"*a _b_* \*c\*", "a b *c*", ["bold:a b", "italic:b"]),
        ("MarkdownV2", "[a](https://a.b/x) `c\\`d`", "a c`d", ["text_link:a:https://a.b/x", "code:c`d"]),
        ("MarkdownV2", "```python\nx = 1\n```", "x = 1", ["pre:x = 1:python"]),
        ("MarkdownV2", "x\n>\ny", "x\n\ny", []),
        ("MarkdownV2", ">a\n>b\nc", "a\nb\nc", ["blockquote:a\nb"]),
        ("Markdown", "*a* _b_ `c` [d](http://e.f/)", "a b c d", ["bold:a", "italic:b", "code:c", "text_link:d:http://e.f/"]),
        ("Markdown", r"\*a\* b\_c", "*a* b_c", []),
    ],
)  # fmt: skip
def test_markdown(mode: str, source: str, text: str, found: list[str]) -> None:
    assert marks(source, mode) == (text, found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start now /help@my_bot", ["bot_command:/start", "bot_command:/help@my_bot"]),
        ("a/start </b> http://x/start", ["url:http://x/start"]),
        ("hi @some_name and a@b.com", ["mention:@some_name", "email:a@b.com"]),
        ("#tag #1 $USD", ["hashtag:#tag", "cashtag:$USD"]),
        ("see t.me/x, https://a.b/c.", ["url:t.me/x", "url:https://a.b/c"]),
        ("nothing here", []),
    ],
)
def test_what_telegram_finds_by_itself(text: str, found: list[str]) -> None:
    assert marks(text)[1] == found


def test_given_entities_count_in_utf16_units() -> None:
    bold = {"type": "bold", "offset": 2, "length": 2}
    assert marks("😀😀x", None, [bold]) == ("😀😀x", ["bold:😀"])
    with pytest.raises(ApiError, match="middle of a UTF-16 symbol"):
        formatted("😀", None, [{"type": "bold", "offset": 1, "length": 1}])
    assert marks("ab", None, [{"type": "mention", "offset": 0, "length": 1}]) == ("ab", [])


@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.sampled_from([None, "HTML", "MarkdownV2", "Markdown"]),
)
@settings(max_examples=300, deadline=None)
def test_no_markup_breaks_the_parser_and_every_entity_lies_in_the_text(source: str, mode: str | None) -> None:
    try:
        result = formatted(source, mode)
    except ApiError as refused:
        assert refused.code == 400  # noqa: PT017  # a refusal is one of the two good ends
        return
    units = len(result.text.encode("utf-16-le")) // 2
    assert result.text == result.text.strip() or result.entities
    for mark in result.entities:
        assert 0 <= mark["offset"] < mark["offset"] + mark["length"] <= units
