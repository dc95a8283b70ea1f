"""Versions of the rules: kept for ever, changed one at a time, reverted by going forwards."""

from dataclasses import replace

from dianabot.kernel.tx import Tx
from dianabot.rulebook import rules
from dianabot.rulebook.events import RulesChanged
from dianabot.rulebook.rules import Changed, Document
from dianabot.rulebook.store import ENDLESS, Store, Version


class Rulebook:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._store = Store(tx)

    async def newest(self) -> Version:
        """Version 0 stands for the defaults, which nobody decided."""
        found = await self._store.newest()
        return found[0] if found else self._defaults()

    async def newest_locked(self, expected: int | None) -> Version:
        """The version to change, kept from everybody else's change until the end of the transaction.

        With `expected`, refuse when it is no longer the newest.
        """
        await self._store.lock()
        now = await self.newest()
        if expected is not None and expected != now.version:
            raise rules.RulesMoved(expected, now.version)
        return now

    async def at(self, version: int) -> Version:
        found = self._defaults() if version == 0 else await self._store.at(version)
        if found is None:
            raise rules.NoSuchRules(version, (await self.newest()).version)
        return found

    async def history(self, *, before: int | None = None, number: int = 20) -> list[Version]:
        """The newest first; the next page is what came before the last of this one."""
        return await self._store.newest(before=ENDLESS if before is None else before, number=number)

    async def decide(
        self,
        since: Version,
        document: Document,
        changed: Changed,
        *,
        actor: str,
        reason: str = "",
        reverts_to: int | None = None,
    ) -> Version:
        """The next version after `since`, which the caller got from `newest_locked` and whose successor it checked."""
        if not changed:
            raise rules.NothingChanged(since.version)
        new = replace(
            self._defaults(),
            version=since.version + 1,
            document=document,
            changed=changed,
            reverts_to=reverts_to,
            actor=actor,
            reason=reason,
        )
        await self._store.insert(new)
        self._tx.announce(RulesChanged(rules_version=new.version, paths=tuple(changed), reverts_to=reverts_to))
        return new

    def _defaults(self) -> Version:
        return Version(0, {}, {}, None, "system", "", self._tx.at)
