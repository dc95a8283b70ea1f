"""What Lucien says: planned by an event, said once, never in quiet hours, never to somebody who asked him not to."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.narrative.lucien import rules
from dianabot.narrative.lucien.events import LucienSpoke
from dianabot.narrative.lucien.rules import LucienRules, Memory, NoSuchMessage
from dianabot.narrative.lucien.store import Called, Due, Published, Store
from dianabot.vocabulary.world import Language, Template

ONCE = "once"
"""The cause of what he says to each only once."""


class Lucien:
    """Every verb runs inside its caller's transaction, on a member whom it has locked."""

    def __init__(self, tx: Tx, tunable: LucienRules) -> None:
        self._tx = tx
        self._rules = tunable
        self._store = Store(tx)

    async def called_by(self, event_type: str, values: Mapping[str, Any]) -> list[Called]:
        """The templates that this event calls for."""
        return await self._store.called(event_type, values)

    async def plan(
        self, member: MemberId, called: Called, *, cause: str, values: Mapping[str, Any], zone: ZoneInfo
    ) -> tuple[int, datetime] | None:
        """The message and when it is due; None when it was planned before, or she does not want to be written to."""
        wanted = self._tx.at + timedelta(minutes=called.delay_minutes)
        due = rules.may_speak_at(wanted, zone, self._rules)
        until = due + timedelta(hours=self._rules.lapses_hours)
        once = cause if called.is_repeatable else ONCE
        message = await self._store.plan(member, called.key, once, values, due, until)
        return None if message is None else (message, due)

    async def due(self, member: MemberId, message: int, *, language: Language) -> Due | None:
        """What there is to be said now; None when it was said or dropped before. What is not wanted is dropped."""
        due = await self._store.due(member, message, language)
        if due is not None and (due.deaf or due.body is None or due.wanted_until <= self._tx.at):
            await self._store.drop(member, message)
            return None
        return due

    async def put_off(self, member: MemberId, message: int, zone: ZoneInfo) -> datetime | None:
        """The end of her quiet hours, if it is one of them now; the message waits until then."""
        later = rules.may_speak_at(self._tx.at, zone, self._rules)
        if later <= self._tx.at:
            return None
        await self._store.put_off(member, message, later)
        return later

    async def speak(self, member: MemberId, message: int, due: Due, memory: Memory) -> str:
        """His words, kept with the message and announced. A template that has nothing to say to her is dropped.

        One that cannot be said to her is `Unsayable`, and nothing has been done.
        """
        assert due.body is not None
        assert due.version is not None
        words = rules.render(due.body, memory)
        if not words:
            await self._store.drop(member, message)
            return ""
        await self._store.say(member, message, words, due.version)
        self._tx.announce(
            LucienSpoke(member=member, message=message, template=due.template, template_version=due.version)
        )
        return words

    async def drop(self, member: MemberId, message: int) -> None:
        await self._store.drop(member, message)

    async def said(self, member: MemberId, message: int) -> str:
        words = await self._store.said(member, message)
        if words is None:
            raise NoSuchMessage
        return words

    async def told(self, member: MemberId) -> dict[str, Any]:
        """What he said to her, is to say or let be, and since when she wants none of it, as plain JSON values."""
        told = await self._store.told(member)
        letters = [{**letter, "said": rules.as_written(letter["said"] or "") or None} for letter in told["letters"]]
        return {**told, "letters": letters}

    async def forget(self, member: MemberId) -> None:
        """All that he said to her and was to say, and that she wanted none of it."""
        await self._store.forget(member)

    async def is_silent(self, member: MemberId) -> bool:
        return await self._store.is_deaf(member)

    async def welcome(self, member: MemberId, zone: ZoneInfo) -> datetime | None:
        """From when on she may be written to unasked; None if she does not want it at all."""
        return None if await self._store.is_deaf(member) else rules.may_speak_at(self._tx.at, zone, self._rules)

    async def choose_silence(self, member: MemberId, *, silent: bool) -> None:
        await (self._store.deafen(member) if silent else self._store.hear(member))

    async def publish(self, templates: Sequence[Template]) -> list[Published]:
        """These and no others, from now on."""
        rows = [
            {
                "key": template.key,
                "language": language,
                "body": body,
                "event": template.on,
                "filter": template.where,
                "composite_requirements": template.requirement,
                "delay_minutes": template.after_minutes,
                "is_repeatable": template.repeatable,
            }
            for template in templates
            for language, body in template.text.items()
        ]
        return await self._store.publish(rows)
