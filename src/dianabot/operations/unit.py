"""The slices bound to one transaction, and what an act is (the TransactionManager of plans)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter

from dianabot.channels.subscriptions import Subscriptions
from dianabot.gamification.levels import Levels
from dianabot.gamification.mochila import Mochila
from dianabot.gamification.wallet import Wallet
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.members import Language, Members
from dianabot.narrative.fragments import Fragments
from dianabot.narrative.hints import Hints
from dianabot.narrative.lucien import Lucien
from dianabot.operations.rulebook import Rules
from dianabot.rulebook import Rulebook

Outcome = TypeVar("Outcome")


class Act(BaseModel, Generic[Outcome]):
    """What a person (or time) asks for: the typed input of one operation.

    `personal` names the fields that hold names or free text: they take part in the hash and are never stored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    personal: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def outcome_type(cls) -> TypeAdapter[Any]:
        """How this act's outcome is written into its operation and read back."""
        generic = next(parent for parent in cls.__mro__ if parent.__pydantic_generic_metadata__["args"])  # type: ignore[attr-defined]  # every parent up to Act is a pydantic model
        return TypeAdapter(generic.__pydantic_generic_metadata__["args"][0])  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class Who:
    """On whose behalf: the member whose row is locked (if the act has one), and the actor of record."""

    actor: str
    member: MemberId | None = None
    language: Language | None = None
    """In which outcomes speak to her, where they have words of the story; None: in the story's own."""

    @property
    def locked(self) -> MemberId:
        """The member, in acts that always have one."""
        assert self.member is not None, "this act needs a member"
        return self.member


class Unit:
    """One transaction's view of every slice. Slices are made when first asked for."""

    def __init__(self, tx: Tx, rules: Rules) -> None:
        self.tx = tx
        self.rules = rules

    @cached_property
    def members(self) -> Members:
        return Members(self.tx, self.rules.members)

    @cached_property
    def rulebook(self) -> Rulebook:
        return Rulebook(self.tx)

    @cached_property
    def wallet(self) -> Wallet:
        day = self.tx.at.astimezone(ZoneInfo(self.rules.time_zone)).date()
        return Wallet(self.tx, self.rules.wallet, day=day)

    @cached_property
    def levels(self) -> Levels:
        return Levels(self.tx, self.rules.levels)

    @cached_property
    def mochila(self) -> Mochila:
        return Mochila(self.tx)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self.tx, self.rules.club)

    @cached_property
    def fragments(self) -> Fragments:
        return Fragments(self.tx, self.rules.story)

    @cached_property
    def hints(self) -> Hints:
        return Hints(self.tx)

    @cached_property
    def lucien(self) -> Lucien:
        return Lucien(self.tx, self.rules.lucien)
