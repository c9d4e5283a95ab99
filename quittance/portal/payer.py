"""Who may pay: a buyer who is signed in, or who holds the pay link of this very checkout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final, TypeGuard, TypeVar
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.branding.look import look_of
from quittance.core import clock
from quittance.identity.permissions import BuyerPermission
from quittance.paylinks.models import PayLink
from quittance.paylinks.opening import find_link
from quittance.payments.contents import payment_of
from quittance.payments.models import Basket, Payment
from quittance.portal.access import BuyerRequest, View, account_with, for_buyer, marked
from quittance.portal.visit import visit_of
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.ui.htmx import hx_redirect
from quittance.ui.language import speaking
from quittance.ui.pages import page, reader_for

_Answer = TypeVar("_Answer", bound=HttpResponseBase)
_OF_A_LINK: Final = frozenset({BuyerPermission.PAY, BuyerPermission.SEE})
_WORD: Final = "pay_link"  # the session's word for the link that was opened
_BEGUN: Final = "pay_link_payments"  # and for what was begun here by any
GOOD_FOR: Final = timedelta(minutes=15)  # without a click; source: security.md, A8
SEEN_FOR: Final = timedelta(hours=24)  # the page of a payment: a gateway's page can take that long


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody with a pay link, in the place of a person who is signed in."""

    pk: None = None
    name: str = ""
    email: str = ""
    initials: str = ""
    signed_in_until: datetime | None = None


class LinkRequest(BuyerRequest):
    """A request by a pay link; what it may see is narrowed to the link's customer account."""

    link: PayLink


def is_guest(request: BuyerRequest) -> TypeGuard[LinkRequest]:
    """Say whether somebody pays by a link."""
    return isinstance(request.person, Guest)


def open_in_session(request: Any, link: PayLink) -> None:
    """Let this browser use the link for a while."""
    request.session.cycle_key()
    _keep(request, link.pk)


def for_payer(permission: BuyerPermission) -> Callable[[View], View]:
    """Let a buyer in who may do this, or a guest whose link made what is named.

    What a guest may do is what the link is for: that checkout, and the payment it becomes.
    """
    return lambda view: _for_payer(view, permission)


def _for_payer(view: View, permission: BuyerPermission) -> View:
    as_buyer = for_buyer(permission)(view)

    @wraps(view)
    def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
        if visit_of(request) is not None:
            return as_buyer(request, **arguments)
        link = _link_of(request, arguments)
        if link is None:
            return _late(request, view, arguments) or as_buyer(request, **arguments)
        if "basket_id" in arguments and not link.is_good(clock.now()):
            return _begun_of(request, arguments["basket_id"]) or _framed(request, link, over_page)
        return _framed(request, link, view, **arguments)

    return marked(wrapped, "payer", permission)


def for_link(view: View) -> View:
    """Let in who has opened a link; who has not, or not lately, is asked to open it again."""

    @wraps(view)
    def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
        link = _link_of(request, None)
        if link is None:
            return _closed(request)
        if not link.is_good(clock.now()):
            return _framed(request, link, over_page)
        return _framed(request, link, view, **arguments)

    return marked(wrapped, "link", "link")


def note_begun(request: LinkRequest, payment_id: UUID) -> None:
    """Let this browser look at the payment's page for a day: who pays elsewhere may take long."""
    until = (clock.now() + SEEN_FOR).timestamp()
    request.session[_BEGUN] = _begun(request) | {str(payment_id): until}
    if "user" not in request.session:
        request.session.set_expiry(int(SEEN_FOR.total_seconds()))


def over_page(request: Any) -> HttpResponse:
    """Say that a link has ended, and nothing of what it was for."""
    return closed_page(
        request, title=_("This link has ended"), status=410,
        sentence=_(
            "It was good for some days, or the seller has ended it. A payment that you started is"
            " kept and is never made twice."
        ),
    )  # fmt: skip


def closed_page(
    request: Any, *, title: str = "", sentence: str = "", status: int = 403
) -> HttpResponse:
    """Say that there is nothing to see without the link."""
    return sealed(
        page(
            request, "portal/links/closed.html", status=status,
            title=title or _("Open your pay link again"),
            sentence=sentence or _(
                "For safety it closes after some minutes. A payment that you started is kept and is"
                " never made twice."
            ),
        )
    )  # fmt: skip


def sealed(answer: _Answer) -> _Answer:
    """Keep a link's pages out of referrers to others and out of search engines.

    Not ``no-referrer``: with it a browser sends no origin with a form, and the form is refused.
    """
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _closed(request: Any) -> HttpResponse:
    request.look = look_of(request.organization_id, name=request.organization_name)
    request.reader = reader_for(request, request.look)
    with speaking(request.reader.language):
        return closed_page(request)


def _late(request: Any, view: View, arguments: dict[str, Any]) -> HttpResponseBase | None:
    """Answer who had a link and was away too long: what they began, to look at only."""
    if _WORD not in request.session or _is_fresh(request) or "user" in request.session:
        return None
    if "basket_id" in arguments:
        return _begun_of(request, arguments["basket_id"]) or _closed(request)
    looks = request.method in {"GET", "HEAD"}
    if not looks or str(arguments["payment_id"]) not in _begun(request):
        return _closed(request)
    return looked_at(request, view, **arguments)


def looked_at(request: Any, view: View, *, payment_id: UUID) -> HttpResponseBase | None:
    """Answer with a page or paper about a payment of a link, to look at; ``None``: there is none.

    Whoever calls this knows that the reader began it, or got the mail about it.
    """
    with working_for(request.organization_id, actor="pay-link"), reading():
        payment = Payment.objects.filter(pk=payment_id).first()
        link = find_link(payment.pay_link_id) if payment and payment.pay_link_id else None
    return _framed(request, link, view, goes_on=False, payment_id=payment_id) if link else None


def _begun_of(request: Any, basket_id: UUID) -> HttpResponse | None:
    """Lead from a checkout to the payment that it became, if this browser may see that."""
    with working_for(request.organization_id, actor="pay-link"), reading():
        payment = payment_of(basket_id)
    if payment is None or str(payment.pk) not in _begun(request):
        return None
    return hx_redirect(request, reverse("portal:payment", kwargs={"payment_id": payment.pk}))


def _framed(
    request: Any, link: PayLink, view: View, *, goes_on: bool = True, **arguments: Any
) -> HttpResponseBase:
    account_id = link.customer_account_id
    actor = f"pay-link:{link.pk}"
    with working_for(request.organization_id, actor=actor), reading():
        account = account_with(account_id)
    request.look = look_of(request.organization_id, name=request.organization_name)
    request.reader = reader_for(request, request.look)
    request.person, request.link = Guest(), link
    request.accounts, request.account, request.zone = [account], account, account.zone
    request.may = account.may & _OF_A_LINK
    if goes_on:
        _keep(request, link.pk)
    with (
        speaking(request.reader.language),
        working_for(request.organization_id, actor=actor, customer_accounts=[account_id]),
    ):
        return sealed(view(request, **arguments))


def _link_of(request: Any, arguments: dict[str, Any] | None) -> PayLink | None:
    """Return the session's link, if it is fresh and made what ``arguments`` name."""
    if not _is_fresh(request):
        return None
    link_id = UUID(request.session[_WORD]["id"])
    with working_for(request.organization_id, actor=f"pay-link:{link_id}"), reading():
        if arguments is not None and not _made(link_id, arguments):
            return None
        return find_link(link_id)


def _made(link_id: UUID, arguments: dict[str, Any]) -> bool:
    if "basket_id" in arguments:
        baskets = Basket.objects.filter(pk=arguments["basket_id"], pay_link_id=link_id)
        return baskets.exists()
    payments = Payment.objects.filter(pk=arguments["payment_id"], pay_link_id=link_id)
    return payments.exists()


def _is_fresh(request: Any) -> bool:
    kept = request.session.get(_WORD) or {}
    return bool(kept.get("until", 0) >= clock.now().timestamp())


def _begun(request: Any) -> dict[str, float]:
    """Return what was begun here within a day, and until when it can be seen."""
    kept: dict[str, float] = request.session.get(_BEGUN) or {}
    return {key: until for key, until in kept.items() if until >= clock.now().timestamp()}


def _keep(request: Any, link_id: UUID) -> None:
    until = (clock.now() + GOOD_FOR).timestamp()
    request.session[_WORD] = {"id": str(link_id), "until": until}
