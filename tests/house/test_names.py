"""What the documentation names exists."""

import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOTTED = re.compile(r"`((?:dianabot|telesim)(?:\.\w+)*)`")
PLACE = re.compile(r"`((?:src|tests|tools|docs|requirements|changes|bench)/[\w./-]+)`")
PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_name_that_a_page_gives_can_be_imported(page: Path) -> None:
    missing = []
    for dotted in DOTTED.findall(page.read_text(encoding="utf-8")):
        try:
            pkgutil.resolve_name(dotted)
        except (ModuleNotFoundError, AttributeError) as error:
            missing.append(f"{dotted}: {error}")
    assert not missing, f"{page.name} names what does not exist:\n" + "\n".join(missing)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_file_that_a_page_gives_is_there(page: Path) -> None:
    named = set(PLACE.findall(page.read_text(encoding="utf-8")))
    assert not {place for place in named if not (ROOT / place).exists()}, page.name


def test_a_name_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(AttributeError):
        pkgutil.resolve_name("dianabot.kernel.ids.CoordinadorCentral")
    with pytest.raises(ModuleNotFoundError):
        pkgutil.resolve_name("nowhere.at.all")


def test_the_page_of_names_maps_what_plans_call_things() -> None:
    text = (ROOT / "docs" / "names.md").read_text(encoding="utf-8")
    for name in (
        "CoordinadorCentral", "TransactionManager", "EventBus", "CorrelationService", "UserStateManager",
        "ConfigurationManager", "CircuitBreaker", "ModuleRegistry", "CacheManager", "RateLimiter",
        "get_fragment", "apply_decision", "check_achievements", "place_bid",
    ):  # fmt: skip
        assert name in text
    assert len(DOTTED.findall(text)) > 50
