"""Who is in the club. Every verb runs inside its caller's transaction, on a member whom it has locked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dianabot.channels.subscriptions import rules
from dianabot.channels.subscriptions.events import SubscriptionExtended, SubscriptionStarted, VipStatusChanged
from dianabot.channels.subscriptions.rules import ClubRules, Span
from dianabot.channels.subscriptions.store import PlanOffer, Published, Store
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.standing import Club
from dianabot.vocabulary.world import Language, Plan, Text, in_columns

TRIAL = "trial"
"""What causes a trial."""


class Subscriptions:
    def __init__(self, tx: Tx, tunable: ClubRules) -> None:
        self._tx = tx
        self._rules = tunable
        self._store = Store(tx)

    async def club(self, member: MemberId) -> Club:
        """This slice's part of a standing. Her days of grace count; `until` is the end without them."""
        return self._club(await self._store.span(member))

    async def told(self, member: MemberId) -> dict[str, Any]:
        """Her subscription as it is kept; nothing if she never had one, as plain JSON values."""
        return await self._store.told(member)

    async def extend(self, member: MemberId, days: int, *, cause: str) -> datetime:
        """Let her in, or let her stay for longer; return the new end."""
        before = await self._store.span(member)
        vip = self._club(before).vip
        span = rules.extended(before, days, self._tx.at, vip=vip)
        await self._store.write(member, span)
        if vip:
            self._tx.announce(SubscriptionExtended(member=member, until=span.end, cause=cause))
        else:
            self._start(member, span, cause)
        return span.end

    async def start_trial(self, member: MemberId) -> datetime:
        """Let her in for a few days, once, and return until when; `TrialUsed` and `AlreadyVip` refuse.

        A trial that was followed by a subscription is remembered by `members.use_trial`: the operation asks both.
        """
        span = rules.tried(await self._store.span(member), self._tx.at, self._rules)
        await self._store.write(member, span)
        self._start(member, span, TRIAL)
        return span.end

    async def offers(self, language: Language) -> list[PlanOffer]:
        """The ways in, in their author's order."""
        return await self._store.offers(language)

    async def publish(self, plans: Sequence[Plan], language: Language) -> list[Published]:
        """These and no others, from now on. `language` is the one in which every text is written."""
        return await self._store.publish([_row(plan, position, language) for position, plan in enumerate(plans, 1)])

    def _start(self, member: MemberId, span: Span, cause: str) -> None:
        self._tx.announce(SubscriptionStarted(member=member, until=span.end, trial=span.trial, cause=cause))
        self._tx.announce(VipStatusChanged(member=member, vip=True))

    def _club(self, span: Span | None) -> Club:
        return rules.club(span, self._tx.at, self._rules.grace_days)


def _row(plan: Plan, position: int, language: Language) -> dict[str, object]:
    described: Text = {language: "", **(plan.description or {})}
    return {
        "key": plan.key,
        **in_columns({"name": plan.name, "description": described}, language),
        "days": plan.days,
        "price_stars": plan.price_stars,
        "position": position,
    }
