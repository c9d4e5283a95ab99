"""What the organization wants of sign-ins: who has a second factor, and what wants a proof."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.browsers import Lengths
from quittance.identity.permissions import Permission
from quittance.identity.policy import NoLength, Policy, Wish, keep_policy, policy_of
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.ui.amounts import format_for_input, read_amount
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for

_DIGITS: Final = 3


class NoWish(RuleBroken):
    """Say of staff and of buyers whether a second factor is off, offered or required."""


class NoDay(RuleBroken):
    """Enter the day from which it is required of staff, like 2026-12-01."""


class NoCurrency(RuleBroken):
    """Choose a currency in which you sell."""


@require_GET
@for_staff(Permission.SIGN_IN_POLICY)
def sign_in_policy(request: StaffRequest) -> HttpResponse:
    """What holds now, to be changed."""
    return _page(request)


@require_POST
@for_staff(Permission.SIGN_IN_POLICY)
@needs_fresh
def keep_sign_in_policy(request: StaffRequest) -> HttpResponse:
    """Have it hold from the next request of everybody who is signed in."""
    try:
        keep_policy(_typed(request))
    except RuleBroken as error:
        return _page(request, error=error)
    return HttpResponseRedirect(f"{reverse('backoffice:sign_in_policy')}?done=kept")


def _typed(request: StaffRequest) -> Policy:
    sent = request.POST
    staff, buyers = sent.get("staff", ""), sent.get("buyers", "")
    if not {staff, buyers} <= set(Wish.values):
        raise NoWish
    try:
        begin = date.fromisoformat(sent.get("staff_from", "").strip())
    except ValueError:
        raise NoDay from None
    lengths = Lengths(_whole(sent.get("idle", "")), _whole(sent.get("hours", "")))
    return Policy(staff, begin, buyers, _above(request), lengths)


def _whole(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isdecimal() and len(text) <= _DIGITS):
        raise NoLength
    return int(text)


def _above(request: StaffRequest) -> Money | None:
    text, currency = request.POST.get("above", "").strip(), request.POST.get("currency", "")
    if not text:
        return None
    if currency not in _currencies():
        raise NoCurrency
    return read_amount(text[:24], currency, locale_for(request))


def _currencies() -> list[str]:
    """Return those of the books, and the one that the limit is in."""
    with reading():
        books = LegalEntity.objects.order_by("currency").values_list("currency", flat=True)
        above = policy_of().proof_above
        return sorted({*books, *([above.currency] if above else [])})


def _page(request: StaffRequest, *, error: RuleBroken | None = None) -> HttpResponse:
    with reading():
        now = policy_of()
    above = now.proof_above
    kept: dict[str, Any] = {
        "staff": now.staff, "staff_from": f"{now.staff_from:%Y-%m-%d}", "buyers": now.buyers,
        "above": format_for_input(above, locale_for(request)) if above else "",
        "currency": above.currency if above else "",
        "idle": str(now.staff_lengths.idle_minutes or ""),
        "hours": str(now.staff_lengths.hours or ""),
    }  # fmt: skip
    return page(
        request, "backoffice/team/policy.html", status=422 if error else 200, nav="people",
        errors=[("", sentence_for(error))] if error else [], currencies=_currencies(),
        typed={name: request.POST.get(name, value)[:40] for name, value in kept.items()},
        done=_("It holds from now on.") if request.GET.get("done") == "kept" else "",
        **request.frame,
    )  # fmt: skip
