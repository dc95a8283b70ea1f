"""Every command that looks, asks and goes: what it answers, and with which exit code."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from dianabot.operations.rulebook import Rules
from tests.dianabot.cli.conftest import Ask

pytestmark = pytest.mark.slow

MEMBER = """
INSERT INTO users (telegram_id, language, created_at, last_active_at, first_name, username)
VALUES ($1, 'es', $2, $2, 'Lucía', 'lucia' || currval(pg_get_serial_sequence('users', 'id'))) RETURNING id
"""
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def lucia(module_dsn: str) -> int:
    with psycopg.connect(module_dsn, autocommit=True, cursor_factory=psycopg.RawCursor) as connection:
        known = connection.execute("SELECT count(*) FROM users").fetchone()
        assert known is not None
        found = connection.execute(MEMBER, (7_000 + known[0], AT)).fetchone()
    assert found is not None
    return int(found[0])


@pytest.fixture
def letter(dianabot: Ask, module_dsn: str) -> int:
    """A dead letter, of an event that is in the log."""
    assert dianabot("rules", "set", "limits.decision.count", "9").code in {0, 1}, "1: it is so already"
    with psycopg.connect(module_dsn, autocommit=True) as connection:
        found = connection.execute("""
            INSERT INTO dead_letters (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, actor,
                                      correlation_id, priority, version, attempts, reason, error, trace, died_at)
            SELECT 'members', 0, seq, event_id, event_type, event_data, timestamp, subject, actor, correlation_id,
                   priority, version, 3, 'failed', 'boom', 'in the dark', timestamp
            FROM event_logs ORDER BY seq DESC LIMIT 1 RETURNING id
        """).fetchone()
    assert found is not None
    return int(found[0])


JSON = [
    ("rules", "show"),
    ("rules", "show", "limits"),
    ("rules", "history"),
    ("events", "list"),
    ("events", "list", "--dead"),
    ("doctor",),
    ("doctor", "--production"),
]


@pytest.mark.parametrize("words", JSON, ids=" ".join)
def test_json_is_one_document_on_stdout_and_nothing_else(dianabot: Ask, words: tuple[str, ...]) -> None:
    done = dianabot(*words, "--json")
    assert done.code == (1 if words[0] == "doctor" else 0), done.err
    assert isinstance(done.json, dict | list)
    assert done.err == ""


@pytest.mark.parametrize("words", JSON, ids=" ".join)
def test_without_json_it_is_read_by_people(dianabot: Ask, words: tuple[str, ...]) -> None:
    done = dianabot(*words)
    assert done.code == (1 if words[0] == "doctor" else 0), done.err
    assert done.out.strip()
    with pytest.raises(ValueError, match=r"line 1|Extra|Expecting"):
        json.loads(done.out)


WRONG_USE = [
    (("rules", "show", "limits.nothing"), "No rule is called limits.nothing"),
    (("rules", "revert", "yesterday"), "'VERSION': 'yesterday' is not the number of a version"),
    (("rules", "revert", "99999999999999999999"), "is not the number of a version"),
    (("rules", "set", "limits.decision"), "Missing argument 'VALUE'"),
    (("rules", "set", "limits.decision", "5", "--reason", "x" * 5000), "reason: "),
    (("events", "list", "--correlation", "abc"), "'abc' is not a correlation id"),
    (("events", "list", "--limit", "0"), "'0' is not a whole number from 1 to 1000"),
    (("events", "show", "first"), "'NUMBER': 'first' is not the number of a dead letter"),
    (("events", "retry", "99999999999999999999"), "is not the number of a dead letter"),
    (("events", "replay", "members"), "Missing option '--since'"),
    (("events", "replay", "members", "--since", "monday"), "'monday' is not a date, such as 2026-01-31"),
    (("user", "show", "Ana"), "'ID': 'Ana' is not a member's number: dianabot user find NAME tells it"),
    (("user", "show", "-5"), "No such option"),
    (("user", "erase", "0", "--yes"), "'0' is not a member's number"),
    (("admin", "grant-role", "1", "queen"), "'ROLE': 'queen' is not one of 'fan', 'reader'"),
    (("migrate", "down"), "down needs the revision"),
    (("migrate", "sideways"), "'sideways' is not one of"),
    (("migrate", "up", "9999"), "cannot be brought to revision 9999"),
    (("demo", "--port", "0"), "not in the range"),
    (("simulator", "--port", "abc"), "'abc' is not a whole number from 1 to 65535"),
]


@pytest.mark.parametrize(("words", "says"), WRONG_USE, ids=[" ".join(words)[:40] for words, _ in WRONG_USE])
def test_wrong_use_is_told_and_ends_with_2(dianabot: Ask, words: tuple[str, ...], says: str) -> None:
    done = dianabot(*words)
    assert (done.code, done.out) == (2, "")
    assert says in done.sentence


REFUSED = [
    (("rules", "set", "limits.nothing", "5"), "limits.nothing: nobody knows it"),
    (("rules", "set", "limits", '"few"'), "limits: it must be"),
    (("rules", "revert", "77"), "There is no version 77 of the rules"),
    (("events", "show", "123"), "no undelivered letter with the number 123"),
    (("events", "retry", "123"), "no undelivered letter with the number 123"),
    (("events", "drop", "123"), "no undelivered letter with the number 123"),
    (("events", "replay", "nobody", "--since", "2026-01-01"), "nobody heard of all that when it happened"),
    (("user", "show", "123456"), "Nobody has that number here"),
    (("user", "export", "123456"), "Nobody has that number here"),
    (("user", "erase", "123456"), "Nobody has that number here"),
    (("user", "erase", "123456", "--yes"), "Nobody has that number here"),
    (("admin", "grant-role", "123456", "admin"), "Nobody has that number here"),
]


@pytest.mark.parametrize(("words", "says"), REFUSED, ids=[" ".join(words)[:40] for words, _ in REFUSED])
def test_a_refusal_is_told_in_words_and_ends_with_1(dianabot: Ask, words: tuple[str, ...], says: str) -> None:
    done = dianabot(*words)
    assert (done.code, done.out) == (1, "")
    assert says in done.sentence
    assert "(" not in done.sentence.split()[0], "a class name is no sentence"


def test_everything_wrong_in_a_rule_is_told_at_once(dianabot: Ask) -> None:
    done = dianabot("rules", "set", "creator", '{"language": "klingon", "time_zone": 5, "name": 7}')
    assert done.code == 1
    for place in ("creator.language", "creator.time_zone", "creator.name"):
        assert place in done.sentence


def test_rules_are_set_shown_listed_and_taken_back(dianabot: Ask) -> None:
    before = dianabot("rules", "show", "creator.language", "--json").json
    other = "en" if before["rules"] == "es" else "es"
    assert dianabot("rules", "set", "creator.language", other, "--reason", "for guests").code == 0
    now = dianabot("rules", "show", "creator.language", "--json").json
    assert now == {"version": before["version"] + 1, "rules": other}
    newest = dianabot("rules", "history", "--json").json[0]
    assert (newest["actor"], newest["reason"]) == ("operator", "for guests")
    assert newest["changed"] == {"creator.language": [before["rules"], other]}
    assert "for guests" in dianabot("rules", "history").out

    again = dianabot("rules", "set", "creator.language", other)
    assert (again.code, again.sentence) == (1, "The rules say exactly that already.")

    assert dianabot("rules", "set", "creator.language", before["rules"]).code == 0
    done = dianabot("rules", "revert", str(now["version"]))
    assert (done.code, done.out) == (0, "")
    assert dianabot("rules", "show", "creator.language", "--json").json["rules"] == other


def test_version_0_brings_the_rules_back_as_they_came(dianabot: Ask) -> None:
    assert dianabot("rules", "set", "limits.decision.count", "11").code == 0
    done = dianabot("rules", "revert", "0", "--reason", "enough")
    assert (done.code, done.out) == (0, ""), done.err
    assert "as version 0 was" in done.sentence
    assert dianabot("rules", "show", "--json").json["rules"] == Rules().model_dump(mode="json")
    again = dianabot("rules", "revert", "0")
    assert (again.code, again.sentence) == (1, "The rules say exactly that already.")


def test_a_member_is_shown_exported_and_erased(dianabot: Ask, lucia: int) -> None:
    shown = dianabot("user", "show", str(lucia), "--json").json
    assert shown["first_name"] == "Lucía"
    lines = dianabot("user", "show", str(lucia)).out.splitlines()
    assert {"first_name: Lucía", "time_zone: -", "blocked_bot: false"} <= set(lines)
    assert "None" not in "".join(lines)
    assert "Lucía" in json.dumps(dianabot("user", "export", str(lucia)).json, ensure_ascii=False)

    done = dianabot("user", "erase", str(lucia), "--yes")
    assert (done.code, done.out, done.sentence) == (0, "", f"Member {lucia} is erased.")
    for words in ("user show {}", "user export {}", "user erase {}", "admin grant-role {} admin"):
        refused = dianabot(*words.format(lucia).split())
        assert (refused.code, refused.out) == (1, "")
        assert refused.sentence.startswith("The data of this member was erased"), "it is not she who asks"


@pytest.mark.parametrize("typed", ["", "n\n", "\n"])
def test_nobody_is_erased_without_a_clear_yes(dianabot: Ask, lucia: int, typed: str) -> None:
    done = dianabot("user", "erase", str(lucia), typed=typed)
    assert (done.code, done.out) == (2, "")
    assert f"member {lucia} (Lucía @lucia{lucia})" in done.err
    assert done.sentence.endswith("Nothing was done.")
    assert dianabot("user", "show", str(lucia), "--json").json["first_name"] == "Lucía"


def test_a_role_is_granted(dianabot: Ask, lucia: int) -> None:
    done = dianabot("admin", "grant-role", str(lucia), "admin", "--reason", "she asked")
    assert (done.code, done.sentence) == (0, f"Member {lucia} was fan and is admin now.")
    assert dianabot("user", "show", str(lucia), "--json").json["role"] == "admin"


def test_the_only_owner_stays_and_the_operator_is_told_how_to_make_another(dianabot: Ask, lucia: int) -> None:
    number = str(lucia)
    assert dianabot("admin", "grant-role", number, "owner").code == 0
    for words in (("user", "erase", number, "--yes"), ("admin", "grant-role", number, "fan")):
        done = dianabot(*words)
        assert (done.code, done.out) == (1, "")
        assert "only owner" in done.sentence
        assert "dianabot admin grant-role ID owner" in done.sentence


def test_a_member_is_found_by_what_a_person_sees_of_her(dianabot: Ask, lucia: int) -> None:
    (found,) = dianabot("user", "find", f"@lucia{lucia}", "--json").json
    assert found == {
        "id": lucia,
        "first_name": "Lucía",
        "username": f"lucia{lucia}",
        "telegram_id": found["telegram_id"],
        "role": "fan",
        "created_at": "2026-01-15T12:00:00+00:00",
    }
    assert dianabot("user", "find", str(found["telegram_id"]), "--json").json == [found]
    head, first, *_ = dianabot("user", "find", "lucía").out.splitlines()
    assert head.split() == ["id", "name", "username", "telegram", "id", "role", "since"]
    assert first.split()[:3] == [str(lucia), "Lucía", f"@lucia{lucia}"]
    assert dianabot("user", "find").out.splitlines()[1] == first


def test_where_nobody_is_found_it_says_what_finds_somebody(dianabot: Ask) -> None:
    done = dianabot("user", "find", "no", "such", "name")
    assert (done.code, done.err) == (0, "")
    assert "her whole Telegram id finds her" in done.out
    assert dianabot("user", "find", "no such name", "--json").json == []


def test_a_chain_of_events_is_found_by_its_correlation(dianabot: Ask, lucia: int) -> None:
    assert dianabot("admin", "grant-role", str(lucia), "reader").code == 0
    newest = dianabot("events", "list", "--json").json[0]
    assert newest["operation"]
    chain = dianabot("events", "list", "--correlation", newest["correlation_id"], "--json").json
    assert newest["seq"] in {event["seq"] for event in chain}
    assert {event["correlation_id"] for event in chain} == {newest["correlation_id"]}


def test_a_dead_letter_is_seen_retried_and_dropped(dianabot: Ask, letter: int) -> None:
    assert letter in {row["id"] for row in dianabot("events", "list", "--dead", "--json").json}
    assert dianabot("events", "show", str(letter), "--json").json["error"] == "boom"
    done = dianabot("events", "retry", str(letter))
    assert (done.code, done.out) == (0, ""), done.err
    assert done.sentence.endswith("is back in its lane.")
    assert dianabot("events", "show", str(letter)).code == 1


def test_a_dead_letter_is_dropped(dianabot: Ask, letter: int) -> None:
    done = dianabot("events", "drop", str(letter), "--reason", "it was nothing")
    assert (done.code, done.out) == (0, ""), done.err
    assert dianabot("events", "drop", str(letter)).code == 1


def test_the_schema_goes_down_and_up_again(dianabot: Ask, bare_postgres_dsn: str) -> None:
    up = dianabot("migrate", DATABASE_URL=bare_postgres_dsn)
    assert (up.code, up.sentence) == (0, "The database stands at head.")
    down = dianabot("migrate", "down", "base", DATABASE_URL=bare_postgres_dsn)
    assert (down.code, down.sentence) == (0, "The database stands at base.")
    assert dianabot("rules", "show", DATABASE_URL=bare_postgres_dsn).code == 0, "a command brings it up by itself"


def test_older_code_leaves_a_newer_schema_alone(dianabot: Ask, postgres_dsn: str) -> None:
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert dianabot("rules", "show", DATABASE_URL=postgres_dsn).code == 0


def test_replaying_says_how_much_there_was(dianabot: Ask, module_dsn: str) -> None:
    with psycopg.connect(module_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO consumers VALUES ('members', 0, 0) ON CONFLICT DO NOTHING")
    since = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    done = dianabot("events", "replay", "members", "--since", since)
    assert (done.code, done.out) == (0, ""), done.err
    assert done.sentence.endswith("events are on their way to members.")
    assert "\r" not in done.err, "nobody watches a pipe"
