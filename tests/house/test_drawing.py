from xml.etree import ElementTree as ET

import pytest

from tools.drawing import parse, sequence

TEXT = """
title: Two who talk
actors: Fan | bot
Fan -> bot: /start & <more>
bot --> Fan: hello
bot: thinks
= and so on
"""


def test_a_sequence_is_drawn_as_xml_with_all_that_was_said() -> None:
    drawn = ET.fromstring(sequence(TEXT))  # noqa: S314 - our own text, parsed to see that it is well-formed
    said = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Two who talk", "Fan", "bot", "/start & <more>", "hello", "thinks", "and so on"} <= said


def test_an_answer_is_told_from_a_request() -> None:
    _, _, steps = parse(TEXT)
    assert [step.answer for step in steps] == [False, True, False, False]


@pytest.mark.parametrize("line", ["Fan -> nobody: hello", "somebody: thinks", "Fan bot hello"])
def test_a_line_that_cannot_be_drawn_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="nobody here can draw"):
        sequence(f"actors: Fan | bot\n{line}")
