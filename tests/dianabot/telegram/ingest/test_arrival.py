"""What comes off the wire, before anything is believed of it."""

from typing import Any

import pytest

from dianabot.telegram.ingest.arrival import language_code, private_chat, queue_of, sorted_out

TEXT = {"update_id": 5, "message": {"text": "hola"}}


@pytest.mark.parametrize(
    "strange",
    [{}, {"update_id": "7"}, {"update_id": True}, [], None, 17, {"update_id": 2**70}, {"update_id": -1}],
)
def test_what_is_no_update_is_not_kept(strange: object) -> None:
    kept, highest = sorted_out([strange, TEXT])

    assert [came.update_id for came, _ in kept] == [5]
    assert highest == max(5, strange["update_id"] if isinstance(strange, dict) and 2**70 in strange.values() else 0)


PRIVATE = {"id": 9, "type": "private"}
GROUP = {"id": -9, "type": "group"}


@pytest.mark.parametrize(
    ("said", "queue", "chat"),
    [
        ({"message": {"from": {"id": 3}, "chat": PRIVATE}}, 3, 9),
        ({"message": {"from": {"id": 3}, "chat": GROUP}}, 3, None),
        ({"channel_post": {"chat": GROUP}}, -9, None),
        ({"callback_query": {"from": {"id": 3}, "message": {"chat": PRIVATE}}}, 3, 9),
        ({"callback_query": {"from": {"id": 3}}}, 3, None),
        ({"poll_answer": {"user": {"id": 3}}}, 3, None),
        ({"poll": {"id": "3"}}, 0, None),
        ({"message": {"from": {"id": 2**70}, "chat": {"id": "x"}}}, 0, None),
        ({"message": None}, 0, None),
        ({}, 0, None),
    ],
)
def test_whose_turn_it_is_and_where_kind_words_can_be_said(said: dict[str, Any], queue: int, chat: int | None) -> None:
    update = {"update_id": 1, **said}

    assert queue_of(update) == queue
    assert private_chat(update) == chat


@pytest.mark.parametrize(
    ("person", "code"), [({"language_code": "en"}, "en"), ({"language_code": 5}, None), ({}, None), (None, None)]
)
def test_what_telegram_says_she_speaks(person: object, code: str | None) -> None:
    assert language_code({"update_id": 1, "message": {"from": person}}) == code


def test_payments_come_first() -> None:
    kept, _ = sorted_out([{"update_id": 1, "pre_checkout_query": {"from": {"id": 1}}}, TEXT])

    assert [came.urgent for came, _ in kept] == [1, 0]
