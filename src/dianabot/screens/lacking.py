"""What somebody lacks, in words: one line for each strategy of a requirement (`missing.<key>` in the locales)."""

from collections.abc import Mapping
from datetime import datetime

from dianabot.screens.words import Words
from dianabot.vocabulary.missing import ONE_OF, THINGS, Missing


def lacking(words: Words, one: Missing, names: Mapping[tuple[str, str], str] | None = None) -> str:
    """`names` says what people call the things of the world, by (kind, key)."""
    if one.what == ONE_OF:
        both = words.label("missing.both")
        paths = [both.join(lacking(words, each, names) for each in path) for path in one.options]
        return words.label("missing.either").join(paths) or words.label("missing.never")
    key = f"missing.{one.what}"
    if not words.has(key):
        return words.label("missing.otherwise")
    thing = (names or {}).get((THINGS.get(one.what, ""), one.which or ""), one.which or "")
    said = words.label(key, need=_need(words, one), have=one.have, which=thing)
    return words.label("missing.opposite", what=said) if one.opposite else said


def _need(words: Words, one: Missing) -> str:
    if one.what == "languages":
        spoken = one.need if isinstance(one.need, tuple) else (one.need,)
        return words.label("missing.either").join(words.label(f"languages.{language}") for language in spoken)
    if one.what in {"from", "until"}:
        return words.day(datetime.fromisoformat(str(one.need)).date())
    return str(one.need)
