"""Says in words how a connection is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quittance.connections.capabilities import capabilities_of
from quittance.connections.change import Connection, label_of
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.core import clock
from quittance.core.errors import Misconfigured
from quittance.erp.connecting import Capability
from quittance.posting.models import PostingGate
from quittance.receivables.state import Progress, SyncState
from quittance.ui.days import age


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state in a word, with icon and tone."""

    word: str
    icon: str
    tone: str
    loud: bool = False


def erp_card(
    row: ErpConnection, sync: SyncState, gate: PostingGate | None, rules: int
) -> dict[str, Any]:
    """Return what the page shows of one ERP connection."""
    found = capabilities_of(row)
    return {
        "id": row.legal_entity_id,
        "title": f"{_label(row)}, {row.legal_entity.name}",
        "state": _erp_state(row, sync, gate),
        "failure": row.test_failure or sync.failure,
        "failed_at": row.tested_at if row.test_failure else sync.failed_at,
        "read": age(sync.succeeded_at, clock.now()) if sync.succeeded_at else "",
        "tested": age(row.tested_at, clock.now()) if row.tested_at else "",
        "customers": sync.customers,
        "invoices": sum(number for word, number in sync.invoices.items() if word != "gone"),
        "progress": progress(sync.under_way) if sync.under_way else None,
        "can": [each for each in found if each.can],
        "cannot": missing(found),
        "looked": bool(found),
        "stopped": gate.stopped_because if gate and gate.stopped_at else "",
        "rules": rules,
        "hints": _hints(sync),
    }


def gateway_card(row: GatewayAccount) -> dict[str, Any]:
    """Return what the page shows of one gateway account."""
    return {
        "id": row.pk,
        "title": row.name,
        "kind": _label(row),
        "state": _gateway_state(row),
        "failure": row.test_failure,
        "tested": age(row.tested_at, clock.now()) if row.tested_at else "",
        "shut_until": row.shut_until if _is_shut(row.shut_until) else None,
    }


def missing(found: Sequence[Capability]) -> list[Capability]:
    """Return what the connection cannot do."""
    return [each for each in found if not each.can]


def progress(under_way: Progress) -> dict[str, Any]:
    """Return a long reading in words and as a bar of 100 parts."""
    expected = under_way.expected or 0
    words = ngettext("%(n)s invoice", "%(n)s invoices", under_way.records)
    so_far = words % {"n": f"{under_way.records:,}"}
    if expected:
        so_far = _("%(n)s of about %(all)s invoices") % {
            "n": f"{under_way.records:,}", "all": f"{expected:,}",
        }  # fmt: skip
    going = [_("%(n)s a second") % {"n": f"{under_way.rate:,.0f}"}] if under_way.rate else []
    going += [_minutes(under_way.rest_seconds)] if under_way.rest_seconds else []
    return {
        "what": _("First reading") if under_way.what == "first_run" else _("Full comparison"),
        "words": so_far,
        "rest": _("It stands still; the next run goes on with it")
        if under_way.broken_off
        else ", ".join(going),
        "share": min(100, under_way.records * 100 // expected) if expected else None,
        "expected": expected,
        "records": under_way.records,
    }


def _erp_state(row: ErpConnection, sync: SyncState, gate: PostingGate | None) -> State:
    if not row.is_active:
        return State(word=_("Switched off"), icon="player-pause", tone="quiet")
    if row.test_failure or sync.failure:
        return State(word=_("Does not work"), icon="circle-x", tone="bad", loud=True)
    if gate and gate.stopped_at:
        word = _("Posting is paused")
        return State(word=word, icon="player-pause", tone="warn", loud=True)
    if sync.under_way:
        return State(word=_("Reading"), icon="progress", tone="info")
    if sync.succeeded_at is None and row.tested_at is None:
        return State(word=_("Not tested yet"), icon="clock", tone="quiet")
    return State(word=_("Healthy"), icon="circle-check", tone="good")


def _gateway_state(row: GatewayAccount) -> State:
    if not row.is_active:
        return State(word=_("Switched off"), icon="player-pause", tone="quiet")
    if row.test_failure or _is_shut(row.shut_until):
        return State(word=_("Does not work"), icon="circle-x", tone="bad", loud=True)
    if row.refusals:
        return State(word=_("Refused our key"), icon="alert-triangle", tone="warn", loud=True)
    return State(word=_("Healthy"), icon="circle-check", tone="good")


def _is_shut(until: datetime | None) -> bool:
    return until is not None and until > clock.now()


def _hints(sync: SyncState) -> str:
    """Whether the ERP tells us of changes, and until when it has promised to."""
    now = clock.now()
    alive = [each for each in sync.hints if each.expires_at > now]
    if not alive:
        return _("None: we look every minute")
    names = ", ".join(each.resource for each in alive)
    return _("Of %(names)s") % {"names": names}


def _label(row: Connection) -> str:
    try:
        return label_of(row)
    except Misconfigured:  # its package was taken away
        return row.kind


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return ngettext(
        "about %(n)s minute left", "about %(n)s minutes left", minutes
    ) % {"n": f"{minutes:,}"}  # fmt: skip
