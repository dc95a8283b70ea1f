"""All that is said of a story: by those who read its files, and by the checker."""

from dianabot.content.checker import check
from dianabot.content.finding import Finding, located
from dianabot.content.pack import Pack
from dianabot.gamification.levels import LevelsRules


def examined(read: Pack, growth: LevelsRules | None = None) -> list[Finding]:
    """Each thing once. What needs a file that could not be read is not called missing."""
    found = [*read.problems, *(check(read.world, read.sources, growth=growth) if read.complete else ())]
    twice = {one.path for one in found if one.code == "part_twice"}
    found = [one for one in found if one.code != "duplicate_key" or one.path not in twice]
    once = {(one.code, one.path, one.line, *map(str, one.values.values())): one for one in located(found, read.sources)}
    return list(once.values())
