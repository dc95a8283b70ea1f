"""Worlds of every shape, for what must hold for any of them."""

from typing import Any

from hypothesis import strategies as st

from dianabot.vocabulary.world import (
    Challenge,
    Combination,
    Decision,
    Economy,
    Fragment,
    Hint,
    Item,
    Level,
    Plan,
    Template,
    Variable,
    World,
)

KEYS = st.text("abyz019_", min_size=1, max_size=6)
NAMES = st.text("abyz", min_size=1, max_size=5)
LANGUAGES = st.sampled_from([["es"], ["en"], ["es", "en"], ["en", "es"]])
_AWKWARD = st.sampled_from(
    ["No", "true", "~", "1984", "007", "1_000", "0x1F", "2026-01-01", "- a", "a: b", "# no", "<<", "=", "'", '"', "{",
     "[x]", ":: a", "[[a->b]]", "\\", "line\nline", "line\n\n  deep\n", " lead", "trail ", "\ttab", "a\r\nb", "é😀",
     "%", "@", "|", "x\n\ttab", "---", "...", "\ufeff", "a\u2028b", "x\x85", "1e3", "1.5", "null", "!a", "&a", "*a",
     "> quote\ntext", "?", "x\n\n"]
)  # fmt: skip
WRITTEN = st.one_of(
    _AWKWARD,
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1, max_size=60),
    st.text("ab \n:-#'\"[]{}|<>\\*_&!%@`", min_size=1, max_size=40),
)


def by_language(values: Any) -> Any:
    both = st.fixed_dictionaries({"es": values, "en": values})
    return both | both | st.fixed_dictionaries({"es": values}) | st.fixed_dictionaries({"en": values})


TEXTS = by_language(WRITTEN)
VALUES = st.one_of(
    st.booleans(), st.integers(-1000, 1000), st.text(max_size=10).filter(lambda text: "\x00" not in text)
)
_LEAVES = st.one_of(VALUES, st.none())
DOCUMENTS = st.dictionaries(
    st.one_of(KEYS, st.sampled_from(["on", "1", ">=", "a b", ""])),
    st.recursive(
        _LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=4
    ),
    max_size=2,
)


def keyed(part: Any, key: str = "key", keys: Any = KEYS, most: int = 3, **fields: Any) -> Any:
    return st.lists(st.builds(part, **{key: keys}, **fields), max_size=most, unique_by=lambda one: getattr(one, key))


DECISIONS = keyed(
    Decision, text=TEXTS, to=KEYS, taken_by=st.sampled_from(["tap", "right", "wrong", "late"]), hidden=st.booleans(),
    cost=st.integers(0, 9), variables=DOCUMENTS, requirement=DOCUMENTS, reward=DOCUMENTS,
)  # fmt: skip
CHALLENGES = st.builds(
    Challenge, kind=st.sampled_from(["riddle", "quiz", "timed"]), options=st.lists(TEXTS, max_size=2),
    answers=st.just({}) | by_language(st.tuples(WRITTEN, WRITTEN).map(list)),
    tries=st.integers(1, 20), seconds=st.none() | st.integers(5, 60),
)  # fmt: skip
FRAGMENTS = keyed(
    Fragment, title=TEXTS, text=TEXTS, level=st.integers(1, 3), tags=st.lists(KEYS, max_size=2), image=st.none(),
    entry=st.booleans(), ending=st.booleans(), secret=st.booleans(), vip=st.booleans(), draft=st.booleans(),
    if_gone=st.none() | KEYS, requirement=DOCUMENTS, reward=DOCUMENTS, challenge=st.none() | CHALLENGES,
    decisions=DECISIONS,
)  # fmt: skip
WORLDS = st.builds(
    World,
    key=KEYS,
    title=TEXTS,
    languages=LANGUAGES,
    economy=st.builds(Economy, daily_besitos=st.integers(0, 5), daily_xp=st.integers(0, 5)),
    levels=keyed(Level, "number", st.integers(1, 5), name=TEXTS),
    variables=keyed(Variable, "name", NAMES, initial=VALUES),
    fragments=FRAGMENTS,
    items=keyed(Item, name=TEXTS, description=st.none() | TEXTS, consumable=st.booleans(), unlocks=DOCUMENTS, most=2),
    hints=keyed(Hint, title=TEXTS, text=TEXTS, most=2),
    combinations=keyed(
        Combination,
        hints=st.tuples(KEYS, KEYS).map(list),
        text=TEXTS,
        reward=st.fixed_dictionaries({"besitos": _LEAVES}),
        most=2,
    ),
    templates=keyed(
        Template, text=TEXTS, on=st.text("ab.", max_size=5), where=st.dictionaries(NAMES, VALUES, max_size=2), most=2
    ),
    plans=keyed(Plan, name=TEXTS, description=st.none() | TEXTS, days=st.integers(1, 9), most=2),
)
