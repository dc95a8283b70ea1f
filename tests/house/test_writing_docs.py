"""What creators are told to write is read, checked and published here, and what they may write is all told."""

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from dianabot.cli.content import WORDS
from dianabot.content import pack, twee_reading
from dianabot.content.checker import check
from dianabot.content.finding import said
from dianabot.content.pack import Pack
from dianabot.content.play import play
from dianabot.kernel.embedded import Scratch
from dianabot.kernel.events import CATALOGUE
from dianabot.narrative.lucien.rules import ASKS, FILTERS, NAMES
from dianabot.operations.listen import HEARS
from dianabot.vocabulary import requirement as requirements
from dianabot.vocabulary import reward as rewards
from dianabot.vocabulary import world
from dianabot.vocabulary.conditions import COMPARE, CONDITIONS
from dianabot.vocabulary.gifts import GIFTS
from dianabot.vocabulary.world import Language
from tests.dianabot.processes import ask, data_folder

ROOT = Path(__file__).parents[2]
MANSION = ROOT / "src" / "dianabot" / "packs" / "mansion"
NAMES_OF_PAGES = ("escribir", "writing")
FILES = re.compile(r"`([\w./-]+)`:\n\n```(?:yaml|twee)\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""What follows on the name of a file."""
FENCE = re.compile(r"^```(?:yaml|twee)", re.MULTILINE)
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
ROW = re.compile(r"^\| `(\w+)` \| `(\{.+?\})` \|", re.MULTILINE)
JPEG = b"\xff\xd8\xff\xe0"
BEGINNING = "pack.yaml"
TWEE: Mapping[str, Language] = {"bosque.twee": "es", "forest.twee": "en"}
MISTAKES = {"escribir": ("to: rosas", "to: rosa"), "writing": ("to: roses", "to: rose")}


@dataclass(frozen=True)
class Page:
    text: str
    folder: Path
    """Where all that it tells to write is written."""
    files: Mapping[str, str]

    @property
    def commands(self) -> list[str]:
        return [line for block in SHELL.findall(self.text) for line in block.splitlines()]

    @property
    def stories(self) -> list[Path]:
        """Folders with a pack, in the order of the page; Twee files too."""
        return [self.folder / Path(name).parent if name.endswith(BEGINNING) else self.folder / name
                for name in self.files if name.endswith((BEGINNING, ".twee"))]  # fmt: skip


@pytest.fixture(params=NAMES_OF_PAGES)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Page:
    text = (ROOT / "docs" / f"{request.param}.md").read_text(encoding="utf-8")
    files = dict(FILES.findall(text))
    for name, written in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written, encoding="utf-8")
        for image in re.findall(r"^ +image: (\S+)$", written, re.MULTILINE):
            (path.parent / "media").mkdir()
            (path.parent / "media" / image).write_bytes(JPEG)
    return Page(text, tmp_path, files)


def read(story: Path) -> Pack:
    return twee_reading.read(story, TWEE.get(story.name, "es")) if story.suffix else pack.read(story)


def findings(story: Path) -> list[str]:
    found = read(story)
    remarks = [*found.problems, *check(found.world, found.sources)]
    return [f"{one.file}:{one.line}: {one.severity}: {said(WORDS, one)}" for one in remarks]


def test_every_story_of_the_page_is_healthy(page: Page) -> None:
    assert {story.name: findings(story) for story in page.stories} == {story.name: [] for story in page.stories}
    assert len(page.stories) == 5
    assert len(FENCE.findall(page.text)) == len(page.files), "a block without the name of its file is read by nobody"


def test_every_way_that_the_page_shows_can_be_taken(page: Page) -> None:
    for story in page.stories:
        played = play(read(story).world, runs=300, seed=1).to_json()
        assert (played["unseen"], played["untaken"], played["stuck"]) == ([], [], {}), story.name


def test_no_key_of_a_fragment_names_two_places(page: Page) -> None:
    """A reward is given once for a key, whichever story it stands in: whoever writes along would miss the second."""
    stories = [read(story).world for story in (*page.stories, MANSION)]
    keys = Counter(fragment.key for story in stories for fragment in story.fragments)

    assert [key for key, times in keys.items() if times > 1] == []


def test_the_two_pages_tell_the_same() -> None:
    texts = [(ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in NAMES_OF_PAGES]
    headings, verbs = ([re.findall(pattern, text, re.MULTILINE) for text in texts] for pattern in (
        r"^(#+) ", r"dianabot content (\w+)",
    ))  # fmt: skip
    assert headings[0] == headings[1]
    assert verbs[0] == verbs[1]
    shapes = [[sorted(re.findall(r"\b[a-z_]+(?=:)", block)) for _, block in FILES.findall(text)] for text in texts]
    assert [len(shape) for shape in shapes[0]] == [len(shape) for shape in shapes[1]]


def test_the_mistake_is_found_as_the_page_says(page: Page, request: pytest.FixtureRequest) -> None:
    right, wrong = MISTAKES[request.node.callspec.params["page"]]
    first = page.folder / next(iter(page.files))
    first.write_text(first.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    [told] = SAID.findall(page.text)
    shown = [line.rpartition(" (")[0] for line in told.splitlines()]
    assert findings(first.parent) == shown
    assert f"`{right}`" in page.text
    assert f"`{wrong}`" in page.text


def test_every_condition_and_every_gift_is_told_with_an_example_that_can_be_read(page: Page) -> None:
    conditions, _, gifts = page.text.partition("## Regalos" if "## Regalos" in page.text else "## Gifts")
    asked, given = dict(ROW.findall(conditions)), dict(ROW.findall(gifts))
    assert asked.keys() == {*CONDITIONS, "any", "all", "not"}
    assert given.keys() == set(GIFTS)
    for key, example in asked.items():
        assert requirements.dump(requirements.parse(yaml.safe_load(example))).keys() == {key}
    for key, example in given.items():
        assert rewards.dump(rewards.parse(yaml.safe_load(example))).keys() == {key}


def test_every_key_of_a_pack_is_told(page: Page) -> None:
    told = set(re.findall(r"\w+", " ".join([*CODE.findall(page.text), *page.files.values()])))
    parts = [part for part in vars(world).values() if isinstance(part, type) and issubclass(part, BaseModel)]
    keys = {name for part in parts for name in part.model_fields} | {"include"}
    assert len(keys) > 40
    assert not keys - told
    assert set(COMPARE) <= set(CODE.findall(page.text))


def test_all_that_lucien_knows_and_hears_is_told(page: Page) -> None:
    told = CODE.findall(page.text)
    words = set(re.findall(r"\w+", " ".join(told)))
    assert words >= NAMES | ASKS.keys() | FILTERS
    rows = dict(re.findall(r"^\| `(\w+\.\w+)` \|[^|]+\|([^|]*)\|$", page.text, re.MULTILINE))
    assert rows.keys() == set(HEARS)
    for event, fields in rows.items():
        carried = CATALOGUE[event].model_fields.keys() - {"member"}
        if event != "user.registered":  # what it carries is of no use to a story
            assert set(CODE.findall(fields)) == carried, event


@pytest.fixture
def stands(postgres_dsn: str, servers: Scratch) -> Iterator[dict[str, str]]:
    with data_folder() as folder:
        yield {"DATABASE_URL": postgres_dsn, "REDIS_URL": servers.valkey_url or "", "DIANABOT_DATA": str(folder)}


@pytest.mark.slow
def test_every_command_does_what_the_page_says(page: Page, stands: dict[str, str]) -> None:
    """In their order, as if one wrote along; whatever asks is answered yes."""
    exported = []
    for command in page.commands:
        called, _, into = command.partition(" > ")
        program, *words = shlex.split(called)
        places = [at for at, word in enumerate(words) if _is_place(page, word, words[at - 1])]
        for at in places:
            words[at] = str(page.folder / words[at])
        done = ask(*words, typed="y\n", **stands)
        assert (program, done.code) == (".venv/bin/dianabot", 0), f"{command}: {done.out}{done.err}"
        if into:
            assert json.loads(done.out)["$schema"], command
        exported += [Path(words[at]) for at in places if words[at - 1] == "export"]

    _, garden, *_, twee = page.stories
    assert [read(story).world for story in exported] == [read(story).world for story in (garden, twee, twee)]
    assert list(page.folder.glob("*.svg"))


def _is_place(page: Page, word: str, before: str) -> bool:
    return before in {"export", "--output"} or (page.folder / word).exists()
