"""What others may care about: she read on, chose, finished something."""

from typing import ClassVar

from dianabot.kernel.events import MemberFact


class FragmentVisited(MemberFact):
    """She stands in a fragment now; each time anew."""

    event_type: ClassVar[str] = "narrative.fragment_visited"
    fragment: str
    visit: int
    level: int
    first: bool
    """She had never been here."""
    left: str | None
    """The fragment where she was, if she was anywhere."""
    seconds: int
    """That she spent there, in that visit."""


class DecisionTaken(MemberFact):
    """`decision` is named with its fragment: `hall.open_door`."""

    event_type: ClassVar[str] = "narrative.decision_taken"
    fragment: str
    decision: str
    visit: int
    cost: int


class FragmentCompleted(MemberFact):
    """For the first time: left by a decision, or reached, if it is an ending."""

    event_type: ClassVar[str] = "narrative.fragment_completed"
    fragment: str


class LevelCompleted(MemberFact):
    """Once: she first left it upwards, or reached an ending in it."""

    event_type: ClassVar[str] = "narrative.level_completed"
    level: int


class SecretDiscovered(MemberFact):
    """Her first visit of a secret fragment."""

    event_type: ClassVar[str] = "narrative.secret_discovered"
    fragment: str


class ContentUnlocked(MemberFact):
    """From now on she may enter it, whatever it requires."""

    event_type: ClassVar[str] = "narrative.content_unlocked"
    fragment: str


class StoryCompleted(MemberFact):
    """She reached this ending for the first time."""

    event_type: ClassVar[str] = "narrative.story_completed"
    ending: str
