"""The page that says whether the books agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.books.records import (
    Look,
    Reading,
    holdings,
    last_look,
    payouts,
    readings,
    since,
)
from quittance.core import clock
from quittance.identity.permissions import Permission
from quittance.reconciliation.compare import days_of_erps, days_of_gateways
from quittance.reconciliation.models import Payout
from quittance.reconciliation.standing import end_of, standing
from quittance.tenancy.rows import reading
from quittance.ui.days import age
from quittance.ui.pages import page

_SPANS: Final[Mapping[str, int]] = {"7": 7, "30": 30, "90": 90}
_LATE: Final = timedelta(minutes=15)  # they are read every minute
_STATES: Final = {
    "in_transit": (noop("On its way"), "progress", "info"),
    "paid": (noop("Paid"), "circle-check", "good"),
    "failed": (noop("Failed"), "circle-x", "bad"),
}


@require_GET
@for_staff(Permission.SEE_BOOKS)
def books(request: StaffRequest) -> HttpResponse:
    """What the gateways owe us by both books, every day from both sides, and the payouts."""
    span = request.GET.get("days", "")
    span, at = span if span in _SPANS else "7", _at(request.GET.get("at", ""))
    first = since(clock.today(request.zone), _SPANS[span])
    with reading():
        held, look, read = holdings(), last_look(), readings()
        gateway_days, erp_days = days_of_gateways(first), days_of_erps(first)
        paid_out, stands = payouts(), standing(end_of(at.isoformat()) if at else None)
    amounts = [*stands.sums, *(each.amount for each in paid_out), *(each.ours for each in held)]
    return page(
        request, "backoffice/books/books.html", nav="books", holdings=held, look=_look(look),
        gateway_days=gateway_days[::-1], erp_days=erp_days[::-1],
        readings=[_reading(each) for each in read],
        payouts=[_payout(each) for each in paid_out], spans=_spans(span, at),
        standing=stands, at=at, days=span, last_day=_last_day().isoformat(),
        codes=len({each.currency for each in amounts}) > 1, **request.frame,
    )  # fmt: skip


def _at(typed: str) -> date | None:
    """The day that was asked for; ``None`` for now: nothing, no day, or one that is not over."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day <= _last_day() else None


def _last_day() -> date:
    """The last day that is over, in UTC as the ledger's days are."""
    return clock.now().date() - timedelta(days=1)


def _look(look: Look) -> dict[str, Any]:
    checks = ngettext("%(n)s check", "%(n)s checks", look.checks) % {"n": look.checks}
    findings = ngettext("%(n)s finding", "%(n)s findings", look.findings) % {"n": look.findings}
    begun = age(look.begun_at, clock.now()) if look.begun_at else ""
    when = _("begun %(age)s") % {"age": begun} if begun else _("not begun yet")
    return {
        "words": f"{checks}, {findings}",
        "when": when,
        "tone": "warn" if look.findings else "good",
        "icon": "alert-triangle" if look.findings else "circle-check",
    }


def _reading(reading: Reading) -> dict[str, Any]:
    """One account: a late or failed reading is said in words, not by its colour alone."""
    now = clock.now()
    late = reading.read_at is None or now - reading.read_at > _LATE
    word, icon, tone = _("Up to date"), "circle-check", "good"
    if not reading.active:
        word, icon, tone = _("Switched off"), "player-pause", "quiet"
    elif reading.failure:
        word, icon, tone = _("Could not be read"), "alert-triangle", "warn"
    elif late:
        word = _("Not read yet") if reading.read_at is None else _("Late")
        icon, tone = "clock", "warn"
    return {
        "gateway": reading.gateway,
        "word": word,
        "icon": icon,
        "tone": tone,
        "read": age(reading.read_at, now) if reading.read_at else "",
        "read_at": reading.read_at,
        "balance": age(reading.balance_at, now) if reading.balance_at else "",
        "failed_at": reading.failed_at,
        "failure": reading.failure,
    }


def _payout(payout: Payout) -> dict[str, Any]:
    word, icon, tone = _STATES.get(payout.state, (payout.state, "help-circle", "quiet"))
    return {
        "id": payout.payout_id,
        "gateway": payout.gateway_account.name,
        "made_at": payout.made_at,
        "amount": payout.amount,
        "difference": payout.difference,
        "failed": payout.state == "failed",
        "matched": payout.reconciled_at is not None,
        "word": _(word),
        "icon": icon,
        "tone": tone,
    }


def _spans(current: str, at: date | None) -> list[dict[str, Any]]:
    path, rest = reverse("backoffice:books"), f"&at={at}" if at else ""
    return [
        {
            "text": ngettext("%(n)s day", "%(n)s days", days) % {"n": days},
            "address": f"{path}?days={key}{rest}",
            "current": key == current,
        }
        for key, days in _SPANS.items()
    ]
