"""Everything that is missing, and nothing that is not."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.vocabulary.condition import Condition, Demand
from dianabot.vocabulary.conditions import CONDITIONS
from dianabot.vocabulary.document import Json, Place
from dianabot.vocabulary.missing import Missing, Way, missing
from dianabot.vocabulary.requirement import Requirement, kinds_named, parse
from dianabot.vocabulary.standing import NotLoaded, Person, Standing

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MORNING = "2026-05-01T09:00:00+00:00"
EVENING = "2026-05-01T20:00:00+00:00"
NOW = NOON.isoformat()

Tree = dict[str, Any]
Trees: TypeAlias = st.SearchStrategy[Tree]

moments = st.sampled_from([MORNING, NOW, EVENING])
leaves: Trees = st.one_of(
    st.fixed_dictionaries({"languages": st.lists(st.sampled_from(["es", "en"]), min_size=1, max_size=2)}),
    st.fixed_dictionaries({"from": moments}),
    st.fixed_dictionaries({"until": moments}),
)


def _grown(parts: Trees) -> Trees:
    several = st.lists(parts, min_size=1, max_size=3)
    combined = st.fixed_dictionaries({}, optional={"from": moments, "all": several, "any": several, "not": parts})
    return leaves | combined.filter(bool)


trees = _grown(_grown(_grown(leaves)))
standings = st.builds(
    lambda at, language: Standing(at, {"person": Person(language)}),
    st.sampled_from([datetime.fromisoformat(at) for at in (MORNING, NOW, EVENING)]),
    st.sampled_from(["es", "en"]),
)


def _spanish(at: datetime = NOON) -> Standing:
    return Standing(at, {"person": Person("es")})


def _holds(document: Tree, standing: Standing) -> bool:
    """The plainest reading of the page that defines requirements."""
    checks: dict[str, Callable[[Any], bool]] = {
        "languages": lambda value: standing.person.language in value,
        "from": lambda value: standing.at >= datetime.fromisoformat(value),
        "until": lambda value: standing.at < datetime.fromisoformat(value),
        "all": lambda parts: all(_holds(part, standing) for part in parts),
        "any": lambda parts: any(_holds(part, standing) for part in parts),
        "not": lambda part: not _holds(part, standing),
    }
    return all(checks[key](value) for key, value in document.items())


@dataclass(frozen=True)
class Keys(Condition):
    """A condition with several demands, as those of the later slices have."""

    key: ClassVar[str] = "keys"
    kinds: ClassVar[frozenset[str]] = frozenset({"keys"})
    wanted: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        table = place.table(value)
        return None if table is None else cls(tuple((key, int(str(number))) for key, number in table.items()))

    def write(self) -> Json:
        return dict(self.wanted)

    def demands(self, standing: Standing) -> Sequence[Demand]:
        owned: dict[str, int] = standing.parts["keys"]  # type: ignore[assignment]  # the test put it there
        return [Demand(owned.get(key, 0) >= need, need, owned.get(key, 0), key) for key, need in self.wanted]


def _lacks(document: Tree, standing: Standing) -> list[Missing]:
    return missing(parse(document, known={**CONDITIONS, "keys": Keys}), standing)


SPANISH_ONLY = Missing("languages", ("en",), "es")
TOO_EARLY = Missing("from", EVENING, NOW)
TOO_LATE = Missing("until", MORNING, NOW)


@pytest.mark.parametrize(
    ("document", "lacking"),
    [
        ({}, []),
        ({"languages": ["es"], "from": MORNING, "until": EVENING}, []),
        ({"from": NOW}, []),
        ({"until": NOW}, [Missing("until", NOW, NOW)]),
        ({"languages": ["en"]}, [SPANISH_ONLY]),
        ({"languages": ["en"], "from": EVENING}, [TOO_EARLY, SPANISH_ONLY]),
        ({"all": [{"languages": ["en"]}, {"from": EVENING}, {"languages": ["en"]}]}, [SPANISH_ONLY, TOO_EARLY]),
        ({"any": [{"languages": ["en"]}, {"from": MORNING}]}, []),
        ({"any": [{"languages": ["en"]}]}, [SPANISH_ONLY]),
        ({"any": [{"languages": ["en"]}, {"languages": ["en"]}]}, [SPANISH_ONLY]),
        ({"any": [{"languages": ["en"], "until": MORNING}, {"from": EVENING}]},
         [Missing("any", options=((SPANISH_ONLY, TOO_LATE), (TOO_EARLY,)))]),
        ({"not": {"languages": ["en"]}}, []),
        ({"not": {"languages": ["es"]}}, [Missing("languages", ("es",), "es", opposite=True)]),
        ({"not": {"languages": ["es"], "from": EVENING}}, []),
        ({"not": {"languages": ["es"], "from": MORNING}}, [Missing("any", options=(
            (Missing("from", MORNING, NOW, opposite=True),), (Missing("languages", ("es",), "es", opposite=True),)))]),
        ({"not": {"all": [{"languages": ["es"]}]}}, [Missing("languages", ("es",), "es", opposite=True)]),
        ({"not": {"any": [{"languages": ["es"]}, {"from": MORNING}]}},
         [Missing("languages", ("es",), "es", opposite=True), Missing("from", MORNING, NOW, opposite=True)]),
        ({"not": {"not": {"languages": ["en"]}}}, [SPANISH_ONLY]),
    ],
)  # fmt: skip
def test_what_is_missing(document: Tree, lacking: list[Missing]) -> None:
    assert _lacks(document, _spanish()) == lacking


@pytest.mark.parametrize(
    ("document", "lacking"),
    [
        ({"keys": {"gold": 1, "iron": 3}}, [Missing("keys", 1, 0, "gold"), Missing("keys", 3, 2, "iron")]),
        ({"keys": {"iron": 2}}, []),
        ({"not": {"keys": {"iron": 1}}}, [Missing("keys", 1, 2, "iron", opposite=True)]),
        ({"not": {"keys": {"iron": 1, "gold": 1}}}, []),
        ({"not": {"keys": {"iron": 1, "tin": 1}}}, [Missing("any", options=(
            (Missing("keys", 1, 2, "iron", opposite=True),), (Missing("keys", 1, 1, "tin", opposite=True),)))]),
    ],
)  # fmt: skip
def test_each_thing_of_a_list_is_missing_by_itself(document: Tree, lacking: list[Missing]) -> None:
    assert _lacks(document, Standing(NOON, {"keys": {"iron": 2, "tin": 1}})) == lacking


def test_what_nobody_can_ever_meet_is_still_missing() -> None:
    assert missing(Requirement(never=Requirement()), _spanish()) == [Missing("any", options=())]


@given(trees, standings)
def test_nothing_is_missing_exactly_when_the_requirement_holds(document: Tree, standing: Standing) -> None:
    assert (not _lacks(document, standing)) == _holds(document, standing)


@given(trees, standings)
def test_not_not_lacks_the_same(document: Tree, standing: Standing) -> None:
    requirement = parse(document)
    twice = Requirement(never=Requirement(never=requirement))

    assert missing(twice, standing) == missing(requirement, standing)


@given(trees, standings)
def test_either_it_or_its_opposite_is_missing_something(document: Tree, standing: Standing) -> None:
    requirement = parse(document)

    assert bool(missing(requirement, standing)) != bool(missing(Requirement(never=requirement), standing))


def _shuffled(document: Tree, order: random.Random) -> Tree:
    items = [
        (key, [_shuffled(part, order) for part in order.sample(value, len(value))])
        if key in {"all", "any"}
        else (key, _shuffled(value, order) if key == "not" else value)
        for key, value in document.items()
    ]
    order.shuffle(items)
    return dict(items)


def _unordered(lacking: Sequence[Missing]) -> frozenset[object]:
    return frozenset(
        (each.what, each.need, each.have, each.opposite, frozenset(_unordered(option) for option in each.options))
        for each in lacking
    )


@given(trees, standings, st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_written_changes_nothing(
    document: Tree, standing: Standing, order: random.Random
) -> None:
    assert _unordered(_lacks(_shuffled(document, order), standing)) == _unordered(_lacks(document, standing))


@given(trees, standings)
def test_the_kinds_named_are_all_that_judging_needs(document: Tree, standing: Standing) -> None:
    requirement = parse(document)
    partial = Standing(standing.at, {kind: standing.parts[kind] for kind in kinds_named(requirement)})

    assert missing(requirement, partial) == missing(requirement, standing)


def test_reading_a_kind_that_was_not_loaded_is_a_defect() -> None:
    with pytest.raises(NotLoaded, match="person"):
        missing(parse({"languages": ["es"]}), Standing(NOON))


@given(trees, standings)
def test_what_is_missing_is_stored_and_read_back_the_same(document: Tree, standing: Standing) -> None:
    lacking = _lacks(document, standing)

    assert [Missing.from_json(each.to_json()) for each in lacking] == lacking


def test_ways_and_things_are_stored_too_and_silence_takes_no_room() -> None:
    rose = Missing("required_items", 5, 3, "rose").with_ways(Way("shop", "roses"), Way("mission", "garden"))

    assert rose.to_json() == {
        "what": "required_items",
        "need": 5,
        "have": 3,
        "which": "rose",
        "ways": [{"kind": "shop", "which": "roses"}, {"kind": "mission", "which": "garden"}],
    }
    assert Missing.from_json(rose.to_json()) == rose
