"""Time zones as people write them: "Madrid", "méxico", "GMT-6", "America/Bogota".

The names come from the `tzdata` package, so they are the same on every machine.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import chain
from zoneinfo import ZoneInfo

from dianabot.vocabulary.places import CITIES, COUNTRIES, FOREMOST

CHOICES = 8
LONGEST = 64

_OFFSET = re.compile(r"(?:gmt|utc)? ?(?:([+-]) ?(\d{1,2})(?::?([0-5]\d))?)?", re.ASCII)
_MINUSES = str.maketrans({"−": "-", "–": "-", "—": "-"})


@dataclass(frozen=True, slots=True)
class Matched:
    """The one zone that was meant, or those that may have been."""

    sure: str | None = None
    maybe: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Atlas:
    names: dict[str, str]
    """Every IANA name, without capitals."""
    places: dict[str, tuple[str, ...]]
    """Zones of a city or country by its plain form, the most populous first."""


def exists(name: str) -> bool:
    return name in _names()


def match(written: str, at: datetime) -> Matched:
    """What was meant. `at` decides which zones keep the same time nowadays, and so need no choice between them."""
    if len(written) > LONGEST:
        return Matched()
    lower = written.strip().casefold().translate(_MINUSES)
    offset = _OFFSET.fullmatch(lower)
    if offset is not None and lower:
        return _of_offset(offset, at)
    atlas, plain = _atlas(), _plain(written)
    if plain in atlas.places:
        return _chosen(atlas.places[plain], at)
    name = atlas.names.get(lower.replace(" ", "_"))
    return Matched(sure=name) if name else Matched(maybe=_different(_alike(plain, atlas), at))


def _of_offset(written: re.Match[str], at: datetime) -> Matched:
    sign, hours, minutes = written.groups(default="0")
    away = timedelta(hours=int(hours), minutes=int(minutes))
    if not away:
        return Matched(sure="Etc/UTC")
    if not away % timedelta(hours=1):
        name = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}"
        return Matched(sure=name) if exists(name) else Matched()
    away = away if sign == "+" else -away
    canonical = dict.fromkeys(name for _, name in _countries_of_zones())
    return Matched(
        maybe=_different([name for name in canonical if at.astimezone(ZoneInfo(name)).utcoffset() == away], at)
    )


def _chosen(zones: Sequence[str], at: datetime) -> Matched:
    different = _different(zones, at)
    return Matched(sure=different[0]) if len(different) == 1 else Matched(maybe=different)


def _different(zones: Iterable[str], at: datetime) -> tuple[str, ...]:
    """The first of those that keep the same time in winter and in summer."""
    seasons = [datetime(at.year, month, 1, tzinfo=UTC) for month in (1, 7)]
    first: dict[tuple[object, ...], str] = {}
    for name in zones:
        first.setdefault(tuple(season.astimezone(ZoneInfo(name)).utcoffset() for season in seasons), name)
    return tuple(first.values())[:CHOICES]


def _alike(plain: str, atlas: _Atlas) -> Iterable[str]:
    """Places with a word that begins so, else those that are written nearly so."""
    if len(plain) < 3:
        return ()
    found = [key for key in atlas.places if f" {plain}" in f" {key}"]
    found = found or difflib.get_close_matches(plain, atlas.places, n=3, cutoff=0.8)
    return chain.from_iterable(atlas.places[key] for key in found)


def _plain(text: str) -> str:
    """Without accents, capitals and punctuation."""
    letters = (char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


@cache
def _names() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


def _rows(table: str) -> list[list[str]]:
    lines = (files("tzdata") / "zoneinfo" / table).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@cache
def _countries_of_zones() -> tuple[tuple[str, str], ...]:
    """(country, zone): within a country the most populous zone stands first."""
    return tuple((row[0], row[2]) for row in _rows("zone.tab"))


@cache
def _atlas() -> _Atlas:
    places: dict[str, dict[str, None]] = {}

    def put(place: str, zones: Iterable[str]) -> None:
        places.setdefault(_plain(place), {}).update(dict.fromkeys(zones))

    of_country: dict[str, list[str]] = {}
    for country, name in sorted(_countries_of_zones(), key=lambda row: row[1] not in FOREMOST):
        of_country.setdefault(country, []).append(name)
        put(name.rpartition("/")[2], [name])
    for country, called in chain(map(tuple, _rows("iso3166.tab")), ((code, name) for name, code in COUNTRIES.items())):
        put(called, of_country.get(country, ()))
    for city, name in CITIES.items():
        put(city, [name])
    for name in sorted(_names()):
        if "/" in name and _plain(name.rpartition("/")[2]) not in places:
            put(name.rpartition("/")[2], [name])
    return _Atlas(
        {name.casefold(): name for name in _names()}, {key: tuple(zones) for key, zones in places.items() if zones}
    )
