"""What PostgreSQL says before it gives up, and what an operator reads."""

from pathlib import Path

import pytest

from dianabot.kernel.embedded.diagnosis import failure, old_ones_alive

DATA = Path("/srv/data")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            'PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device',
            "The disk with /srv/data is full (PostgreSQL could not write): free some space and start again.",
        ),
        (
            "FATAL:  could not map anonymous shared memory: Cannot allocate memory",
            "There is not enough free memory for PostgreSQL (about 100 MB): end something else.",
        ),
        (
            "PANIC:  could not locate a valid checkpoint record at 0/1",
            (
                "The database in /srv/data/postgres is damaged: restore a backup (dianabot backup restore). What "
                "PostgreSQL said stands in {log}."
            ),
        ),
        (
            "FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use",
            (
                "Processes of an earlier PostgreSQL still hold /srv/data/postgres: end them (their name is postgres) "
                "and start again."
            ),
        ),
        (
            "LOG:  starting\nFATAL:  the last word\nHINT:  none",
            "PostgreSQL did not start (the last word): what it said stands in {log}.",
        ),
        ("", "PostgreSQL did not start: what it said stands in {log}."),
    ],
)
def test_the_reason_becomes_a_sentence(tmp_path: Path, said: str, sentence: str) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("PANIC:  something of last week\n" + said, encoding="utf-8")
    told = failure(DATA, log, len("PANIC:  something of last week\n"), "did not start")
    assert str(told) == sentence.format(log=log)
    assert told.exit_code == 3


@pytest.mark.parametrize(
    ("said", "again"),
    [
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", True),
        ('FATAL:  lock file "postmaster.pid" already exists', True),
        ("FATAL:  could not bind: Address already in use", True),
        ("FATAL:  could not access private key file", False),
    ],
)
def test_only_old_backends_are_worth_another_try(tmp_path: Path, said: str, again: bool) -> None:  # noqa: FBT001 - a column
    log = tmp_path / "postgres.log"
    log.write_text(said, encoding="utf-8")
    assert old_ones_alive(log, 0) is again
