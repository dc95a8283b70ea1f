"""One verb: besitos given to a locked member, with their row of the ledger and their fact.

Beside it pgbench runs one statement that writes the same rows.
"""

import tempfile
from pathlib import Path
from typing import Final

import uvloop

from bench.operation import AT_ONCE, CONNECTIONS, ROUNDS, pgbench_rate, rate, settle
from bench.row import Row, middle
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.ids import MemberId, uuid7
from dianabot.kernel.tx import Cause
from dianabot.operations.rulebook import Rules
from dianabot.operations.unit import Unit
from dianabot.vocabulary.reason import Reason
from tests.proof.house import House
from tests.proof.keeper import Kept

NAME: Final = "besitos granted by one verb, 16 at once"
EMPTY: Final = "TRUNCATE event_logs, besitos_ledger, wallets, besitos_holds"
STATEMENT: Final = """
\\set n random(0, {last})
WITH held AS MATERIALIZED (
    SELECT id FROM users WHERE id = {first} + :n FOR NO KEY UPDATE
), purse AS (
    INSERT INTO wallets (user_id, seq, balance) SELECT id, 1, 3 FROM held
    ON CONFLICT (user_id) DO UPDATE SET seq = wallets.seq + 1, balance = wallets.balance + 3
    RETURNING user_id, seq, balance
), moved AS (
    INSERT INTO besitos_ledger (user_id, seq, amount, balance_after, reason, reference, at)
    SELECT user_id, seq, 3, balance, 'story', 'bench', clock_timestamp() FROM purse
)
INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, user_id, actor, correlation_id,
                        priority, version)
SELECT gen_random_uuid(), nextval('event_seq'), 'gamification.besitos_earned',
       jsonb_build_object('member', user_id, 'amount', 3, 'balance', balance, 'reason', 'story', 'reference', 'bench',
                          'seq', seq, 'cut', 0),
       clock_timestamp(), 'member:' || user_id, user_id, 'member', gen_random_uuid(), 2, 1
FROM purse;
"""


def measure(kept: Kept, people: list[MemberId], *, full: bool) -> list[Row]:
    """In turns, so that whatever else the machine does meets both."""
    seconds = 10.0 if full else 3.0
    assert people[-1] - people[0] == len(people) - 1, "their numbers follow one another"
    ours, stated = [], []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "grant.sql"
        script.write_text(STATEMENT.format(first=people[0], last=len(people) - 1), encoding="utf-8")
        for _ in range(ROUNDS):
            settle(kept.dsn)
            ours.append(uvloop.run(_ours(kept.dsn, people, seconds)))
            settle(kept.dsn)
            stated.append(pgbench_rate(kept.dsn, "-f", str(script), "-c", str(AT_ONCE), "-T", str(int(seconds))))
    return [Row(NAME, middle(ours), "acts/s", 0.25, 0.45, yardstick="pgbench, same rows", measured=middle(stated))]


async def _ours(dsn: str, people: list[MemberId], seconds: float) -> float:
    clock = SystemClock()
    async with House(dsn, clock=clock, size=CONNECTIONS) as house:
        await house.db.run(EMPTY)
        rules = Rules()

        async def act(n: int) -> None:
            member = people[n % len(people)]
            async with house.transactions.begin(Cause("member", uuid7(clock.now()), None)) as tx:
                await tx.lock_members(member)
                await Unit(tx, rules).wallet.grant(member, 3, reason=Reason.STORY, reference="bench")

        return await rate(act, seconds)
