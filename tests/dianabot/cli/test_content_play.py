"""What is told of many plays: each number under a head that says what it is."""

from collections import Counter

from dianabot.cli.content_play import told
from dianabot.content.play import Report, play
from tests.dianabot.content.stories import mansion

REPORT = Report(
    runs=8, seed=3, endings=Counter(good=4, bad=1), stuck=Counter(hall=1), walled=Counter(salon=1), lost=1,
    fragments=Counter(hall=8), decisions=Counter({"hall.go": 5}), earned=Counter({10: 8}), spent=Counter({0: 8}),
    days=Counter({0: 3, 4: 2}), steps=Counter({7: 5}), locks={"hall.door": Counter({2: 1, 5: 1})},
    met=Counter({"hall.door": 3, "hall.desk": 2}), unseen=["attic"], untaken=["hall.desk", "hall.fly"],
)  # fmt: skip


def test_all_that_was_counted_is_told_in_tables() -> None:
    assert [*told(REPORT)] == [
        "8 plays with seed 3.",
        "",
        "ending  plays  share",
        "good    4      50 %",
        "bad     1      12 %",
        "",
        "stuck in  plays  share",
        "hall      1      12 %",
        "",
        "outside the club at  plays  share",
        "salon                1      12 %",
        "",
        "1 play had come to no ending after 400 decisions.",
        "",
        "per play                least  median  9 of 10 within  most  mean",
        "besitos earned          10     10      10              10    10.0",
        "besitos spent           0      0       0               0     0.0",
        "days to an ending       0      0       4               4     1.6",
        "decisions to an ending  7      7       7               7     7.0",
        "",
        "lock       met  opened  day: least  day: median  day: 9 of 10 within  day: most  day: mean",
        "hall.desk  2    0",
        "hall.door  3    2       2           2            5                    5          3.5",
        "",
        "fragment  plays  share",
        "hall      8      100 %",
        "",
        "decision  plays  share",
        "hall.go   5      62 %",
        "",
        "Fragments nobody saw (unseen): attic",
        "",
        "Decisions nobody took (untaken): hall.desk, hall.fly",
    ]


def test_what_did_not_happen_has_no_table() -> None:
    lines = [*told(play(mansion(), runs=40, seed=1))]

    assert not [line for line in lines if line.startswith(("stuck in", "Fragments nobody", "0 "))]
    assert [*told(Report(seed=1))] == ["0 plays with seed 1."]
