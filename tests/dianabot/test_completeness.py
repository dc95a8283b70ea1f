"""Closed sets are proved complete, not remembered."""

import importlib
import pkgutil
import re

import dianabot
from dianabot.kernel.bus import matching
from dianabot.kernel.events import CATALOGUE
from dianabot.operations.acts import OPERATIONS
from dianabot.operations.consequences import CONSEQUENCES, UNHEARD
from dianabot.operations.unit import Act
from dianabot.telegram.sender.unasked import UNASKED

for module in pkgutil.walk_packages(dianabot.__path__, "dianabot."):
    if "migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)

OURS = {name for name, fact in CATALOGUE.items() if fact.__module__.startswith("dianabot.")}


def test_every_fact_has_a_consequence_or_is_listed_as_unheard() -> None:
    heard = {name for row in (*CONSEQUENCES, *UNASKED) if not row.on.startswith("timer.") for name in matching(row.on)}
    assert (heard | UNHEARD) >= OURS
    assert heard.isdisjoint(UNHEARD), "what is heard is not unheard"
    assert UNHEARD <= OURS, "what nobody announces need not be listed"


def test_facts_are_told_in_the_past_tense_of_a_place() -> None:
    past = r"[a-z]+\.([a-z_]+(ed|taken|spent|spoke)|activity|conversion_opportunity)"
    assert [name for name in OURS if not re.fullmatch(past, name)] == []


def test_every_act_is_registered_once_under_a_name_of_its_own() -> None:
    kinds = [act for outcome in Act.__subclasses__() for act in (outcome, *outcome.__subclasses__())]
    concrete = {act for act in kinds if act.__module__.startswith("dianabot.") and "[" not in act.__name__}
    registered = [operation.act for operation in OPERATIONS]
    assert set(registered) == concrete
    assert len(set(registered)) == len(registered)
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)] == []


def test_every_limit_that_an_operation_names_is_in_the_rulebook() -> None:
    limits = {operation.limit for operation in OPERATIONS} - {None}
    assert limits <= {"purchase", "reaction", "decision", "api"}
