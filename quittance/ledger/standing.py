"""Reads the balances of all accounts as they were at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

Balances = dict[tuple[str, str], int]  # by account and currency: debits less credits


def balances_before(moment: datetime | None) -> Balances:
    """Return every account's balance of what was recorded before ``moment``, in a transaction.

    ``None``: of all there is. A balance of zero is in it, an account without entries is not.
    """
    return {
        (account, currency): int(minor)
        for account, currency, minor in _rows(_ALL if moment is None else _BEFORE, moment)
    }


def gone_back_before(moment: datetime | None) -> Balances:
    """Return what has left each gateway's account for good, in a transaction of the caller.

    No account holds it, so it is summed up from the movements, by their keys and what they touch.
    ``refunded``: refunds and returns, less those that came back; ``surplus_returned``: what had
    come too much; ``lost``: in disputes, less those that were won after all. Each is named like an
    account of its gateway account: ``refunded:<id>``. What a dispute holds that is not decided is
    in the account ``disputed``.
    """
    return {
        (f"{what}:{account.removeprefix(_CLEARING)}", currency): int(minor)
        for account, currency, what, minor in _rows(_GONE, moment)
    }


def _rows(query: str, moment: datetime | None) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"moment": moment})
        found: list[tuple[str, ...]] = cursor.fetchall()
    return found


_CLEARING: Final = "gateway:"
_ALL: Final = """
SELECT account, currency, sum(amount_minor) FROM ledger_ledgerentry GROUP BY account, currency
"""
_BEFORE: Final = """
SELECT n.account, n.currency, sum(n.amount_minor)
FROM ledger_ledgertransaction t
JOIN ledger_ledgerentry n ON n.organization_id = t.organization_id AND n.transaction_id = t.id
WHERE t.recorded_at < %(moment)s
GROUP BY n.account, n.currency
"""
# A dispute moves between ``gateway`` and ``disputed``, and is gone with "lost:". What comes to
# ``gateway`` by "reversed:" and not from there is a dispute that was booked as lost, and won.
_GONE: Final = """
WITH moved AS (
    SELECT t.organization_id, t.id, n.currency, split_part(t.key, ':', 1) AS word,
        max(n.account) FILTER (WHERE n.account LIKE 'gateway:%%') AS clearing,
        sum(n.amount_minor) FILTER (WHERE n.account LIKE 'gateway:%%') AS cleared,
        max(n.account) FILTER (WHERE n.account LIKE 'disputed:%%') AS dispute,
        sum(n.amount_minor) FILTER (WHERE n.account LIKE 'disputed:%%') AS disputed,
        coalesce(bool_or(n.account LIKE 'surplus:%%'), false) AS surplus
    FROM ledger_ledgertransaction t
    JOIN ledger_ledgerentry n ON n.organization_id = t.organization_id AND n.transaction_id = t.id
    WHERE split_part(t.key, ':', 1) IN ('reversed', 'unreversed', 'given_back', 'lost')
        AND (%(moment)s::timestamptz IS NULL OR t.recorded_at < %(moment)s)
    GROUP BY t.organization_id, t.id, n.currency
), gone AS (
    SELECT 'gateway:' || split_part(dispute, ':', 2) AS account, currency, 'lost' AS what,
        -disputed AS minor
    FROM moved WHERE word = 'lost'
    UNION ALL
    SELECT clearing, currency,
        CASE WHEN surplus THEN 'surplus_returned'
            WHEN word = 'reversed' AND cleared > 0 THEN 'lost'
            ELSE 'refunded' END,
        -cleared
    FROM moved WHERE word <> 'lost' AND dispute IS NULL AND clearing IS NOT NULL
)
SELECT account, currency, what, sum(minor) FROM gone GROUP BY account, currency, what
"""
