"""Small games in fragments: whatever way one ends, there must be a decision for it."""

from collections.abc import Iterator
from typing import Final

from dianabot.content.checker.texts import is_seen
from dianabot.content.engine import Scene, Story
from dianabot.content.finding import Finding
from dianabot.vocabulary.world import Challenge

MOST_BUTTONS: Final = 90
"""Telegram shows a hundred under a message; some lead out of the story."""


def challenges(story: Story) -> Iterator[Finding]:
    for scene in story.scenes.values():
        challenge = scene.fragment.challenge
        expected = _outcomes(challenge)
        taken: dict[str, str] = {}
        for choice in scene.choices:
            first = taken.setdefault(choice.decision.taken_by, choice.decision.key)
            if choice.decision.taken_by in expected and first != choice.decision.key:
                values = {"first": first, "second": choice.decision.key, "outcome": choice.decision.taken_by}
                yield Finding("same_outcome", "error", f"{choice.path}.taken_by", values)
        for outcome in sorted(expected - taken.keys()):
            yield Finding("challenge_without", "error", f"{scene.path}.challenge", {"outcome": outcome})
        for choice in scene.choices:
            by = choice.decision.taken_by
            if by != "tap" and by not in expected:
                yield Finding("never_happens", "error", f"{choice.path}.taken_by", {"outcome": by})
        buttons = sum(choice.decision.taken_by == "tap" for choice in scene.choices)
        buttons += len(challenge.options) if challenge is not None else 0
        if buttons > MOST_BUTTONS:
            yield Finding("too_many_buttons", "error", scene.path, {"count": buttons, "limit": MOST_BUTTONS})
        if challenge is not None:
            yield from _asked(scene, challenge)


def _outcomes(challenge: Challenge | None) -> set[str]:
    """The ways in which it can end, a tap aside."""
    if challenge is None:
        return set()
    found = set() if challenge.kind == "timed" else {"right", "wrong"}
    return found | {"late"} if challenge.kind == "timed" or challenge.seconds else found


def _asked(scene: Scene, challenge: Challenge) -> Iterator[Finding]:
    path = f"{scene.path}.challenge"
    if challenge.kind == "riddle":
        yield from _answered(challenge, path)
    elif challenge.kind == "quiz":
        if len(challenge.options) < 2:
            yield Finding("quiz_without_options", "error", f"{path}.options", {"count": len(challenge.options)})
        elif challenge.tries >= len(challenge.options):
            values = {"tries": challenge.tries, "options": len(challenge.options)}
            yield Finding("challenge_cannot_fail", "warning", f"{path}.tries", values)
    else:
        if challenge.seconds is None:
            yield Finding("timed_without_seconds", "error", path, {})
        if all(choice.decision.taken_by != "tap" for choice in scene.choices):
            yield Finding("challenge_without", "error", path, {"outcome": "tap"})


def _answered(challenge: Challenge, path: str) -> Iterator[Finding]:
    if not challenge.answers:
        yield Finding("riddle_without_answer", "error", path, {})
        return
    for language, answers in challenge.answers.items():
        if not any(map(is_seen, answers)):
            yield Finding("blank_text", "error", f"{path}.answers", {"language": language})
