"""A whole story world as one document: what a content pack holds, what is checked, published and exported.

Everything is named by its key. A text is written by language; the world's first language must be there, the others may
follow. Requirements and rewards stand as documents (`vocabulary.requirement`, `vocabulary.reward`).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dianabot.vocabulary.keys import KEY, MOST, NAME, UNSTORABLE


def is_storable(value: object) -> bool:
    """Whether every text in a JSON value can be kept."""
    if isinstance(value, dict):
        return all(is_storable(key) and is_storable(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(is_storable, value))
    return not (isinstance(value, str) and UNSTORABLE.search(value))


def _storable(document: dict[str, Any]) -> dict[str, Any]:
    if not is_storable(document):
        raise ValueError("it holds text that cannot be kept")
    return document


Language: TypeAlias = Literal["es", "en"]
Key: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{KEY.pattern}$")]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]
Storable: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""The library itself refuses half characters where there is a pattern."""
Written: TypeAlias = Annotated[Storable, StringConstraints(min_length=1, max_length=20_000)]
Text: TypeAlias = Annotated[dict[Language, Written], Field(min_length=1)]
Document: TypeAlias = Annotated[dict[str, Any], AfterValidator(_storable)]
Value: TypeAlias = (
    bool | Annotated[int, Field(ge=-MOST, le=MOST)] | Annotated[Storable, StringConstraints(max_length=200)]
)
Besitos: TypeAlias = Annotated[int, Field(ge=0, le=MOST)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Decision(Part):
    """One way on from a fragment."""

    key: Key
    text: Text
    to: Key
    taken_by: Literal["tap", "right", "wrong", "late"] = "tap"
    """What takes it: the reader's tap, or how the fragment's challenge ended."""
    hidden: bool = False
    """Not shown while it is locked."""
    cost: Besitos = 0
    """Paid whenever it is taken."""
    variables: Document = {}
    """Changed whenever it is taken: `{met_diana: true, trust: "+1"}`."""
    requirement: Document = {}
    reward: Document = {}
    """Given the first time it is taken."""


class Challenge(Part):
    """A small game in a fragment; how it ends takes the decision `right`, `wrong` or `late`."""

    kind: Literal["riddle", "quiz", "timed"]
    answers: dict[Language, Annotated[list[Written], Field(min_length=1)]] = {}
    """Of a riddle: what counts as right, compared without case, accents and punctuation."""
    options: list[Text] = []
    """Of a quiz: buttons, the first of which is right; they are shown in an order of their own."""
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    seconds: Annotated[int, Field(ge=5, le=86_400)] | None = None
    """Of a timed choice, and of any challenge that shall not wait for ever."""


class Fragment(Part):
    key: Key
    title: Text
    text: Text
    level: Annotated[int, Field(ge=1, le=100)] = 1
    tags: list[Key] = []
    image: Storable | None = None
    """A file under `media/`."""
    entry: bool = False
    ending: bool = False
    secret: bool = False
    vip: bool = False
    draft: bool = False
    if_gone: Key | None = None
    """Where its readers go when it is no longer published."""
    requirement: Document = {}
    """To enter it."""
    reward: Document = {}
    """Given when it is completed: left by a decision, or reached, if it is an ending."""
    challenge: Challenge | None = None
    decisions: list[Decision] = []


class Level(Part):
    number: Annotated[int, Field(ge=1, le=100)]
    name: Text


class Variable(Part):
    name: Name
    initial: Value


class Item(Part):
    key: Key
    name: Text
    description: Text | None = None
    kind: Key = "keepsake"
    consumable: bool = False
    unique: bool = False
    unlocks: Document = {}
    """A reward, given when it is used."""


class Hint(Part):
    key: Key
    title: Text
    text: Text


class Combination(Part):
    """Hints that make something together, in any order, once."""

    key: Key
    hints: Annotated[list[Key], Field(min_length=2, max_length=5)]
    text: Text
    reward: Annotated[Document, Field(min_length=1)]


class Template(Part):
    """What Lucien says, and what calls for it."""

    key: Key
    text: Text
    on: Storable
    """An event type, such as `narrative.decision_taken`."""
    where: dict[Name, Value] = {}
    """Values that the event must carry, by key: `{decision: "hall.open_door"}`."""
    requirement: Document = {}
    after_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 90)] = 0
    repeatable: bool = False


class Plan(Part):
    """A way into the club, as an offer shows it."""

    key: Key
    name: Text
    description: Text | None = None
    days: Annotated[int, Field(ge=1, le=3660)]
    price_stars: Annotated[int, Field(ge=1, le=10_000)] | None = None


class Economy(Part):
    """What the checker may count on."""

    daily_besitos: Besitos = 0
    """What an ordinary day brings beside the story."""
    daily_xp: Besitos = 0


class World(Part):
    key: Key
    title: Text
    languages: Annotated[list[Language], Field(min_length=1)] = ["es", "en"]
    """The first is the one that every text must have."""
    economy: Economy = Economy()
    levels: list[Level] = []
    variables: list[Variable] = []
    fragments: list[Fragment] = []
    items: list[Item] = []
    hints: list[Hint] = []
    combinations: list[Combination] = []
    templates: list[Template] = []
    plans: list[Plan] = []

    @property
    def language(self) -> Language:
        return self.languages[0]


def texts(world: World) -> Iterator[tuple[str, Text]]:
    """Every text with the id of its line, which stays while keys stay: `fragments.hall.decisions.open.text`."""
    yield "title", world.title
    for level in world.levels:
        yield f"levels.{level.number}.name", level.name
    for fragment in world.fragments:
        yield from _of_fragment(fragment)
    for kind in ("items", "hints", "combinations", "templates", "plans"):
        for part in getattr(world, kind):
            for field in ("name", "title", "description", "text"):
                text = getattr(part, field, None)
                if text is not None:
                    yield f"{kind}.{part.key}.{field}", text


def _of_fragment(fragment: Fragment) -> Iterator[tuple[str, Text]]:
    here = f"fragments.{fragment.key}"
    yield f"{here}.title", fragment.title
    yield f"{here}.text", fragment.text
    for decision in fragment.decisions:
        yield f"{here}.decisions.{decision.key}.text", decision.text
    for index, option in enumerate(fragment.challenge.options if fragment.challenge else ()):
        yield f"{here}.challenge.options.{index}", option


def in_columns(texts: Mapping[str, Text], language: Language) -> dict[str, Any]:
    """A part's texts by their columns, as rows keep them: in that language, those in others beside them."""
    others = sorted({other for text in texts.values() for other in text} - {language})
    return {
        **{column: text[language] for column, text in texts.items()},
        "translations": {
            other: {column: text[other] for column, text in texts.items() if other in text} for other in others
        },
    }
