"""The world on its first day."""

from pathlib import Path

from telesim.clock import ManualClock
from telesim.world.scene import Past, Resident, Scene
from tests.telesim.home import FREE, TALK, VIP, home

NEWCOMER, OWNER = 7_000_000_101, 7_000_000_102
SCENE = Scene(
    residents=(Resident("Ana", "es"), Resident("Bea", "es", owns=True)),
    past=(
        Past("free", 30, "<b>Welcome</b>"),
        Past("vip", 20, "Only here"),
        Past("group", 10, "Good evening"),
    ),
)


async def test_places_belong_to_whom_the_scene_names(tmp_path: Path) -> None:
    async with home(scene=SCENE, data=tmp_path) as sim:
        for chat in (FREE, VIP, TALK):
            assert (await sim.ok("getChatMember", chat_id=chat, user_id=OWNER))["status"] == "creator"
            assert (await sim.ok("getChatMember", chat_id=chat, user_id=NEWCOMER))["status"] == "left"


async def test_what_was_said_before_is_read_by_people_and_unheard_by_bots() -> None:
    clock = ManualClock()
    async with home(scene=SCENE, clock=clock) as sim:
        post = (await sim.messages(NEWCOMER, chat_id=FREE))[0]
        assert (post["text"], post["date"]) == ("Welcome", clock.seconds() - 30 * 3600)
        assert post["entities"] == [{"offset": 0, "length": 7, "type": "bold"}]
        assert "from" not in post
        talk = await sim.messages(NEWCOMER, chat_id=TALK)
        assert [said["text"] for said in talk] == ["Welcome", "Good evening"]
        assert talk[0]["is_automatic_forward"] is True
        assert talk[1]["from"]["id"] == OWNER
        assert [said["text"] for said in await sim.messages(OWNER, chat_id=VIP)] == ["Only here"]
        assert await sim.updates() == []


async def test_a_world_that_was_kept_is_not_told_its_past_again(tmp_path: Path) -> None:
    for _ in range(2):
        async with home(scene=SCENE, data=tmp_path) as sim:
            assert len(await sim.messages(NEWCOMER, chat_id=TALK)) == 2


async def test_a_bot_that_waits_to_be_started_stands_on_top_of_the_list() -> None:
    async with home(scene=SCENE) as sim:
        rows = (await sim.control("GET", f"people/{NEWCOMER}/chats")).body
        assert [row["chat"]["type"] for row in rows] == ["private", "supergroup", "channel"]
