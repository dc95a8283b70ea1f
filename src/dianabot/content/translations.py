"""Lines that a world has, and in which of its languages: what is missing is remarked here and nowhere else."""

from collections.abc import Iterator, Mapping
from itertools import chain

from dianabot.content.finding import Finding
from dianabot.vocabulary.world import Language, World, texts


def lines(world: World) -> Iterator[tuple[str, Mapping[Language, object]]]:
    """All that has languages: every text, and the answers of riddles."""
    answers: Iterator[tuple[str, Mapping[Language, object]]] = (
        (f"fragments.{one.key}.challenge.answers", one.challenge.answers)
        for one in world.fragments
        if one.challenge and one.challenge.answers
    )
    return chain(texts(world), answers)


def missing(world: World) -> Iterator[Finding]:
    for path, said in lines(world):
        for language in world.languages:
            if language not in said:
                yield Finding("translation_missing", "error", path, {"language": language})


def undeclared(world: World) -> Iterator[Finding]:
    for path, said in lines(world):
        for language in sorted(set(said) - set(world.languages)):
            yield Finding("language_undeclared", "warning", path, {"language": language})
