"""Who may open a page of the portal: every view carries one of these, and a test looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final, Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import InternalError
from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from psycopg.errors import ReadOnlySqlTransaction

from quittance.approvals.models import ApprovalRule
from quittance.branding.look import Look, look_of
from quittance.connections.capabilities import surely_cannot
from quittance.connections.mapping import with_a_bank
from quittance.connections.models import ErpConnection
from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, BuyerRole, buyer_may
from quittance.identity.profile import FORMATS
from quittance.identity.sign_in import user_of
from quittance.portal.rows import accounts_named
from quittance.portal.visit import NoSession, only_looking, visit_of
from quittance.receivables.models import CustomerAccount, SyncCursor
from quittance.receivables.people import MayNot, administrators_of, why_not
from quittance.tenancy.hosts import OrganizationRequest
from quittance.tenancy.kept import Kept
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened, working_for
from quittance.ui.htmx import hx_redirect
from quittance.ui.language import Reader, speaking
from quittance.ui.pages import page, reader_for
from quittance.ui.sentences import sentence_for
from quittance.ui.typed import keep_typed
from quittance.visits.models import Visit

_ACCOUNT: Final = "account"  # the session's word for the account that was chosen last
ACCOUNT_COOKIE: Final = "account"  # and the browser's, for the next session
_READS: Final = frozenset({"GET", "HEAD"})
_STALE_AFTER: Final = timedelta(minutes=15)
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer account that the person may act for, and how old our knowledge of it is."""

    id: UUID
    name: str
    number: str
    legal_entity_id: UUID
    zone: str
    as_of: datetime | None  # the mirror holds the ERP's state of then
    stale: bool  # the ERP did not answer lately
    blocked: bool = False  # the ERP takes no payment of theirs
    pays_only: str = ""  # the one currency in which it can book one; "": any
    routed: frozenset[str] = frozenset()  # and those that have a bank account of their own
    erp_id: str = ""
    seller: str = ""  # the selling company, where the organization has several
    tells_credit: bool = True  # the ERP shows open credit and discounts, as far as we know
    role: str = ""  # of the person, for this account
    limit: Money | None = None  # of one payment of theirs
    approves: bool = False  # some of its payments another person sees first

    @property
    def may(self) -> frozenset[BuyerPermission]:
        """What the person may do for it."""
        return buyer_may(self.role)


class PortalRequest(OrganizationRequest):
    """A request with the organization's look, and how its reader is spoken to."""

    look: Look
    reader: Reader


class BuyerRequest(PortalRequest):
    """A request of a person who is signed in and acts for ``account``."""

    person: User
    accounts: list[Account]
    account: Account
    may: frozenset[BuyerPermission]  # pages show no button for anything else
    zone: str  # of the account's books: days are in it
    own_zone: str  # in which the person sees moments; "" for the books'


class _Marked(Protocol):
    access: str
    permission: str

    def __call__(self, request: Any, **arguments: Any) -> HttpResponseBase: ...


def public(view: View) -> View:
    """Let anybody in. The view works for nobody: it sees no tenant's row."""

    @wraps(view)
    def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
        request.look = look_of(request.organization_id, name=request.organization_name)
        request.reader = reader_for(request, request.look)
        with speaking(request.reader.language):
            return view(request, **arguments)

    return marked(wrapped, "public", "public")


def for_buyer(permission: BuyerPermission) -> Callable[[View], View]:
    """Let a buyer in who may do this, and narrow everything to the accounts they may act for.

    The database keeps others' rows away. Of one's own accounts, the role for that which the address
    names (else, for the one that was chosen) must allow it; if not, a page says so with 403.
    """
    return lambda view: _or_visitor(view, permission)


def _or_visitor(view: View, permission: BuyerPermission) -> View:
    as_buyer = _for_buyer(view, permission)

    @wraps(view)
    def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
        visit = visit_of(request)
        if visit is None:
            return as_buyer(request, **arguments)
        return _visited(request, visit, view, permission, arguments)

    return marked(wrapped, "buyer", permission)


def _for_buyer(view: View, permission: BuyerPermission) -> View:
    @wraps(view)
    def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
        actor = f"user:{request.session.get('user', '')}"
        with working_for(request.organization_id, actor=actor), reading():
            person = user_of(request.session, request.organization_id)
            accounts = _accounts_of(person) if person else []
        if person is None:
            return to_sign_in(request)
        if person.must_enrol:
            return hx_redirect(request, reverse("portal:security"))
        request.look = look_of(request.organization_id, name=request.organization_name)
        if person.is_staff:
            return HttpResponseRedirect(reverse("backoffice:home"))
        request.reader = reader_of(request, person)
        if not accounts:
            with speaking(request.reader.language):
                return page(request, "portal/no_account.html", status=403, email=person.email)
        request.person, request.accounts = person, accounts
        request.account = _chosen(request, accounts)
        request.zone, request.own_zone = request.account.zone, person.zone
        own = [each.id for each in accounts]
        with (
            speaking(request.reader.language),
            working_for(
                request.organization_id,
                actor=actor,
                customer_accounts=own,
                acting_for=request.account.id,
            ),
        ):
            concerned = _concerned(request, arguments)
            request.may = frozenset.intersection(*(each.may for each in concerned))
            try:
                for each in concerned:
                    if permission not in each.may:
                        raise MayNot(why_not(permission, each.name), customer_account=str(each.id))
                return view(request, **arguments)
            except MayNot as error:
                return _may_not(request, error)

    return wrapped


def _visited(
    request: Any, visit: Visit, view: View, permission: BuyerPermission,
    arguments: Mapping[str, Any],
) -> HttpResponseBase:  # fmt: skip
    """Show a page to one of the staff as the customer sees it; PostgreSQL refuses every change.

    The session of the back office is not there, and what is a person's own is closed.
    """
    actor, own = f"user:{visit.user_id}", visit.customer_account_id
    request.session, request.visit, request.person = NoSession(), visit, visit.user
    with working_for(request.organization_id, actor=actor), reading():
        request.account = account_with(own, role=BuyerRole.VIEW)
    request.look = look_of(request.organization_id, name=request.organization_name)
    request.reader = reader_for(request, request.look)
    request.accounts, request.may = [request.account], frozenset({BuyerPermission.SEE})
    request.zone, request.own_zone = request.account.zone, ""
    with (
        speaking(request.reader.language),
        working_for(
            request.organization_id, actor=actor, customer_accounts=[own], reads_only=True
        ),
    ):  # fmt: skip
        if request.method not in _READS or permission not in request.may:
            return only_looking(request)
        try:
            return view(request, **arguments)
        except MayNot:
            return only_looking(request)
        except InternalError as error:
            if isinstance(error.__cause__, ReadOnlySqlTransaction):
                return only_looking(request)
            raise


def _concerned(request: BuyerRequest, arguments: Mapping[str, Any]) -> list[Account]:
    """Return the accounts of the row that the address names, else the one that was chosen.

    Where the person's role is the same for all, any of them says what the page may show.
    """
    if len({each.role for each in request.accounts}) == 1:
        return [request.account]
    with reading():
        named = accounts_named(arguments)
    return [each for each in request.accounts if each.id in named] or [request.account]


def _may_not(request: BuyerRequest, error: MayNot) -> HttpResponse:
    """Say to somebody that their role does not allow it, and who can change that."""
    wanted = str(error.facts.get("customer_account", request.account.id))
    with widened(), reading():
        names = administrators_of(UUID(wanted))
    return page(
        request, "portal/may_not.html", status=403, nav="", sentence=sentence_for(error),
        administrators=names, accounts=request.accounts, account=request.account,
    )  # fmt: skip


def choose_account(request: BuyerRequest, account_id: str) -> None:
    """Act for this account from now on. Raises ``Http404`` for one that is not the person's."""
    if account_id not in {str(each.id) for each in request.accounts}:
        raise Http404
    request.session[_ACCOUNT] = account_id


def account_of(request: BuyerRequest, account_id: UUID) -> Account:
    """Return the person's account with this id; a row of it has been read already."""
    return next(each for each in request.accounts if each.id == account_id)


def reader_of(request: Any, person: User) -> Reader:
    """Return how pages speak to a person, whose look is on the request already."""
    reader = reader_for(request, request.look, wish=person.language)
    return reader._replace(locale=person.formats) if person.formats in FORMATS else reader


def marked(wrapped: Any, access: str, permission: str) -> View:
    """Declare who may open a view: which kind of visitor, and with which permission."""
    view: _Marked = wrapped
    view.access, view.permission = access, permission
    return view


def account_with(account_id: UUID, *, role: BuyerRole = BuyerRole.PAY) -> Account:
    """Return one account for who has no role of their own, in a transaction of the caller."""
    own = CustomerAccount.objects.filter(pk=account_id)
    none = Value(None, BigIntegerField(null=True))
    given = own.annotate(role=Value(str(role)), within=none, within_in=Value(""))
    return _as_accounts(_told(given))[0]


def _accounts_of(person: User) -> list[Account]:
    return _as_accounts(_ACCOUNTS(person.pk))


def _as_accounts(told: Iterable[Any]) -> list[Account]:
    now, rows = clock.now(), list(told)
    several = len({row[3] for row in rows}) > 1
    return [
        Account(
            id=id_, name=name, number=number, legal_entity_id=legal_entity_id, zone=zone,
            as_of=as_of, stale=bool(failed_at or (as_of and now - as_of > _STALE_AFTER)),
            blocked=blocked, pays_only=pays_only, routed=frozenset(also),
            erp_id=erp_id, seller=seller if several else "",
            tells_credit=not surely_cannot(found, "customerLedger"),
            role=role, limit=Money(within, within_in) if within else None, approves=approves,
        )
        for (
            id_, name, number, legal_entity_id, zone, as_of, failed_at, blocked, pays_only, also,
            found, erp_id, seller, role, within, within_in, approves,
        ) in rows
    ]  # fmt: skip


def _accounts(person_id: UUID) -> QuerySet[CustomerAccount, Any]:
    own = CustomerAccount.objects.filter(contact__user_id=person_id, gone_at=None)
    return _told(
        own.annotate(
            role=F("contact__role"), within=F("contact__limit_minor"),
            within_in=F("contact__limit_currency"),
        )
    )  # fmt: skip


def _told(own: QuerySet[CustomerAccount]) -> QuerySet[CustomerAccount, Any]:
    """Return what ``Account`` needs of these, and the name of their seller."""
    cursor = SyncCursor.objects.filter(
        legal_entity=OuterRef("legal_entity_id"), stream=SyncCursor.Stream.INVOICES
    )
    routed = with_a_bank().filter(legal_entity=OuterRef("legal_entity_id"))
    connected = ErpConnection.objects.filter(legal_entity=OuterRef("legal_entity_id"))
    return (
        own.annotate(
            as_of=Subquery(cursor.values("succeeded_at")[:1]),
            failed_at=Subquery(cursor.values("failed_at")[:1]),
            routed=ArraySubquery(routed.order_by().values("currency")),
            found=Subquery(connected.values("capabilities")[:1]),
            approves=Exists(ApprovalRule.objects.filter(customer_account=OuterRef("pk"))),
        )
        .order_by("number")
        .values_list(
            "id", "name", "number", "legal_entity_id", "legal_entity__zone", "as_of", "failed_at",
            "blocked", "pays_only", "routed", "found", "erp_id", "legal_entity__name", "role",
            "within", "within_in", "approves",
        )
    )  # fmt: skip


_ACCOUNTS: Final = Kept(_accounts, UUID)


def _chosen(request: HttpRequest, accounts: list[Account]) -> Account:
    wanted = request.session.get(_ACCOUNT) or request.COOKIES.get(ACCOUNT_COOKIE)
    return next((each for each in accounts if str(each.id) == wanted), accounts[0])


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to the sign-in, and from there back; what they typed is kept."""
    then = request.get_full_path() if request.method == "GET" else ""
    if request.method == "POST" and keep_typed(request):
        then = reverse("portal:typed")
    query = f"?{urlencode({'then': then})}" if then not in {"", "/"} else ""
    return hx_redirect(request, reverse("portal:sign_in") + query)
