from dianabot.operations.requirements import OPPOSITE_WAYS, WAYS
from dianabot.operations.standing import KINDS
from dianabot.vocabulary.conditions import CONDITIONS


def test_every_kind_that_a_condition_reads_can_be_gathered() -> None:
    named = frozenset().union(*(condition.kinds for condition in CONDITIONS.values()))

    assert named == KINDS.keys()


def test_ways_lead_only_to_conditions_that_exist() -> None:
    assert WAYS.keys() | OPPOSITE_WAYS.keys() <= CONDITIONS.keys()
