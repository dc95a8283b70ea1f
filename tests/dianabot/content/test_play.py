"""Random play: the same for the same seed, and true to the rules of the house."""

from collections import Counter

import pytest

from dianabot.content.engine import read
from dianabot.content.play import play, spread
from dianabot.content.reader import Reader
from dianabot.gamification.levels import LevelsRules
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import mansion, place, short, trial, twice, way, world

NOTHING = LevelsRules(xp={}, besitos_per_level=0)


def test_the_same_seed_makes_the_same_report() -> None:
    one, other = (play(mansion(), runs=300, seed=7).to_json() for _ in range(2))

    assert one == other
    assert play(mansion(), runs=300, seed=8).to_json() != one


@pytest.mark.parametrize("processes", [2, 3])
def test_more_processes_make_the_same_report(processes: int) -> None:
    heard: list[int] = []
    alone = play(mansion(), runs=1_100, seed=7)
    shared = play(mansion(), runs=1_100, seed=7, processes=processes, progress=lambda done, _: heard.append(done))

    assert shared == alone
    assert shared.to_json() == alone.to_json()
    assert heard == [250, 500, 750, 1_000, 1_100]


@pytest.mark.parametrize("story", [mansion, trial, twice, short])
def test_a_healthy_story_is_seen_whole_and_ends(story: object) -> None:
    report = play(story(), runs=500, seed=1)  # type: ignore[operator]  # each makes a world

    assert report.unseen == []
    assert report.untaken == []
    assert not report.stuck
    assert report.endings.total() + report.lost == 500


def test_nobody_comes_to_a_fragment_that_is_locked_for_ever() -> None:
    one = short(way("desk", "safe", requirement={"required_fragments": ["safe"]}))
    one = World.model_validate({**one.model_dump(), "fragments": [*one.model_dump()["fragments"], place("safe")]})
    report = play(one, runs=50, seed=1)

    assert (report.unseen, report.untaken) == (["safe"], ["hall.desk"])
    assert report.met["hall.desk"] > 0
    assert report.locks == {}


def test_whoever_cannot_go_on_is_counted_where_she_stands() -> None:
    one = world(place("hall", way("go", "end", cost=5), entry=True), place("end", ending=True))

    assert play(one, runs=20, seed=1, growth=NOTHING).stuck == Counter({"hall": 20})


def test_who_does_not_join_the_club_stays_at_its_wall() -> None:
    one = world(place("hall", way("go", "end"), entry=True), place("end", ending=True, vip=True))
    report = play(one, runs=100, seed=1)

    assert not report.stuck
    assert 20 < report.walled["hall"] == 100 - report.endings["end"] < 80


def test_besitos_and_days_are_counted() -> None:
    one = world(
        place("hall", way("go", "shop", reward={"besitos": 3}), entry=True, reward={"besitos": 4}),
        place("shop", way("buy", "end", cost=27)), place("end", ending=True), economy={"daily_besitos": 10},
    )  # fmt: skip
    report = play(one, runs=10, seed=1, growth=NOTHING)

    assert report.earned == Counter({7: 10})
    assert report.spent == Counter({27: 10})
    assert report.locks == {"shop.buy": Counter({2: 10})}
    assert report.days == Counter({2: 10})
    assert report.steps == Counter({2: 10})


def test_levels_bring_besitos() -> None:
    growth = LevelsRules(thresholds=(10, 20), xp={"narrative.fragment_completed": 10}, besitos_per_level=5)

    assert play(short(), runs=4, seed=1, growth=growth).earned == Counter({10: 4})


def test_rewards_come_once() -> None:
    one = world(
        place("hall", way("round", "hall", reward={"besitos": 3}), way("go", "end"), entry=True, reward={"besitos": 4}),
        place("end", ending=True),
    )  # fmt: skip
    report = play(one, runs=200, seed=3, growth=NOTHING)

    assert set(report.earned) == {4, 7}


def test_a_hidden_decision_is_not_waited_for() -> None:
    one = short(way("buy", "end", cost=5, hidden=True), economy={"daily_besitos": 5})

    assert play(one, runs=50, seed=1, growth=NOTHING).untaken == ["hall.buy"]


def test_of_several_ways_to_meet_a_lock_the_shortest_is_waited_for() -> None:
    lock = {"any": [{"min_level": 3}, {"min_besitos": 30}, {"required_fragments": ["end"]}]}
    one = world(place("hall", way("go", "end", requirement=lock), entry=True), place("end", ending=True),
                economy={"daily_besitos": 10, "daily_xp": 10})  # fmt: skip
    story = read(one)
    assert story.entry is not None
    reader = Reader(story, NOTHING, joins=False, scene=story.entry, language="es")
    [choice] = story.entry.choices

    assert reader.wait(reader.lacking(choice))
    assert (reader.day, reader.lacking(choice)) == (3, [])


def test_progress_is_told_to_the_end() -> None:
    heard: list[tuple[int, int]] = []
    play(short(), runs=600, seed=1, progress=lambda done, of: heard.append((done, of)))

    assert heard == [(250, 600), (500, 600), (600, 600)]


def test_a_world_without_a_way_in_plays_nothing() -> None:
    report = play(world(place("hall")), runs=5, seed=1)

    assert (report.runs, report.unseen) == (0, ["hall"])


def test_a_spread_names_what_is_usual() -> None:
    assert spread(Counter({1: 8, 5: 1, 20: 1})) == {"least": 1, "median": 1, "nine_of_ten": 5, "most": 20, "mean": 3.3}
    assert spread(Counter()) == {}
