"""Every figure that we tell: what it counts, how it is read, and how organizations add up.

A figure's SELECT returns its labels as an array of text and its value. Labels are words of ours or
ids of connections: nothing in them names a customer or a person, and none grows with the payments.
"""
# ruff: noqa: S608 - all of it is our own words; nothing of anybody is put in

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric. ``zeros`` are the labels that it always has, with 0 where there is nothing."""

    name: str
    told: str
    sql: str
    labels: tuple[str, ...] = ()
    zeros: Sequence[tuple[str, ...]] = ()
    largest: bool = False  # of organizations the largest counts; else their sum


_KINDS: Final = (("payment",), ("refund",), ("posting",))
_AGE: Final = "extract(epoch FROM now() - min({since}))"
_DOUBT: Final = """
    SELECT 'payment' AS kind, coalesce(sent_at, created_at) AS since FROM payments_gatewayattempt
    WHERE status IN ('sent', 'unknown')
    UNION ALL SELECT 'refund', coalesce(sent_at, created_at) FROM payments_reversal
    WHERE status IN ('sent', 'unknown')
    UNION ALL SELECT 'posting', coalesce(last_sent_at, created_at) FROM posting_erpposting
    WHERE status IN ('sending', 'unknown')
"""
_LATELY: Final = """
    SELECT p.status, coalesce(g.kind, 'none') AS gateway, coalesce(nullif(p.reason, ''), 'none')
        AS reason
    FROM payments_payment p LEFT JOIN connections_gatewayaccount g
        ON g.organization_id = p.organization_id AND g.id = p.gateway_account_id
    WHERE p.created_at > now() - interval '1 hour'
"""
_EVENTS: Final = """
    SELECT ARRAY[what], count(*) FROM audit_auditevent
    WHERE what IN ({words}) AND happened_at > now() - interval '1 hour' GROUP BY what
"""
_CURSORS: Final = """
    receivables_synccursor s JOIN connections_erpconnection c
    ON c.organization_id = s.organization_id AND c.legal_entity_id = s.legal_entity_id
    WHERE c.is_active
"""
SIGNED_IN: Final = ("signed in", "second factor refused", "passkey refused")

# Of each organization, read with all its rows in sight: as jobs and `check money` see them.
OF_ORGANIZATIONS: Final = (
    Figure(
        "quittance_payments_under_way", "Payments whose outcome is not known yet, by status.",
        "SELECT ARRAY[status], count(*) FROM payments_payment"
        " WHERE status IN ('created', 'in_flight') GROUP BY status",
        ("status",), (("created",), ("in_flight",)),
    ),
    Figure(
        "quittance_payments_last_hour", "Payments begun within the last hour, by their status now.",
        f"SELECT ARRAY[status, gateway], count(*) FROM ({_LATELY}) p GROUP BY status, gateway",
        ("status", "gateway"),
    ),
    Figure(
        "quittance_payments_refused_last_hour",
        "Payments begun within the last hour that failed, by why.",
        f"SELECT ARRAY[reason, gateway], count(*) FROM ({_LATELY}) p WHERE status = 'failed'"
        " GROUP BY reason, gateway",
        ("reason", "gateway"),
    ),
    Figure(
        "quittance_in_doubt", "What was asked of a gateway or an ERP and has no answer yet.",
        f"SELECT ARRAY[kind], count(*) FROM ({_DOUBT}) d GROUP BY kind", ("kind",), _KINDS,
    ),
    Figure(
        "quittance_in_doubt_oldest_seconds", "How long the oldest of them has had no answer.",
        f"SELECT ARRAY[kind], {_AGE.format(since='since')} FROM ({_DOUBT}) d GROUP BY kind",
        ("kind",), _KINDS, largest=True,
    ),
    Figure(
        "quittance_postings", "Postings that are not confirmed by the ERP yet, by status.",
        "SELECT ARRAY[status], count(*) FROM posting_erpposting WHERE status IN ('queued',"
        " 'sending', 'unknown', 'drafted', 'posted', 'rejected', 'by_hand') GROUP BY status",
        ("status",), (("queued",), ("rejected",)),
    ),
    Figure(
        "quittance_posting_oldest_seconds", "How long the oldest posting waits to be confirmed.",
        f"SELECT ARRAY[]::text[], {_AGE.format(since='created_at')} FROM posting_erpposting"
        " WHERE status IN ('queued', 'sending', 'unknown', 'drafted', 'posted')",
        (), ((),), largest=True,
    ),
    Figure(
        "quittance_sync_lag_seconds",
        "How old the mirror of an ERP connection is; +Inf: it was never read.",
        "SELECT ARRAY[c.id::text, s.stream],"
        " coalesce(extract(epoch FROM now() - s.succeeded_at), 'Infinity')"
        f" FROM {_CURSORS} AND s.stream <> 'open_invoices'",
        ("connection", "stream"),
    ),
    Figure(
        "quittance_sync_failing", "1 where the last try to read an ERP connection failed.",
        "SELECT ARRAY[c.id::text], max((s.failure <> '')::int)"
        f" FROM {_CURSORS} GROUP BY c.id",
        ("connection",),
    ),
    Figure(
        "quittance_money_check_age_seconds",
        "How long ago all rules about money were looked at last; +Inf: never.",
        "SELECT ARRAY[]::text[], coalesce((SELECT extract(epoch FROM now() - looked_at)"
        " FROM reconciliation_look), 'Infinity')",
        (), (), largest=True,
    ),
    Figure(
        "quittance_money_check_unanswered", "Rules about money that gave no answer when looked at.",
        "SELECT ARRAY[]::text[], unanswered FROM reconciliation_look", (), ((),),
    ),
    Figure(
        "quittance_money_findings", "Open findings about money, by the rule that they break.",
        "SELECT ARRAY[kind], count(*) FROM reconciliation_finding WHERE status = 'open'"
        " GROUP BY kind",
        ("rule",),
    ),
    Figure(
        "quittance_mails_waiting_oldest_seconds", "How long the oldest due mail was not sent.",
        f"SELECT ARRAY[]::text[], {_AGE.format(since='next_at')} FROM notifications_message"
        " WHERE sent_at IS NULL AND next_at <= now()",
        (), ((),), largest=True,
    ),
    Figure(
        "quittance_sign_ins_last_hour",
        "Sign-ins of the last hour, and second factors and passkeys that were refused.",
        _EVENTS.format(words=", ".join(f"'{each}'" for each in SIGNED_IN)),
        ("outcome",), tuple((each,) for each in SIGNED_IN),
    ),
)  # fmt: skip

_READY: Final = "status = 'todo' AND coalesce(scheduled_at, '-infinity') <= now()"
# Of the whole house: the queue has no walls.
OF_THE_HOUSE: Final = (
    Figure(
        "quittance_workers", "Workers whose heart has beaten within 30 seconds.",
        "SELECT ARRAY[]::text[], count(*) FROM procrastinate_workers"
        " WHERE last_heartbeat > now() - interval '30 seconds'",
    ),
    Figure(
        "quittance_worker_beat_age_seconds", "How long ago a worker's heart beat last.",
        "SELECT ARRAY[]::text[], extract(epoch FROM now() - max(last_heartbeat))"
        " FROM procrastinate_workers",
    ),
    Figure(
        "quittance_jobs", "Jobs by queue: ready to run, running, or failed and not looked at.",
        f"SELECT ARRAY[queue_name, 'ready'], count(*) FROM procrastinate_jobs WHERE {_READY}"
        " GROUP BY queue_name UNION ALL SELECT ARRAY[queue_name, CASE status WHEN 'doing' THEN"
        " 'running' ELSE 'failed' END], count(*) FROM procrastinate_jobs"
        " WHERE status IN ('doing', 'failed') GROUP BY queue_name, status",
        ("queue", "state"),
    ),
    Figure(
        "quittance_job_oldest_seconds", "How long the oldest ready job of a queue has waited.",
        f"""SELECT ARRAY[queue_name], {_AGE.format(since='since')} FROM (
            SELECT queue_name, min(scheduled_at) AS since FROM procrastinate_jobs
            WHERE {_READY} AND scheduled_at IS NOT NULL GROUP BY queue_name
            UNION ALL SELECT queue_name, (SELECT min(at) FROM procrastinate_events e
                WHERE e.job_id = first AND e.type = 'deferred')
            FROM (SELECT queue_name, min(id) AS first FROM procrastinate_jobs
                  WHERE status = 'todo' AND scheduled_at IS NULL GROUP BY queue_name) o
        ) waits GROUP BY queue_name""",
        ("queue",),
    ),
)  # fmt: skip
EVERY: Final = (*OF_ORGANIZATIONS, *OF_THE_HOUSE)
