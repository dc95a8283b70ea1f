"""What holds of readers and of what they own, whatever was killed while they read (numbers as in the data model)."""

from typing import Final

from tests.proof.parts import Invariant

_XP = """
SELECT user_id, sum(points) AS points FROM (
    SELECT event.user_id, worth.points
    FROM event_logs AS event
    JOIN (VALUES ('narrative.fragment_completed', 10), ('narrative.secret_discovered', 25),
                 ('narrative.hint_unlocked', 15), ('narrative.level_completed', 50),
                 ('narrative.story_completed', 100)) AS worth (kind, points) ON kind = event_type
    UNION ALL
    SELECT user_id, (reward->>'xp')::bigint FROM rewards_given WHERE reward ? 'xp') AS each
GROUP BY user_id
"""


INVARIANTS: Final = (
    Invariant(
        "1: a ledger is numbered 1..n without holes",
        "SELECT user_id FROM besitos_ledger GROUP BY user_id HAVING min(seq) <> 1 OR max(seq) <> count(*)",
    ),
    Invariant(
        "1: each balance is the one before plus the amount, and never below nothing",
        """
        SELECT user_id, seq FROM (
            SELECT *, coalesce(lag(balance_after) OVER (PARTITION BY user_id ORDER BY seq), 0) AS before
            FROM besitos_ledger) AS step
        WHERE balance_after <> before + amount OR balance_after < 0
        """,
    ),
    Invariant(
        "1: a wallet says what its ledger says, and holds what is held",
        """
        SELECT user_id, balance, held, seq FROM wallets
        WHERE (seq, balance) IS DISTINCT FROM (
                  SELECT (seq, balance_after) FROM besitos_ledger AS last
                  WHERE last.user_id = wallets.user_id ORDER BY last.seq DESC LIMIT 1)
           OR held <> (SELECT coalesce(sum(amount), 0) FROM besitos_holds AS open
                       WHERE open.user_id = wallets.user_id AND state = 'held')
           OR held > balance
        """,
    ),
    Invariant(
        "1: each row of a ledger was announced once",
        """
        SELECT ledger.user_id, ledger.seq FROM besitos_ledger AS ledger
        FULL JOIN (SELECT user_id, (event_data->>'seq')::bigint AS seq FROM event_logs
                   WHERE event_type IN ('gamification.besitos_earned', 'gamification.besitos_spent')) AS told
            USING (user_id, seq)
        GROUP BY user_id, seq, ledger.user_id, ledger.seq
        HAVING count(*) <> 1 OR ledger.seq IS NULL OR count(told.*) <> 1
        """,
    ),
    Invariant(
        "2: each reward of besitos was paid once, and nothing else was earned",
        """
        SELECT user_id, cause, paid.reference FROM rewards_given
        FULL JOIN (SELECT user_id, reference AS cause, reference, amount FROM besitos_ledger WHERE amount > 0) AS paid
            USING (user_id, cause)
        WHERE (reward IS NULL OR reward ? 'besitos')
        GROUP BY user_id, cause, paid.reference, reward
        HAVING count(*) <> 1 OR paid.reference IS NULL OR reward IS NULL
            OR sum(amount) <> (reward->>'besitos')::bigint
        """,
    ),
    Invariant(
        "2: each level reached was rewarded",
        """
        SELECT event.user_id, event_data->>'level' FROM event_logs AS event
        LEFT JOIN rewards_given AS given
            ON given.user_id = event.user_id AND cause = 'level:' || (event_data->>'level')
        WHERE event_type = 'gamification.level_reached'
        GROUP BY event.user_id, event_data->>'level' HAVING count(*) <> 1 OR count(cause) <> 1
        """,
    ),
    Invariant(
        "a decision is taken once per visit, and each was announced and done once",
        """
        SELECT user_id, visit FROM user_decisions AS taken
        FULL JOIN (SELECT user_id, (event_data->>'visit')::bigint AS visit
                   FROM event_logs WHERE event_type = 'narrative.decision_taken') AS told USING (user_id, visit)
        GROUP BY user_id, visit HAVING count(*) <> 1 OR count(taken.decision_id) <> 1
        """,
    ),
    Invariant(
        "what was answered with a step is a step",
        """
        SELECT done.number, closed.number, taken.number
        FROM (SELECT count(*) AS number FROM event_logs WHERE event_type = 'coordinator.decision_taken') AS closed,
             (SELECT count(*) AS number FROM user_decisions) AS taken,
             (SELECT count(*) AS number FROM operations
              WHERE (name IN ('TOMAR_DECISION', 'PROBAR_PASO') AND outcome ? 'done')
                 OR (name = 'RESPONDER_RETO' AND outcome #> '{done,step}' <> 'null')) AS done
        WHERE closed.number <> taken.number OR done.number > taken.number
        """,
    ),
    Invariant(
        "a reader's visits are counted without holes",
        """
        SELECT user_id, visit, told.number FROM user_story_state
        LEFT JOIN (SELECT user_id, count(*) AS number, max((event_data->>'visit')::bigint) AS last
                   FROM event_logs WHERE event_type = 'narrative.fragment_visited'
                   GROUP BY user_id) AS told USING (user_id)
        WHERE visit <> coalesce(told.number, 0) OR visit <> coalesce(told.last, 0)
        """,
    ),
    Invariant(
        "5: a fragment counts what its readers' progress says, also of those who are forgotten",
        """
        SELECT key FROM narrative_fragments AS fragment
        LEFT JOIN (SELECT fragment_id, sum(visits) AS views, count(*) FILTER (WHERE visits > 0) AS readers,
                          count(*) FILTER (WHERE status = 'completed') AS completed, sum(time_spent) AS seconds
                   FROM user_narrative_progress GROUP BY fragment_id) AS progress ON progress.fragment_id = id
        LEFT JOIN (SELECT current_fragment_id, count(*) AS standing
                   FROM user_story_state WHERE visit > 0 GROUP BY current_fragment_id) AS place
            ON current_fragment_id = id
        WHERE (view_count, reader_count, completed_count, left_count, seconds_read)
              IS DISTINCT FROM (coalesce(views, 0), coalesce(readers, 0), coalesce(completed, 0),
                                coalesce(views, 0) - coalesce(standing, 0), coalesce(seconds, 0))
        """,
    ),
    Invariant(
        "5, 7: a fragment's counters are what the log adds up to",
        """
        SELECT key FROM narrative_fragments
        FULL JOIN (SELECT event_data->>'fragment' AS key,
                          count(*) FILTER (WHERE event_type = 'narrative.fragment_visited') AS views,
                          count(*) FILTER (WHERE event_type = 'narrative.fragment_completed') AS completed
                   FROM event_logs
                   WHERE event_type IN ('narrative.fragment_visited', 'narrative.fragment_completed')
                   GROUP BY 1) AS told USING (key)
        WHERE (view_count, completed_count) IS DISTINCT FROM (coalesce(views, 0), coalesce(completed, 0))
        """,
    ),
    Invariant(
        "what was completed was announced once",
        """
        SELECT user_id, key FROM (
            SELECT user_id, key FROM user_narrative_progress AS progress
            JOIN narrative_fragments ON id = fragment_id WHERE progress.status = 'completed') AS done
        FULL JOIN (SELECT user_id, event_data->>'fragment' AS key
                   FROM event_logs WHERE event_type = 'narrative.fragment_completed') AS told USING (user_id, key)
        GROUP BY user_id, key HAVING count(*) <> 1 OR count(done.*) <> 1 OR count(told.*) <> 1
        """,
    ),
    Invariant(
        "experience is what the facts and the rewards are worth",
        f"SELECT user_id, xp, points FROM user_levels FULL JOIN ({_XP}) AS worth USING (user_id) "  # noqa: S608 - ours
        "WHERE xp IS DISTINCT FROM points",
    ),
    Invariant(
        "3: what somebody has is the sum of what moved, and never two of what is unique",
        """
        SELECT user_id, item_id FROM user_items
        FULL JOIN (SELECT user_id, item_id, sum(amount) AS moved FROM item_movements GROUP BY user_id, item_id) AS sums
            USING (user_id, item_id)
        LEFT JOIN items ON items.id = item_id
        WHERE quantity IS DISTINCT FROM moved OR (is_unique AND quantity > 1)
        """,
    ),
    Invariant(
        "each hint, item and unlock was announced once for whom it came to",
        """
        SELECT user_id, key FROM (SELECT user_id, key FROM user_hints JOIN hints ON id = hint_id) AS has
        FULL JOIN (SELECT user_id, event_data->>'hint' AS key
                   FROM event_logs WHERE event_type = 'narrative.hint_unlocked') AS told USING (user_id, key)
        GROUP BY user_id, key HAVING count(*) <> 1 OR count(has.*) <> 1 OR count(told.*) <> 1
        """,
    ),
    Invariant(
        "the club was tried once by each who tried it",
        """
        SELECT users.id FROM users
        LEFT JOIN event_logs AS event ON event.user_id = users.id AND event_type = 'admin.subscription_started'
            AND (event_data->>'trial')::boolean
        GROUP BY users.id, vip_trial_used HAVING count(event.seq) <> vip_trial_used::int
        """,
    ),
    Invariant(
        "versions of the world are numbered 1..n, each announced once",
        """
        SELECT version FROM content_versions
        FULL JOIN (SELECT (event_data->>'content_version')::int AS version
                   FROM event_logs WHERE event_type = 'admin.content_published') AS told USING (version)
        GROUP BY version HAVING count(*) <> 1 OR version > (SELECT count(*) FROM content_versions)
        """,
    ),
    Invariant(
        "nobody hears the same words of Lucien for the same cause twice",
        "SELECT user_id, template, cause FROM lucien_messages GROUP BY 1, 2, 3 HAVING count(*) > 1",
    ),
)
