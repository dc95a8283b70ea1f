"""Pages that the code knows best are as the code is now, and the site asks nothing of foreign hosts."""

import re
from pathlib import Path

import pytest
import yaml

from tools.pages import pages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = list(pages())
FETCHES = re.compile(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=[\"']https?://|!\[[^\]]*\]\(https?://|@import")


@pytest.mark.parametrize(("place", "text"), PAGES, ids=[place.name for place, _ in PAGES])
def test_a_generated_page_is_what_the_code_says_now(place: Path, text: str) -> None:
    assert place.exists(), f"{place.name} was never written: make docs"
    assert place.read_text(encoding="utf-8") == text, f"{place.name} is out of date: make docs"


def test_no_page_fetches_anything_from_elsewhere() -> None:
    for page in [*DOCS.rglob("*.md"), *DOCS.rglob("*.svg"), *ROOT.glob("*.md")]:
        assert not FETCHES.search(page.read_text(encoding="utf-8")), page.name
    assert "mermaid" not in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_every_picture_says_what_it_shows() -> None:
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        assert not re.search(r"!\[\s*\]\(", page.read_text(encoding="utf-8")), page.name


@pytest.mark.parametrize("name", ["mkdocs.yml", ".pre-commit-config.yaml", *(
    str(place.relative_to(ROOT)) for place in sorted((ROOT / ".github").rglob("*.yml"))
)])  # fmt: skip
def test_a_file_that_other_tools_read_can_be_read(name: str) -> None:
    assert yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_readmes_fit_one_screen_and_show_the_same_commands() -> None:
    english, spanish = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.es.md"))
    assert max(len(english.splitlines()), len(spanish.splitlines())) <= 65
    blocks = [re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for text in (english, spanish)]
    assert len(blocks[0]) == len(blocks[1])
    assert blocks[0][:2] == blocks[1][:2] == ["make demo\n", "make test\n"]


def test_every_link_of_the_pages_outside_the_site_leads_somewhere() -> None:
    """MkDocs checks the links of its own pages; these are read where the repository is."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "changes").glob("*.md"), *(ROOT / ".github").rglob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken
