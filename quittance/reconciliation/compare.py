"""Compares the three books by day: ours with each gateway's, and ours with each ERP's.

The gateways' side is our mirror of their books, the ERPs' side is what was read back there after
posting. An entry in an ERP with a number of ours that we do not know is not found: no ERP port
lists entries by the beginning of their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from quittance.core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayDay:
    """One day of one gateway account in one currency. Days are UTC, by the gateway's clock."""

    day: date
    gateway: str
    came_here: Money  # captured, surplus, and what is kept apart with a payment
    came_there: Money  # charges
    went_here: Money  # refunds, returns, disputes, less what came again
    went_there: Money
    fees: Money
    paid_out: Money

    @property
    def difference(self) -> Money:
        """How much more the gateway's books say is ours; zero when they agree."""
        return (self.came_there - self.came_here) - (self.went_there - self.went_here)

    @property
    def agrees(self) -> bool:
        """Whether both books say the same of this day."""
        return not self.difference.minor

    @property
    def sentence(self) -> str:
        """The comparison in words, and why it may differ."""
        words = {
            "day": self.day.isoformat(), "name": self.gateway, "here": self.came_here,
            "there": self.came_there, "back_here": self.went_here, "back_there": self.went_there,
        }  # fmt: skip
        text = _(
            "%(day)s %(name)s: %(here)s came and %(back_here)s went back; its books say %(there)s"
            " and %(back_there)s."
        )
        if self.difference.minor > 0:
            text += " " + _(
                "Something came, or did not go back, that we do not know: see the findings of"
                " unknown money; the gateway is asked again by itself."
            )
        elif self.difference.minor < 0:
            text += " " + _(
                "Something went back, or never came, that we do not know: it is taken over from"
                " its books by itself; if it stays, look at the payments of the day."
            )
        return text % words


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpDay:
    """One posting date of one legal entity in one currency."""

    day: date
    legal_entity: str
    captured: Money  # what our ledger says came for it
    posted: Money  # read back from the ERP, or booked there by a person
    under_way: Money
    waiting: Money  # for a person: refused, or to be booked by hand
    gone: Money  # was posted, and is not in the ERP any more
    went_back: Money  # what our ledger says went back of it, less disputes that were won
    taken_back: Money  # given back in the ERP, too
    back_under_way: Money
    back_waiting: Money

    @property
    def difference(self) -> Money:
        """What came and is neither posted nor on its way nor waiting for a person."""
        return self.captured - self.posted - self.under_way - self.waiting + self.gone

    @property
    def difference_back(self) -> Money:
        """What went back and is neither given back in the ERP nor on its way nor waiting."""
        return self.went_back - self.taken_back - self.back_under_way - self.back_waiting

    @property
    def agrees(self) -> bool:
        """Whether what came and what went back both add up."""
        return not self.difference.minor and not self.difference_back.minor

    @property
    def sentence(self) -> str:
        """The comparison in words, and why it may differ."""
        words = {
            "day": self.day.isoformat(), "name": self.legal_entity, "captured": self.captured,
            "posted": self.posted, "under_way": self.under_way, "waiting": self.waiting,
            "gone": self.gone, "went_back": self.went_back, "taken_back": self.taken_back,
            "back_under_way": self.back_under_way, "back_waiting": self.back_waiting,
        }  # fmt: skip
        text = _(
            "%(day)s %(name)s: %(captured)s came, %(posted)s is posted, %(under_way)s on its way,"
            " %(waiting)s waits for a person."
        )
        if self._moved_back:
            text += " " + _(
                "%(went_back)s went back, %(taken_back)s of it is given back in the ERP,"
                " %(back_under_way)s on its way, %(back_waiting)s waits for a person."
            )
        if self.gone.minor:
            text += " " + _(
                "%(gone)s of what was posted is not in the ERP any more: somebody took it back"
                " there. See the remarks; nothing is posted again by itself."
            )
        elif self.difference.minor:
            text += " " + _("That does not add up: see the findings of these payments.")
        if self.difference_back.minor:
            text += " " + _(
                "What went back does not add up: see the findings of these refunds, returns and"
                " disputes, and give back in the ERP what went back, no more and no less."
            )
        return text % words

    @property
    def _moved_back(self) -> bool:
        return any(
            each.minor
            for each in (self.went_back, self.taken_back, self.back_under_way, self.back_waiting)
        )


def days_of_gateways(since: date) -> Sequence[GatewayDay]:
    """Return what each gateway account's days look like from both sides, in a transaction."""
    return [
        GatewayDay(
            day=day, gateway=name, came_here=Money(int(here), currency),
            came_there=Money(int(there), currency), went_here=Money(int(back_here), currency),
            went_there=Money(int(back_there), currency), fees=Money(int(fees), currency),
            paid_out=Money(int(paid_out), currency),
        )
        for day, name, currency, here, there, back_here, back_there, fees, paid_out in _rows(
            _GATEWAYS, since
        )
    ]  # fmt: skip


def days_of_erps(since: date) -> Sequence[ErpDay]:
    """Return what each legal entity's posting dates look like from both sides, in a transaction."""
    return [
        ErpDay(
            day=day, legal_entity=name,
            **{word: Money(int(sum_), currency) for word, sum_ in zip(_SUMS, sums, strict=True)},
        )
        for day, name, currency, *sums in _rows(_ERPS, since)
    ]  # fmt: skip


def _rows(query: str, since: date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"since": since})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


# What belongs together has one day: the gateway's, where it has an entry.
_GATEWAYS: Final = """
WITH charges AS (
    SELECT gateway_account_id, gateway_object, min(happened_at) AS at, currency,
        sum(gross_minor) AS minor
    FROM reconciliation_gatewaymovement WHERE kind = 'charge'
    GROUP BY gateway_account_id, gateway_object, currency
), captures AS (
    SELECT g.gateway_account_id, g.gateway_object AS object,
        coalesce(p.succeeded_at, p.ended_at, g.sent_at) AS at, g.currency, g.amount_minor AS minor
    FROM payments_gatewayattempt g
    JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
    WHERE g.status = 'succeeded' OR (g.status = 'surplus' AND g.came_minor IS NULL)
    UNION ALL  -- surplus, and what is kept apart
    SELECT g.gateway_account_id, g.came_object, coalesce(p.succeeded_at, p.ended_at, g.sent_at),
        g.came_currency, g.came_minor
    FROM payments_gatewayattempt g
    JOIN payments_payment p ON p.organization_id = g.organization_id AND p.id = g.payment_id
    WHERE g.came_minor IS NOT NULL
), backs AS (
    SELECT m.gateway_account_id, m.gateway_object, m.currency, min(m.happened_at) AS at,
        -sum(m.gross_minor) AS minor
    FROM reconciliation_gatewaymovement m
    WHERE m.kind IN ('refund', 'refund_failed', 'return', 'dispute', 'dispute_won')
    GROUP BY m.gateway_account_id, m.gateway_object, m.currency
), reversals AS (
    SELECT g.gateway_account_id, g.gateway_object, r.currency,
        min(coalesce(r.succeeded_at, r.created_at)) AS at,
        sum(CASE WHEN r.kind = 'dispute_won' THEN -r.amount_minor ELSE r.amount_minor END) AS minor
    FROM payments_reversal r
    JOIN payments_gatewayattempt g ON g.organization_id = r.organization_id
        AND g.id = r.attempt_id
    WHERE r.status IN ('succeeded', 'pending')
    GROUP BY g.gateway_account_id, g.gateway_object, r.currency
), lines AS (
    SELECT coalesce(t.gateway_account_id, o.gateway_account_id) AS gateway_account_id,
        coalesce(t.currency, o.currency) AS currency, coalesce(t.at, o.at) AS at,
        coalesce(o.minor, 0) AS here, coalesce(t.minor, 0) AS there, 0 AS back_here,
        0 AS back_there, 0 AS fees, 0 AS paid_out
    FROM charges t FULL JOIN captures o ON o.gateway_account_id = t.gateway_account_id
        AND o.object = t.gateway_object AND o.currency = t.currency
    UNION ALL
    SELECT coalesce(t.gateway_account_id, o.gateway_account_id),
        coalesce(t.currency, o.currency), coalesce(t.at, o.at), 0, 0, coalesce(o.minor, 0),
        coalesce(t.minor, 0), 0, 0
    FROM backs t FULL JOIN reversals o ON o.gateway_account_id = t.gateway_account_id
        AND o.gateway_object = t.gateway_object AND o.currency = t.currency
    UNION ALL
    SELECT gateway_account_id, currency, happened_at, 0, 0, 0, 0, fee_minor,
        CASE WHEN kind = 'payout' THEN -gross_minor ELSE 0 END
    FROM reconciliation_gatewaymovement WHERE kind = 'payout' OR fee_minor <> 0
)
SELECT (l.at AT TIME ZONE 'UTC')::date AS day, g.name, l.currency, sum(here), sum(there),
    sum(back_here), sum(back_there), sum(fees), sum(paid_out)
FROM lines l JOIN connections_gatewayaccount g ON g.id = l.gateway_account_id
WHERE l.at >= %(since)s
GROUP BY 1, g.id, g.name, l.currency ORDER BY 1, g.name, l.currency
"""
_SUMS: Final = (
    "captured", "posted", "under_way", "waiting", "gone",
    "went_back", "taken_back", "back_under_way", "back_waiting",
)  # fmt: skip
# Ours is the ledger's word on what came for the legal entity and what went back, not the postings'
# own. While a dispute is open the ledger has its money in one account, whosever it is: of that the
# payer's fee is none of the ERP's business, and another legal entity's part is what its ERP is
# told. Of a refund that came back nothing is left to be told; who closed its posting told nothing.
_ERPS: Final = """
WITH standing AS (
    SELECT source_kind, source_id, legal_entity_id, currency, min(posting_date) AS day,
        sum(amount_minor) AS told,
        sum(amount_minor) FILTER (WHERE status = 'confirmed') AS confirmed,
        sum(amount_minor) FILTER (WHERE status = 'handled') AS handled,
        sum(amount_minor) FILTER (
            WHERE status IN ('queued', 'sending', 'unknown', 'drafted', 'posted')) AS under_way,
        sum(amount_minor) FILTER (WHERE status IN ('rejected', 'by_hand')) AS waiting,
        sum(amount_minor) FILTER (WHERE vanished_at IS NOT NULL) AS gone
    FROM posting_erpposting
    WHERE source_kind IN ('payment', 'reversal') AND status <> 'replaced'
        AND posting_date >= %(since)s
    GROUP BY source_kind, source_id, legal_entity_id, currency
), came AS (
    SELECT s.day, s.legal_entity_id, s.currency, coalesce(l.minor, 0) AS captured,
        coalesce(s.confirmed, 0) + coalesce(s.handled, 0) AS posted,
        coalesce(s.under_way, 0) AS under_way, coalesce(s.waiting, 0) AS waiting,
        coalesce(s.gone, 0) AS gone
    FROM standing s
    LEFT JOIN LATERAL (
        SELECT -sum(n.amount_minor) AS minor
        FROM ledger_ledgertransaction t
        JOIN ledger_ledgerentry n ON n.organization_id = t.organization_id
            AND n.transaction_id = t.id AND n.account = 'unposted:' || s.legal_entity_id
            AND n.currency = s.currency
        WHERE t.key = 'captured:' || s.source_id
    ) l ON true
    WHERE s.source_kind = 'payment'
), back AS (
    SELECT s.*, r.fee_minor, CASE WHEN r.kind = 'dispute_won' THEN -1 ELSE 1 END AS sign,
        sum(s.told) OVER (PARTITION BY s.source_id, s.currency) - s.told AS others
    FROM standing s JOIN payments_reversal r ON r.id = s.source_id
    WHERE s.source_kind = 'reversal'
), went AS (
    SELECT b.day, b.legal_entity_id, b.currency, coalesce(l.own, 0)
            + CASE WHEN coalesce(l.disputed, 0) = 0 THEN 0
                ELSE l.disputed - b.sign * (b.fee_minor + b.others) END AS went_back,
        b.sign * (coalesce(b.confirmed, 0)
            + CASE WHEN l.undone THEN 0 ELSE coalesce(b.handled, 0) END) AS taken_back,
        CASE WHEN l.undone THEN 0 ELSE b.sign * coalesce(b.under_way, 0) END AS under_way,
        CASE WHEN l.undone THEN 0 ELSE b.sign * coalesce(b.waiting, 0) END AS waiting
    FROM back b
    LEFT JOIN LATERAL (
        SELECT sum(n.amount_minor) FILTER (
                WHERE n.account = 'unposted_reversals:' || b.legal_entity_id) AS own,
            sum(n.amount_minor) FILTER (WHERE n.account LIKE 'disputed:%%') AS disputed,
            coalesce(bool_or(t.key = 'unreversed:' || b.source_id), false) AS undone
        FROM ledger_ledgertransaction t
        JOIN ledger_ledgerentry n ON n.organization_id = t.organization_id
            AND n.transaction_id = t.id AND n.currency = b.currency
        WHERE t.key IN ('reversed:' || b.source_id, 'unreversed:' || b.source_id,
            'given_back:' || b.source_id)
    ) l ON true
), days AS (
    SELECT day, legal_entity_id, currency, captured, posted, under_way, waiting, gone,
        0 AS went_back, 0 AS taken_back, 0 AS back_under_way, 0 AS back_waiting
    FROM came
    UNION ALL
    SELECT day, legal_entity_id, currency, 0, 0, 0, 0, 0, went_back, taken_back, under_way, waiting
    FROM went
)
SELECT d.day, e.name, d.currency, sum(captured), sum(posted), sum(under_way), sum(waiting),
    sum(gone), sum(went_back), sum(taken_back), sum(back_under_way), sum(back_waiting)
FROM days d JOIN tenancy_legalentity e ON e.id = d.legal_entity_id
GROUP BY d.day, e.id, e.name, d.currency ORDER BY d.day, e.name, d.currency
"""
