"""What somebody lacks, in words: one line for each strategy of a requirement (`missing.<key>` in the locales).

What only its author has a name for, such as a story variable or the key of an item, is no reader's business.
"""

from collections.abc import Iterable
from datetime import datetime

from dianabot.operations.page import Names
from dianabot.screens.words import Words
from dianabot.vocabulary.conditions import Variables
from dianabot.vocabulary.missing import FOUND, ONE_OF, THINGS, Missing


def all_lacking(words: Words, lacks: Iterable[Missing], names: Names | None = None) -> list[str]:
    """Each sentence once: of several variables she reads nothing but that something is otherwise."""
    return list(dict.fromkeys(lacking(words, one, names) for one in lacks))


def lacking(words: Words, one: Missing, names: Names | None = None) -> str:
    if one.what == ONE_OF:
        both = words.label("missing.both")
        ways = dict.fromkeys(both.join(all_lacking(words, path, names)) for path in one.options)
        said = words.label("missing.or_else").join(ways) or words.label("missing.never")
        return words.label("missing.one_of", ways=said) if len(ways) > 1 else said
    key = f"missing.{one.what}"
    if not words.has(key):
        return words.label("missing.otherwise")
    if one.what in THINGS:
        kind = THINGS[one.what]
        called = (names or {}).get((kind, one.which or ""))
        if not called:
            return words.label("missing.otherwise" if one.opposite else f"missing.some.{kind}")
        said = _with_places(words, words.label(key, need=one.need, have=one.have, which=called), one, names or {})
    else:
        said = words.label(key, need=_need(words, one), have=one.have, count=one.need)
    return words.label("missing.opposite", what=said) if one.opposite and one.what != Variables.key else said


def _with_places(words: Words, said: str, one: Missing, names: Names) -> str:
    """Where what can be found is found, as far as the places have names."""
    if one.opposite or one.what not in FOUND:
        return said
    called = [names.get(("fragment", way.which)) for way in one.ways if way.kind == "fragment"]
    places = [words.label("missing.place", name=name) for name in called if name]
    places += [words.label("missing.combined")] * any(way.kind == "combination" for way in one.ways)
    return (
        words.label("missing.found", what=said, places=words.label("missing.either").join(places)) if places else said
    )


def _need(words: Words, one: Missing) -> str:
    if one.what == "languages":
        spoken = one.need if isinstance(one.need, tuple) else (one.need,)
        return words.label("missing.either").join(words.label(f"languages.{language}") for language in spoken)
    if one.what in {"from", "until"}:
        return words.moment(datetime.fromisoformat(str(one.need)))
    return str(one.need)
