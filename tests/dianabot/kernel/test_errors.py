"""A refusal is a value that travels."""

from dianabot.kernel.errors import Refusal


class TooFewShells(Refusal):
    have: int
    need: int


def test_a_refusal_is_compared_by_what_it_says() -> None:
    refusal = TooFewShells(2, 5)

    assert refusal == TooFewShells(2, 5)
    assert refusal != TooFewShells(3, 5)
    assert {refusal, TooFewShells(2, 5)} == {refusal}
    assert refusal != ValueError()


def test_a_refusal_is_stored_and_read_back_by_its_name() -> None:
    stored = TooFewShells(2, 5).to_json()

    assert stored == {"refused": "TooFewShells", "have": 2, "need": 5}
    assert Refusal.from_json(stored) == TooFewShells(2, 5)
    assert str(TooFewShells(2, 5)) == "TooFewShells(have=2, need=5)"


def test_a_refusal_carries_the_facts_that_stand_although_it_refuses() -> None:
    assert TooFewShells(2, 5).facts == ()
    assert TooFewShells(2, 5).announcing("one", "two").facts == ("one", "two")
