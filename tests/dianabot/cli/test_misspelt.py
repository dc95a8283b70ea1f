"""A setting whose name is misspelt is told, not passed over."""

from pathlib import Path

import pytest

from dianabot.cli.misspelt import KNOWN, misspelt, sentence
from tests.dianabot.cli.conftest import Ask


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DIANABOT_PROT", "DIANABOT_PORT"),
        ("DIANABOT_DATA_DIR", "DIANABOT_DATA"),
        ("DIANABOT_BOT_TOKEN", "BOT_TOKEN"),
        ("DIANABOT_DATABASE_URL", "DATABASE_URL"),
        ("DIANBOT_PORT", "DIANABOT_PORT"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("BOT_TOKN", "BOT_TOKEN"),
    ],
)
def test_a_name_that_is_nearly_ours_is_told_with_the_one_that_was_meant(name: str, meant: str) -> None:
    assert sentence(name, ".env") == f"{name} in .env is no setting and does nothing. Did you mean {meant}?"


def test_a_name_with_our_prefix_that_resembles_nothing_is_told_without_a_guess() -> None:
    assert sentence("DIANABOT_XYZZY", ".env") == "DIANABOT_XYZZY in .env is no setting and does nothing."


@pytest.mark.parametrize("name", [*KNOWN, "DIANABOT_CHROMIUM", "PORT", "HOST", "DATA", "PATH", "TEST_DATABASE_URL"])
def test_what_is_known_or_is_somebody_elses_is_left_alone(name: str) -> None:
    assert sentence(name, "the environment") == ""


def test_both_the_file_and_the_environment_are_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("export DIANABOT_PROT=hush\nPOSTGRES_PASSWORD=hush\n", encoding="utf-8")
    monkeypatch.setenv("dianabot_hots", "hush")
    assert misspelt() == [
        "DIANABOT_HOTS in the environment is no setting and does nothing. Did you mean DIANABOT_HOST?",
        "DIANABOT_PROT in .env is no setting and does nothing. Did you mean DIANABOT_PORT?",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("words", [("rules", "show", "--json"), ("run",)], ids=" ".join)
def test_every_start_warns_of_it(dianabot: Ask, words: tuple[str, ...]) -> None:
    done = dianabot(*words, DIANABOT_PROT=9000)
    assert "DIANABOT_PROT in the environment is no setting" in done.err
    assert "DIANABOT_PROT" not in done.out


@pytest.mark.slow
def test_the_doctor_names_it_once_and_how_to_mend_it(dianabot: Ask) -> None:
    done = dianabot("doctor", "--json", DIANABOT_PROT=9000)
    found = {finding["name"]: finding for finding in done.json}["settings"]
    assert not found["well"]
    assert "Did you mean DIANABOT_PORT?" in found["says"]
    assert done.err == ""
    assert {finding["name"]: finding["well"] for finding in dianabot("doctor", "--json").json}["settings"]
