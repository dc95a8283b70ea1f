"""The whole rulebook, typed: each slice's part, and what belongs to none (the ConfigurationManager of plans).

`Rules` is what a transaction is handed; `LiveRules` keeps the newest in every running process.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from dianabot.channels.subscriptions import ClubRules
from dianabot.gamification.levels import LevelsRules
from dianabot.gamification.wallet import WalletRules
from dianabot.kernel import log
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.limits import Limit
from dianabot.members import Language, MembersRules
from dianabot.narrative.fragments import StoryRules
from dianabot.narrative.lucien import LucienRules
from dianabot.rulebook import NoSuchRules, Version, WrongRule, published, published_at
from dianabot.vocabulary import time_zone
from dianabot.vocabulary.document import Fault, Problem

POLL_SECONDS = 0.5
LEVELS = "levels"
"""The consumer that gives experience."""
EARNS_XP = (
    "admin.subscription_started",
    "gamification.item_acquired",
    "narrative.content_unlocked",
    "narrative.fragment_completed",
    "narrative.hint_unlocked",
    "narrative.level_completed",
    "narrative.secret_discovered",
    "narrative.story_completed",
    "user.registered",
)
"""The facts that may bring experience. What she can repeat at will, such as a visit, is not among them."""

LOG = log.get(__name__)


def _zone(name: str) -> str:
    if not time_zone.exists(name):
        raise PydanticCustomError("time_zone", "no time zone is called so")
    return name


def _nothing_more(_: object) -> list[Problem]:
    return []


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CreatorRules(_Part):
    """What holds for whoever has not chosen otherwise."""

    time_zone: Annotated[str, AfterValidator(_zone)] = "America/Mexico_City"
    language: Language = "es"


class LimitRule(_Part):
    """At most `count` in any `seconds`, for each member."""

    count: Annotated[int, Field(ge=1, le=100_000)]
    seconds: Annotated[int, Field(ge=1, le=31 * 24 * 3600)]


class LimitsRules(_Part):
    purchase: LimitRule = LimitRule(count=5, seconds=3600)
    reaction: LimitRule = LimitRule(count=50, seconds=300)
    decision: LimitRule = LimitRule(count=20, seconds=60)
    api: LimitRule = LimitRule(count=100, seconds=60)

    def __getitem__(self, act: str) -> Limit:
        rule: LimitRule = getattr(self, act)
        return Limit(rule.count, rule.seconds)


class Flags(_Part):
    """Features that the creator may switch."""

    registration: bool = True
    """Whether strangers may become members."""


TextKey: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=100)]
Sentence: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x09\x0b-\x1f]*$", min_length=1, max_length=3500)
]


class Rules(_Part):
    """Every value that the creator may change, as one version has it. Version 0 is the defaults."""

    creator: CreatorRules = CreatorRules()
    members: MembersRules = MembersRules()
    story: StoryRules = StoryRules()
    wallet: WalletRules = WalletRules()
    levels: LevelsRules = LevelsRules()
    club: ClubRules = ClubRules()
    lucien: LucienRules = LucienRules()
    limits: LimitsRules = LimitsRules()
    flags: Flags = Flags()
    texts: dict[Language, dict[TextKey, Sentence]] = {}
    """Sentences of the creator's own, by language and by their key in the locales."""
    version: Annotated[int, Field(exclude=True)] = 0

    _check: "Check" = PrivateAttr(default_factory=lambda: _nothing_more)

    @property
    def time_zone(self) -> str:
        return self.creator.time_zone

    @cached_property
    def unwanted(self) -> frozenset[str]:
        """The facts that bring no experience; written as in `Tx.unwanted`."""
        return frozenset(f"{LEVELS} {event_type}" for event_type in EARNS_XP if not self.levels.xp.get(event_type))

    def successor(self, document: Mapping[str, Any], version: int) -> "Rules":
        """Other rules, under the same checks as these."""
        return compose(document, version, check=self._check)


Check: TypeAlias = Callable[[Rules], list[Problem]]
"""Finds what types cannot say, such as a sentence that does not exist."""

_DEFAULTS = Rules().model_dump(mode="json")


def compose(document: Mapping[str, Any], version: int = 0, *, check: Check = _nothing_more) -> Rules:
    """The typed rules of a document of overrides, or `WrongRule` with everything that is wrong."""
    if "version" in document:
        raise _wrong([Problem("version", "unknown_key", _keys_at(()))])
    whole = {**_over(_DEFAULTS, document), "version": version}
    try:
        rules = Rules.model_validate_json(json.dumps(whole), strict=True)
    except ValidationError as wrong:
        raise _wrong([_problem(error) for error in wrong.errors(include_url=False)]) from None
    rules._check = check  # noqa: SLF001 - our own, and frozen to everybody else
    problems = [*_unearned(rules), *check(rules)]
    if problems:
        raise _wrong(problems)
    return rules


def _unearned(rules: Rules) -> list[Problem]:
    """Experience for what never brings any would be a promise that nobody keeps."""
    return [
        Problem(f"levels.xp.{event}", "unknown_key", ", ".join(EARNS_XP))
        for event in rules.levels.xp
        if event not in EARNS_XP
    ]


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are laid over each other, anything else replaces."""
    laid = dict(below)
    for key, value in above.items():
        under = below.get(key)
        laid[key] = _over(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return laid


def steps(path: str) -> tuple[str, ...]:
    """A dotted path as steps into the document; keys of texts and of what earns experience have dots of their own."""
    return tuple(path.split(".", 2 if path.startswith(("texts.", "levels.xp.")) else -1))


def _wrong(problems: list[Problem]) -> WrongRule:
    return WrongRule([problem.to_json() for problem in problems])


_KINDS = {
    "int": "whole_number",
    "string": "text",
    "bool": "yes_or_no",
    "float": "number",
    "list": "list",
    "tuple": "list",
    "dict": "object",
    "model": "object",
}
_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "≥", "max_length": "≤"}  # fmt: skip


def _problem(error: ErrorDetails) -> Problem:
    """Pydantic's finding in our closed list of faults."""
    kind, place = error["type"], tuple(map(str, error["loc"]))
    path = ".".join(step for step in place if step != "[key]")
    if kind == "extra_forbidden":
        return Problem(path, "unknown_key", _keys_at(place[:-1]))
    if kind == "time_zone":
        return Problem(path, "wrong_type", "time_zone")
    known = error.get("ctx", {})
    bounds = [f"{sign} {known[bound]}" for bound, sign in _BOUNDS.items() if bound in known]
    if bounds:
        return Problem(path, "out_of_range", bounds[0])
    fault: Fault = (
        "not_one_of" if kind == "literal_error" else "wrong_type" if kind.endswith("_type") else "not_allowed"
    )
    expected = str(known.get("expected", "")).replace("'", "").replace(" or ", ", ")
    return Problem(path, fault, _KINDS.get(kind.partition("_")[0], expected) if fault == "wrong_type" else expected)


def _keys_at(place: tuple[str, ...]) -> str:
    """The keys that may stand there."""
    model: type[BaseModel] = Rules
    for step in place:
        inner = model.model_fields[step].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel), "only models forbid keys"
        model = inner
    return ", ".join(sorted(model.model_fields.keys() - {"version"}))


class LiveRules:
    """The rules that this process runs, never more than a moment behind those that were decided.

    A stored document that this code cannot read is reported once, and what runs keeps running.
    """

    def __init__(self, db: Database, clock: Clock, *, check: Check = _nothing_more) -> None:
        self._db = db
        self._clock = clock
        self._check = check
        self._seen = 0
        self._turn = asyncio.Lock()
        self._hinted: set[asyncio.Task[None]] = set()
        self.now = compose({}, check=check)
        self.trouble: str | None = None

    async def load(self) -> None:
        """At the start: the newest version that can be read."""
        await self.refresh()
        before = self._seen
        while self.trouble is not None and (older := await published(self._db, after=0, before=before)):
            before = older.version
            if self._take(older):
                return

    async def refresh(self) -> None:
        """Take over the newest version, if there is one that we do not have."""
        async with self._turn:
            await self._catch_up()

    async def run(self) -> None:
        """Until cancelled: the poll that needs nobody's help."""
        while True:
            await self._refresh_if_possible()
            await self._clock.sleep(POLL_SECONDS)

    def hint(self) -> None:
        """Somebody says that there is a new version: look at once, in the background."""
        task = asyncio.create_task(self._refresh_if_possible())
        self._hinted.add(task)
        task.add_done_callback(self._hinted.discard)

    async def at_version(self, version: int) -> Rules:
        """Rules as they once were."""
        if version == 0:
            return Rules()
        found = await published_at(self._db, version)
        if found is None:
            raise NoSuchRules(version, self._seen)
        return compose(found.document, version)

    async def _catch_up(self) -> None:
        newest = await published(self._db, after=self._seen)
        if newest is None:
            return
        self._seen = newest.version
        self.trouble = None
        if not self._take(newest):
            self.trouble = f"rules version {newest.version} cannot be read; version {self.now.version} stays"

    def _take(self, stored: Version) -> bool:
        try:
            self.now = compose(stored.document, stored.version, check=self._check)
        except WrongRule as wrong:
            LOG.error("rules_unreadable", version=stored.version, running=self.now.version, problems=wrong.problems)  # noqa: TRY400 - the problems say all; a trace would say nothing
            return False
        LOG.info("rules_loaded", version=stored.version)
        return True

    async def _refresh_if_possible(self) -> None:
        try:
            await self.refresh()
        except Unavailable as away:
            LOG.debug("rules_not_polled", error=str(away))
