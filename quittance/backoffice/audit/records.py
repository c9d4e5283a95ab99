"""Reads what people and jobs did, page by page, for auditors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from quittance.audit.models import AuditEvent, ChainLink
from quittance.identity.models import User
from quittance.invitations.models import Invitation
from quittance.payments.models import Payment, Reversal
from quittance.posting.models import ErpPosting
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.scope import current_organization_id

PAGE: Final = 50
# From one kind to the next in the index, so that no event is read twice.
_KINDS: Final = """
    WITH RECURSIVE known AS (
        (SELECT what FROM audit_auditevent WHERE organization_id = %(o)s ORDER BY what LIMIT 1)
        UNION ALL
        SELECT (SELECT e.what FROM audit_auditevent e
                WHERE e.organization_id = %(o)s AND e.what > known.what ORDER BY e.what LIMIT 1)
        FROM known WHERE known.what IS NOT NULL
    ) SELECT what FROM known WHERE what IS NOT NULL
"""
_PAGES: Final = {
    "kept_method": ("backoffice:method", "method_id"),
    "bank_entry": ("backoffice:bank_entry", "entry_id"),
    "bank_account": ("backoffice:bank_account", "account_id"),
    "invoice_dispute": ("backoffice:dispute", "dispute_id"),
    "offer_rule": ("backoffice:offer", "rule_id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to see; "" and ``None`` for anything."""

    person: str = ""  # a mail address, or an actor as it is written down
    what: str = ""
    record: str = ""  # an id, or a payment's number
    day: date | None = None  # in ``zone``
    zone: str = "UTC"
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event as the page shows it."""

    event: AuditEvent
    place: int | None
    who: str
    on_behalf_of: str
    customer: str
    record: str
    address: str  # of the record's page; "" if it has none
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """One page, the newest first; ``newer`` and ``older`` are places, or empty."""

    lines: list[Line]
    newer: str
    older: str


def kinds() -> list[str]:
    """Return every word for something done that there is, in a transaction of the caller."""
    with connection.cursor() as cursor:
        cursor.execute(_KINDS, {"o": current_organization_id()})
        return [what for (what,) in cursor.fetchall()]


def some_events(wish: Wish) -> Some:
    """Return one page, in a transaction of the caller."""
    place = _read_place(wish.before or wish.after)
    backwards = bool(wish.before) and place is not None
    rows = _wanted(wish)
    if place:
        than = "gt" if backwards else "lt"
        rows = rows.filter(**{f"happened_at__{than}e": place[0]}).filter(
            Q(**{f"happened_at__{than}": place[0]}) | Q(**{f"pk__{than}": place[1]})
        )
    sign = "" if backwards else "-"
    found = list(rows.order_by(f"{sign}happened_at", f"{sign}pk")[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    return Some(
        lines=_lines(found),
        newer=_place(found[:1]) if (more if backwards else place) else "",
        older=_place(found[-1:]) if (backwards or more) else "",
    )


def span_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return when a day begins in ``zone``, and when the next one does."""
    begin = datetime.combine(day, time(), ZoneInfo(zone))
    return begin, datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def _wanted(wish: Wish) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.all()
    if wish.person:
        found = User.objects.filter(email=wish.person.lower()).first()
        rows = rows.filter(actor=f"user:{found.pk}" if found else wish.person)
    if wish.what:
        rows = rows.filter(what=wish.what)
    if wish.record:
        rows = rows.filter(subject_id__in=_subjects(wish.record))
    if wish.day:
        begin, end = span_of(wish.day, wish.zone)
        rows = rows.filter(happened_at__gte=begin, happened_at__lt=end)
    return rows


def _subjects(record: str) -> list[UUID]:
    """Return what is meant: a payment with all that hangs on it, or one record by its id."""
    payment = Payment.objects.filter(number=record.upper()).first()
    if payment is None:
        try:
            return [UUID(record)]
        except ValueError:
            return []
    reversals = list(Reversal.objects.filter(payment=payment).values_list("pk", flat=True))
    sources = [payment.pk, *reversals]
    return [
        *sources,
        *ErpPosting.objects.filter(source_id__in=sources).values_list("pk", flat=True),
    ]


def _lines(events: list[AuditEvent]) -> list[Line]:
    places = dict(
        ChainLink.objects.filter(pk__in=[e.pk for e in events]).values_list("pk", "place")
    )
    names = _names({e.actor for e in events} | {e.on_behalf_of for e in events})
    customers = CustomerAccount.objects.in_bulk({e.customer_account_id for e in events} - {None})
    payments, invited = _payments(events), _invited(events)
    return [
        Line(
            event=each, place=places.get(each.pk), who=names.get(each.actor, each.actor),
            on_behalf_of=names.get(each.on_behalf_of, each.on_behalf_of),
            customer=_name_of(customers, each), record=_record(each, payments | invited),
            address=_address(each, payments), facts=_facts(each.facts),
        )
        for each in events
    ]  # fmt: skip


def _names(actors: Iterable[str]) -> dict[str, str]:
    ids = {UUID(each[5:]): each for each in actors if _is_user(each)}
    people = User.objects.filter(pk__in=list(ids)).values_list("pk", "name", "email")
    return {ids[key]: name or email for key, name, email in people}


def _is_user(actor: str) -> bool:
    try:
        return actor.startswith("user:") and bool(UUID(actor[5:]))
    except ValueError:
        return False


def _payments(events: Collection[AuditEvent]) -> dict[UUID, str]:
    """Return by the id of a payment, of its posting or of what went back of it, its number."""
    about = [e for e in events if e.subject_kind in {"payment", "posting", "reversal"}]
    ids = [each.subject_id for each in about if each.subject_id]
    sources = dict(ErpPosting.objects.filter(pk__in=ids).values_list("pk", "source_id"))
    above = [*ids, *sources.values()]
    numbers = dict(Payment.objects.filter(pk__in=above).values_list("pk", "number"))
    back = Reversal.objects.filter(pk__in=above).values_list("pk", "payment__number")
    numbers.update(back)
    numbers.update({key: numbers[of] for key, of in sources.items() if of in numbers})
    return numbers


def _invited(events: Collection[AuditEvent]) -> dict[UUID, str]:
    """Return whom invitations were sent to, as long as that is kept."""
    about = [e.subject_id for e in events if e.subject_kind == "invitation" and e.subject_id]
    return dict(Invitation.objects.filter(pk__in=about).values_list("pk", "email"))


def _name_of(customers: Mapping[UUID, CustomerAccount], event: AuditEvent) -> str:
    found = customers.get(event.customer_account_id) if event.customer_account_id else None
    return found.name if found else ""


def _record(event: AuditEvent, names: Mapping[UUID, str]) -> str:
    if event.subject_id is None:
        return ""
    kind = event.subject_kind.replace("_", " ") or "record"
    return f"{kind} {names.get(event.subject_id, str(event.subject_id)[-12:])}"


def _address(event: AuditEvent, payments: Mapping[UUID, str]) -> str:
    if event.subject_id is None:
        return ""
    if event.subject_id in payments:
        return reverse("backoffice:payment", kwargs={"number": payments[event.subject_id]})
    if event.subject_kind == "pay_link":
        return reverse("backoffice:links")
    page = _PAGES.get(event.subject_kind)
    return reverse(page[0], kwargs={page[1]: event.subject_id}) if page else ""


def _facts(facts: Mapping[str, Any]) -> str:
    told = [f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in facts.items() if value]
    return " · ".join(told)[:400]


def _plain(value: object) -> str:
    """Return a fact as people read it, without the brackets of a program."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)


def _place(events: list[AuditEvent]) -> str:
    return f"{events[0].happened_at.isoformat()}~{events[0].pk}" if events else ""


def _read_place(text: str) -> tuple[datetime, UUID] | None:
    moment, _, id_ = text.partition("~")
    try:
        found = parse_datetime(moment)
        return (found, UUID(id_)) if found and found.tzinfo else None
    except ValueError:
        return None
