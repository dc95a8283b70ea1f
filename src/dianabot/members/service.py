"""The verbs about a person. Each runs inside its caller's transaction, on a member whom it has locked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from pydantic import TypeAdapter

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.members import rules
from dianabot.members.events import CommandExecuted, UserActivity, UserErased, UserRegistered
from dianabot.members.rules import Contact, Language, MembersRules, Role
from dianabot.members.store import OwnData, Pending, Profile, Store
from dianabot.vocabulary import time_zone
from dianabot.vocabulary.standing import Person

TIME_ZONE = "time_zone"
"""What is expected of her when she is asked for her zone."""

_OWN_DATA = TypeAdapter(OwnData)
_PENDING: TypeAdapter[Pending | None] = TypeAdapter(Pending | None)


@dataclass(frozen=True, slots=True)
class Registered:
    """Who she is, and whether she is new here."""

    member: MemberId
    new: bool


@dataclass(frozen=True, slots=True)
class RoleChange:
    before: Role
    after: Role


class Members:
    def __init__(self, tx: Tx, tunable: MembersRules) -> None:
        self._tx = tx
        self._rules = tunable
        self._store = Store(tx)

    async def register(self, contact: Contact, *, otherwise: Language) -> Registered:
        """Make her row on first contact; later, and when asked twice at once, say which it is.

        `otherwise` is the language of whoever's own is not spoken here.
        """
        if contact.is_bot:
            raise rules.BotsNotWelcome
        language = rules.language_of(contact.language_code, otherwise)
        member = await self._store.insert(contact, language)
        if member is not None:
            self._tx.created_member(member)
            self._tx.announce(UserRegistered(member=member, language=language))
            return Registered(member, new=True)
        member = await self._store.id_of(contact.telegram_id)
        assert member is not None, "a telegram id that conflicts exists"
        return Registered(member, new=False)

    async def find(self, telegram_id: int) -> Profile | None:
        return await self._store.profile_of(telegram_id)

    async def profile(self, member: MemberId) -> Profile:
        """Also of somebody erased, who has neither name nor Telegram id any more."""
        found = await self._store.profile(member)
        if found is None:
            raise rules.NoSuchMember
        return found

    async def person(self, member: MemberId) -> Person:
        """This slice's part of a standing."""
        person = await self._store.person(member)
        if person is None:
            raise rules.NoSuchMember
        return person

    async def attend(
        self, member: MemberId, contact: Contact, *, command: str | None = None, kind: str = "text"
    ) -> None:
        """She is here: keep her present name, she does not block us, and a command ends what we had asked.

        `command` and `kind` are the bot's own words, never the member's.
        """
        await self._store.attend(member, contact)
        if command is None:
            self._tx.announce(UserActivity(member=member, kind=kind))
            return
        await self._store.drop_pending(member)
        self._tx.announce(CommandExecuted(member=member, command=command))

    async def record_activity(self, member: MemberId, at: datetime, *, zone: str) -> bool:
        """Write down that she was active, at most once a minute, and count her days in a row.

        `zone` holds for whoever has not chosen one. False when nothing had to be written.
        """
        before = await self._store.activity(member)
        if before is None:
            return False
        now = rules.active(before.engagement, at, before.time_zone or zone, self._rules)
        if now is None:
            return False
        await self._store.set_activity(member, now)
        return True

    async def mark_blocked(self, member: MemberId) -> bool:
        """Telegram says that she blocked the bot; False when that was known."""
        return await self._store.block(member)

    async def choose_language(self, member: MemberId, language: Language) -> None:
        await self._existing(await self._store.set_language(member, language), member)

    async def choose_time_zone(self, member: MemberId, written: str) -> str:
        """Take the zone that she means, or refuse with what she may have meant."""
        matched = time_zone.match(written, self._tx.at)
        if matched.maybe:
            raise rules.WhichTimeZone(list(matched.maybe))
        if matched.sure is None:
            raise rules.UnknownTimeZone
        await self._existing(await self._store.set_time_zone(member, matched.sure), member)
        return matched.sure

    async def grant_role(self, member: MemberId, role: Role, *, by: MemberId | None) -> RoleChange:
        """`by` none is the operator at the command line, who may do what an owner may."""
        await self._store.lock_roles()
        giver: Role = "owner" if by is None else await self._role(by)
        before = await self._role(member)
        rules.refuse_grant(giver, before, role)
        if before == "owner" != role:
            await self._keep_an_owner()
        await self._store.set_role(member, role)
        return RoleChange(before, role)

    async def recognise_owner(self, member: MemberId) -> bool:
        """She is the one named in the settings; False when she was an owner already."""
        if await self._role(member) == "owner":
            return False
        await self._store.set_role(member, "owner")
        return True

    async def require(self, member: MemberId, role: Role) -> None:
        """Refuse unless she is that or more."""
        yours = await self._role(member)
        if rules.rank(yours) < rules.rank(role):
            raise rules.RoleTooLow(role, yours)

    async def present(self, members: Iterable[int]) -> set[int]:
        """Those of them who are not erased."""
        return set(await self._store.present(list(members)))

    async def staff(self) -> list[Profile]:
        """Everybody who is more than a fan."""
        return await self._store.staff()

    async def search(self, words: str, *, limit: int) -> list[Profile]:
        """Who has the words in her name or @username, or as her Telegram id: all without words, the newest first."""
        return await self._store.search(rules.clean_name(words) or "", limit)

    async def expect(self, member: MemberId, kind: str, data: Mapping[str, Any] | None = None) -> None:
        """Her next free text answers this; what was asked before is forgotten."""
        expires_at = self._tx.at + timedelta(minutes=self._rules.pending_input_minutes)
        await self._store.expect(member, Pending(kind, dict(data or {}), expires_at))

    async def expected(self, member: MemberId, answer: UUID) -> Pending | None:
        """What her free text means. The one that answered means the same again when it is worked off again."""
        return await self._store.pending_for(member, answer)

    async def answer_expected(self, member: MemberId, kind: str) -> Pending:
        """Once: whoever comes second, too late or for something else is refused with `NothingAsked`."""
        answered = await self._store.answer_pending(member)
        if answered is None or answered.kind != kind:
            raise rules.NothingAsked
        return answered

    async def settle_expected(self, member: MemberId) -> None:
        """Her words were the answer, whatever was asked: what she writes next means nothing of it."""
        await self._store.answer_pending(member)

    async def forget_expected(self, member: MemberId) -> None:
        await self._store.drop_pending(member)

    async def trial_used(self, member: MemberId) -> bool:
        """Whether she has had her days in the club, or could not have them any more."""
        return await self._store.trial_used(member)

    async def use_trial(self, member: MemberId, until: datetime) -> bool:
        """Note that she has tried the club, which everybody may once; False when she had before."""
        return await self._store.use_trial(member, until)

    async def erase(self, member: MemberId) -> None:
        """Nothing personal stays; her number does, so that what she owned and did still adds up."""
        if await self._role(member) == "owner":
            await self._store.lock_roles()
            await self._keep_an_owner()
        await self._store.erase(member)
        self._tx.announce(UserErased(member=member))

    async def own_data(self, member: MemberId) -> dict[str, Any]:
        """All that this slice knows of her, as plain JSON values."""
        found = await self._store.own_data(member)
        if found is None:
            raise await self._absent(member)
        pending = await self._store.pending(member)
        return {
            **_OWN_DATA.dump_python(found, mode="json"),
            "pending_input": _PENDING.dump_python(pending, mode="json"),
        }

    async def _role(self, member: MemberId) -> Role:
        role = await self._store.role(member)
        if role is None:
            raise await self._absent(member)
        return cast("Role", role)

    async def _keep_an_owner(self) -> None:
        if await self._store.owners() < 2:
            raise rules.LastOwner

    async def _existing(self, changed: bool, member: MemberId) -> None:  # noqa: FBT001 - reads as the sentence it is
        if not changed:
            raise await self._absent(member)

    async def _absent(self, member: MemberId) -> rules.NoSuchMember | rules.AlreadyErased:
        known = await self._store.profile(member)
        return rules.NoSuchMember() if known is None else rules.AlreadyErased()
