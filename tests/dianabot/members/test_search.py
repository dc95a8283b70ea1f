"""Members found by what a person can see of them."""

from collections.abc import AsyncIterator

import pytest

from dianabot.kernel.tx import Tx
from dianabot.members import Contact, Members, MembersRules
from tests.proof.stage import Stage

EVERYBODY = (
    Contact(1001, "Lucía", "lucia_99"),
    Contact(1002, "Ana Lucía", None),
    Contact(51001, None, "Diana"),
    Contact(1004, None, None),
    Contact(1005, "100% @lucia", None),
)


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        async with running.begin() as tx:
            for contact in EVERYBODY:
                await members(tx).register(contact, otherwise="es")
        yield running


def members(tx: Tx) -> Members:
    return Members(tx, MembersRules())


async def search(stage: Stage, words: str, *, limit: int = 20) -> list[int | None]:
    async with stage.begin() as tx:
        return [found.telegram_id for found in await members(tx).search(words, limit=limit)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [1005, 1004, 51001, 1002, 1001]),
        ("Lucía", [1002, 1001]),
        ("  lUCÍa\n", [1002, 1001]),
        ("ana lucía", [1002]),
        ("ana", [51001, 1002]),
        ("@diana", [51001]),
        ("@lucia", [1005, 1001]),
        ("1001", [1001]),
        ("%", [1005]),
        ("_", [1001]),
        ("nobody", []),
        ("\ud800\x00", [1005, 1004, 51001, 1002, 1001]),
        ("9" * 100, []),
    ],
    ids=repr,
)
async def test_she_is_found_by_name_username_or_telegram_id_newest_first(
    stage: Stage, words: str, found: list[int]
) -> None:
    assert await search(stage, words) == found


async def test_no_more_are_found_than_were_asked_for(stage: Stage) -> None:
    assert await search(stage, "", limit=2) == [1005, 1004]


async def test_whoever_is_erased_is_not_found(stage: Stage) -> None:
    async with stage.begin() as tx:
        (lucia,) = await members(tx).search("1001", limit=1)
        await tx.lock_members(lucia.id)
        await members(tx).erase(lucia.id)

    assert await search(stage, "") == [1005, 1004, 51001, 1002]
