"""A small story to read in tests, and the short ways of reading it."""

from collections.abc import Sequence
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.narrative.fragments import Fragments, Here, Published, Step, StoryRules
from dianabot.vocabulary.world import Challenge, Decision, Fragment, Level, Text, Variable
from tests.proof.stage import Stage

RULES = StoryRules()
LEVELS = [Level(number=1, name={"es": "Casa", "en": "House"}), Level(number=2, name={"es": "Jardín"})]
VARIABLES = [Variable(name="trust", initial=1), Variable(name="met", initial=False)]


def way(key: str, to: str, **more: Any) -> Decision:
    return Decision(key=key, text={"es": f"{key}!", "en": f"{key} (en)"}, to=to, **more)


def told(key: str, *decisions: Decision, **more: Any) -> Fragment:
    text: Text = {"es": f"Texto de {key}.", "en": f"Text of {key}."}
    return Fragment(
        key=key, title={"es": key.title(), "en": f"The {key}"}, text=text, decisions=list(decisions), **more
    )


RIDDLE = Challenge(kind="riddle", answers={"es": ["La Luna"], "en": ["the moon"]}, tries=2, seconds=60)
TALE = [
    told(
        "hall",
        way("open", "study", cost=5, variables={"trust": "+2"}, reward={"besitos": 3}),
        way("stay", "hall"),
        way("climb", "garden"),
        entry=True,
        reward={"xp": 10},
    ),
    told("study", way("back", "hall"), way("guess", "cave", taken_by="right"), way("fail", "hall", taken_by="wrong"),
         challenge=RIDDLE),
    told("cave", way("out", "garden"), secret=True),
    told("garden", way("home", "end"), level=2, vip=True, requirement={"min_level": 2}),
    told("end", level=2, ending=True, reward={"besitos": 100}),
    told("attic", way("down", "hall"), draft=True),
]  # fmt: skip


async def publish(stage: Stage, tale: Sequence[Fragment] = TALE) -> list[Published]:
    async with stage.begin() as tx:
        return await Fragments(tx, RULES).publish(tale, LEVELS, VARIABLES, "es", pictures={"hall.jpg": "aa" * 32})


async def reader(stage: Stage) -> MemberId:
    """Somebody who has begun to read."""
    [ana] = await stage.members()
    await begin(stage, ana)
    return ana


async def locked(tx: Tx, member: MemberId) -> Fragments:
    await tx.lock_members(member)
    return Fragments(tx, RULES)


async def begin(stage: Stage, member: MemberId) -> Here:
    async with stage.begin() as tx:
        return await (await locked(tx, member)).begin(member)


async def here(stage: Stage, member: MemberId, language: Any = None) -> Here:
    async with stage.begin() as tx:
        found = await (await locked(tx, member)).here(member, language)
    assert found is not None
    return found


async def take(stage: Stage, member: MemberId, decision: str) -> Step:
    async with stage.begin() as tx:
        fragments = await locked(tx, member)
        stands = await fragments.here(member)
        assert stands is not None
        [choice] = [choice for choice in stands.choices if choice.key == decision]
        return await fragments.decide(member, stands, choice)


async def go(stage: Stage, member: MemberId, *decisions: str) -> None:
    for decision in decisions:
        await take(stage, member, decision)


async def facts(stage: Stage, *kinds: str) -> list[dict[str, Any]]:
    """What was announced, in order; of these kinds only, if any are named."""
    types = [f"narrative.{kind}" for kind in kinds]
    rows = await stage.rows(
        "SELECT event_data - 'member' FROM event_logs WHERE event_type = ANY ($1) OR $1 = '{}' ORDER BY seq", types
    )
    return [data for (data,) in rows]
