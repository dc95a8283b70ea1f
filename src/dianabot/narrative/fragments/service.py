"""The verbs of reading. Each runs inside its caller's transaction, on a member whom it has locked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.narrative.fragments import rules
from dianabot.narrative.fragments.events import (
    ContentUnlocked,
    DecisionTaken,
    FragmentCompleted,
    FragmentVisited,
    LevelCompleted,
    SecretDiscovered,
    StoryCompleted,
)
from dianabot.narrative.fragments.rules import (
    Answer,
    Choice,
    Chosen,
    Here,
    Page,
    Preview,
    Published,
    Step,
    StoryRules,
    Stranded,
    Target,
)
from dianabot.narrative.fragments.store import Readership, Store
from dianabot.vocabulary.gifts import Change
from dianabot.vocabulary.keys import Value
from dianabot.vocabulary.world import Decision, Fragment, Language, Level, Text, Variable


class Fragments:
    def __init__(self, tx: Tx, tunable: StoryRules) -> None:
        self._tx = tx
        self._rules = tunable
        self._store = Store(tx)
        self._unlocked: dict[MemberId, dict[str, bool]] = {}
        """Of the places that she sees from where she stands, to the end of the transaction that has locked her."""

    async def here(self, member: MemberId, language: Language | None = None) -> Here | None:
        """Where she stands, its texts in that language (else as the story was written); None: she has not begun.

        If that place is no longer published she is moved first, which `moved_from` says and which is a new visit.
        """
        found = await self._store.here(member, language)
        if found is None or not found.visit:
            return None
        self._unlocked[member] = {choice.target.key: choice.target.unlocked for choice in found.choices}
        if found.published:
            return found
        gone = await self._store.stranded_one(member)
        if gone is None or gone.to is None:
            raise rules.StoryNotOpen
        came = await self._walk(member, found, await self._target(member, gone.to))
        return replace(await self._standing(member, language), moved_from=found.key, came=came)

    async def glance(self, member: MemberId, language: Language | None = None) -> Here | None:
        """Like `here` without ever writing: None also when that place is gone."""
        found = await self._store.here(member, language)
        return found if found and found.visit and found.published else None

    async def has_begun(self, member: MemberId) -> bool:
        """Whether she stands anywhere in the story, also in what is gone."""
        return await self._store.has_begun(member)

    async def begin(self, member: MemberId, language: Language | None = None) -> Here:
        """She stands at the entry; whoever has begun stays where she is."""
        here = await self.here(member, language)
        if here is not None:
            return here
        came = await self._walk(member, await self._store.here(member, None), await self._entry(member))
        return replace(await self._standing(member, language), came=came)

    async def begin_again(self, member: MemberId, language: Language | None = None) -> Here:
        """Back to the entry with the variables as they were at first; what she has done stays done."""
        before = await self._store.here(member, None)
        came = await self._walk(member, before, await self._entry(member), own={})
        return replace(await self._standing(member, language), came=came)

    async def find(self, member: MemberId, key: str) -> Target:
        """A fragment as a place for her to go, or `NoSuchFragment`."""
        return await self._target(member, key)

    async def enter(self, member: MemberId, key: str) -> Step:
        """Go there without a decision. Whether she may is the caller's to judge."""
        target = await self._target(member, key)
        return await self._walk(member, await self._store.here(member, None), target)

    async def choose(
        self, member: MemberId, here: Here, visit: int, decision: int, language: Language | None = None
    ) -> Choice:
        """The way that a tap takes: its decision's, or that of the late when its time is over.

        A button of another visit is refused with `StaleChoice`, one whose decision is gone with `NoSuchDecision`.
        """
        if visit != here.visit or here.moved_from is not None:  # nobody has shown her yet where she was moved
            raise await self._stale(member, here, visit, language)
        late = here.late_way(self._tx.at)
        found = next((choice for choice in (*here.taps, late) if choice and choice.id == decision), None)
        if found is None:
            raise rules.NoSuchDecision(here.key)
        return late or found

    async def answer(self, member: MemberId, here: Here, visit: int, given: str | int) -> Answer:
        """Judge her answer to the challenge and count the try. Taking the way it opens is the caller's next step."""
        if visit != here.visit or here.moved_from is not None:
            raise await self._stale(member, here, visit, None)
        judged = rules.judge(here, given, self._tx.at)
        if judged.way is None:
            await self._store.count_try(member)
        return judged

    async def decide(self, member: MemberId, here: Here, choice: Choice) -> Step:
        """Take it: one statement writes all that follows."""
        adds_to_initial = any(sign == "+" and name not in here.own for name, sign, _ in choice.changes)
        variables = await self.variables(member) if adds_to_initial else here.own
        own = rules.touched(here.own, variables, choice.changes)
        return await self._walk(member, here, choice.target, choice, own=own)

    async def read_again(self, member: MemberId, key: str, language: Language | None = None) -> Page:
        """A published fragment that she has visited, or `NoSuchFragment`."""
        page = await self._store.page(member, key, language)
        if page is None:
            raise rules.NoSuchFragment(key)
        return page

    async def preview(self, key: str, language: Language | None = None) -> Preview:
        """How a published fragment begins, for whoever may not read it, or `NoSuchFragment`."""
        preview = await self._store.preview(key, language)
        if preview is None:
            raise rules.NoSuchFragment(key)
        return replace(preview, text=rules.beginning(preview.text))

    async def titles(self, keys: Iterable[str], language: Language | None = None) -> dict[str, str]:
        """What published fragments are called."""
        return await self._store.titles(list(keys), language)

    async def choice_texts(self, keys: Iterable[str], language: Language | None = None) -> dict[str, str]:
        """What decisions say, each named as `fragment.decision`."""
        return await self._store.choice_texts(list(keys), language)

    async def path(
        self, member: MemberId, *, before: int | None = None, limit: int = 10, language: Language | None = None
    ) -> list[Chosen]:
        """What she chose, the latest first; `before` is the visit of the last one seen."""
        return await self._store.path(member, before, limit, language)

    async def completed(self, member: MemberId) -> frozenset[str]:
        return frozenset(await self._store.completed(member))

    async def decisions(self, member: MemberId) -> frozenset[str]:
        """Ever taken, each as `fragment.decision`."""
        return frozenset(await self._store.decisions(member))

    async def variables(self, member: MemberId) -> dict[str, Value]:
        """Every declared one; what she has not touched has its initial value."""
        return dict((await self._store.variables(member)).all)

    async def unlock(self, member: MemberId, keys: Iterable[str]) -> list[str]:
        """Which of them she could not enter freely before."""
        known = self._unlocked.setdefault(member, {})
        new = await self._store.unlock(member, list(dict.fromkeys(keys)), known)
        for key in new:
            known[key] = True
            self._tx.announce(ContentUnlocked(member=member, fragment=key))
        return new

    async def told(self, member: MemberId) -> dict[str, Any]:
        """Where she has been, how long, and what is open to her, as plain JSON values."""
        return await self._store.told(member)

    async def change_variables(self, member: MemberId, changes: Sequence[Change]) -> None:
        """Also before she has begun to read."""
        before = await self._store.variables(member)
        own = rules.touched(before.own, before.all, tuple(changes))
        await self._store.set_variables(member, own)

    async def publish(
        self,
        fragments: Sequence[Fragment],
        levels: Sequence[Level],
        variables: Sequence[Variable],
        language: Language,
        *,
        pictures: Mapping[str, str] | None = None,
    ) -> list[Published]:
        """These and no others, from now on; drafts are kept and shown to nobody.

        `language` is the one in which every text is written; `pictures` gives the sha256 of each picture by its name.
        No reader is touched: whoever stands in what is gone is moved when she next reads (`stranded` says where to).
        """
        return await self._store.publish(
            [_fragment(fragment, position, language, pictures or {}) for position, fragment in enumerate(fragments, 1)],
            [
                _decision(fragment, decision, position, language)
                for fragment in fragments
                for position, decision in enumerate(fragment.decisions, 1)
            ],
            [{"number": level.number, **_words({"name": level.name}, language)} for level in levels],
            [{"name": variable.name, "initial": variable.initial} for variable in variables],
        )

    async def count(self, facts: Iterable[FragmentVisited | FragmentCompleted]) -> None:
        """What readers did, into the counters of the fragments. Each fact is to be brought once.

        Readers who are erased stay counted: their progress stays too, as that of nobody in particular.
        """
        sums: Counter[tuple[str, str]] = Counter()
        for fact in facts:
            if isinstance(fact, FragmentCompleted):
                sums[fact.fragment, "completed"] += 1
                continue
            sums[fact.fragment, "views"] += 1
            sums[fact.fragment, "readers"] += fact.first
            if fact.left is not None:
                sums[fact.left, "left"] += 1
                sums[fact.left, "seconds"] += fact.seconds
        what = ("views", "readers", "completed", "left", "seconds")
        keys = sorted({key for key, _ in sums})
        await self._store.count([{"key": key, **{each: sums[key, each] for each in what}} for key in keys])

    async def uncount(self) -> None:
        """All counters at nothing, for whoever is about to bring every fact again."""
        await self._store.uncount()

    async def readership(self) -> list[Readership]:
        """How each fragment is read, in the author's order; what is retired comes last, if anybody read it."""
        return await self._store.readership(self._tx.at - timedelta(days=self._rules.lost_after_days))

    async def stranded(self, *, limit: int | None = None) -> list[Stranded]:
        """Who stands in what is no longer published, also who is erased, and where each would go now."""
        return await self._store.stranded(limit)

    async def _standing(self, member: MemberId, language: Language | None) -> Here:
        here = await self._store.here(member, language)
        assert here is not None, "she has just been put there"
        return here

    async def _stale(self, member: MemberId, here: Here, visit: int, language: Language | None) -> rules.StaleChoice:
        chosen = await self._store.chosen_in(member, visit, language)
        return rules.StaleChoice(here.key, None) if chosen is None else rules.StaleChoice(chosen.fragment, chosen.text)

    async def _entry(self, member: MemberId) -> Target:
        entry = await self._store.entry(member)
        if entry is None:
            raise rules.StoryNotOpen
        return entry

    async def _target(self, member: MemberId, key: str) -> Target:
        target = await self._store.target(member, key)
        if target is None:
            raise rules.NoSuchFragment(key)
        return target

    async def _walk(
        self,
        member: MemberId,
        here: Here | None,
        target: Target,
        choice: Choice | None = None,
        *,
        own: Mapping[str, Value] | None = None,
    ) -> Step:
        step = rules.step(here, target, choice)
        seconds = rules.time_spent(here.visited_at, self._tx.at, self._rules) if here and step.left else 0
        kept = (here.own if here else {}) if own is None else own
        await self._store.walk(member, here, step, kept, seconds)
        self._announce(member, here, step, seconds)
        return step

    def _announce(self, member: MemberId, here: Here | None, step: Step, seconds: int) -> None:
        entered = step.entered
        if here is not None and step.choice is not None:
            decision, cost = f"{here.key}.{step.choice.key}", step.choice.cost
            taken = DecisionTaken(member=member, fragment=here.key, decision=decision, visit=here.visit, cost=cost)
            self._tx.announce(taken)
        self._tx.announce(
            FragmentVisited(
                member=member,
                fragment=entered.key,
                visit=step.visit,
                level=entered.level,
                first=not entered.visits,
                left=step.left,
                seconds=seconds,
            )
        )
        if step.secret:
            self._tx.announce(SecretDiscovered(member=member, fragment=entered.key))
        for completed in step.completed:
            self._tx.announce(FragmentCompleted(member=member, fragment=completed.key))
        for level in step.levels:
            self._tx.announce(LevelCompleted(member=member, level=level))
        if step.ending:
            self._tx.announce(StoryCompleted(member=member, ending=entered.key))


def _fragment(fragment: Fragment, position: int, language: Language, pictures: Mapping[str, str]) -> dict[str, Any]:
    return {
        "key": fragment.key,
        **_words({"title": fragment.title, "body": fragment.text}, language),
        "media": None if fragment.image is None else pictures.get(fragment.image),
        "level": fragment.level,
        "position": position,
        "tags": fragment.tags,
        "is_entry": fragment.entry,
        "is_ending": fragment.ending,
        "is_secret": fragment.secret,
        "is_vip_exclusive": fragment.vip,
        "status": "draft" if fragment.draft else "published",
        "challenge": None if fragment.challenge is None else fragment.challenge.model_dump(mode="json"),
        "composite_requirements": fragment.requirement,
        "extended_rewards": fragment.reward,
        "redirect_to": fragment.if_gone,
    }


def _decision(fragment: Fragment, decision: Decision, position: int, language: Language) -> dict[str, Any]:
    return {
        "fragment": fragment.key,
        "key": decision.key,
        **_words({"text": decision.text}, language),
        "position": position,
        "target": decision.to,
        "taken_by": decision.taken_by,
        "is_hidden": decision.hidden,
        "cost": decision.cost,
        "changes": decision.variables,
        "composite_requirements": decision.requirement,
        "extended_rewards": decision.reward,
    }


def _words(texts: Mapping[str, Text], language: Language) -> dict[str, Any]:
    """Texts in the story's language as columns, those in others beside them."""
    others = sorted({other for text in texts.values() for other in text} - {language})
    return {
        **{column: text[language] for column, text in texts.items()},
        "translations": {
            other: {column: text[other] for column, text in texts.items() if other in text} for other in others
        },
    }
