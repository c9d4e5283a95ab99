"""Reads what a customer keeps for the pages, and says in words where each of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from quittance.core import clock
from quittance.core.clock import today
from quittance.portal.wallet.words import icon_of
from quittance.receivables.models import Invoice
from quittance.tenancy.models import LegalEntity
from quittance.ui.amounts import isolated
from quittance.ui.days import day_of, format_day
from quittance.ui.marks import badge
from quittance.wallet.charging import is_his
from quittance.wallet.models import DefaultMethod, KeptMethod, Saving
from quittance.wallet.telling import is_personal
from quittance.wallet.transitions import M, S
from quittance.wallet.words import kind_of, mark_of

_UNFINISHED_FOR: Final = timedelta(hours=1)
_STOPPED_FOR: Final = timedelta(days=30)
_MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list: a kept method, or one that is still to be saved or verified."""

    title: str
    text: str
    icon: str
    tags: Sequence[str]
    mark: Markup
    address: str = ""  # of its own page; "" while it is being saved
    deed: tuple[str, str] | None = None  # what the payer has to do: address and words
    method: KeptMethod | None = None
    firsts: Sequence[str] = ()  # currencies in which it could come first
    stop: str = ""  # where an attempt is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a customer keeps, and what is under way."""

    methods: Sequence[KeptMethod]
    savings: Sequence[Saving]
    stopped: Sequence[KeptMethod]  # by a bank's return, lately
    defaults: Mapping[UUID, Sequence[str]]  # a method's currencies
    currencies: Sequence[str]  # in which the customer pays; the first is the books' own


def kept_by(account_id: UUID, legal_entity_id: UUID) -> Kept:
    """Return what a customer account keeps, in a transaction of the caller."""
    every = KeptMethod.objects.filter(customer_account_id=account_id)
    rows = every.filter(status__in={M.ACTIVE, M.BLOCKED})
    stopped = every.filter(stopped_at__gte=clock.now() - _STOPPED_FOR).exclude(status=M.ACTIVE)
    defaults: dict[UUID, list[str]] = {}
    for each in DefaultMethod.objects.filter(customer_account_id=account_id).order_by("currency"):
        defaults.setdefault(each.method_id, []).append(each.currency)
    young = clock.now() - _UNFINISHED_FOR
    moving = Saving.objects.filter(customer_account_id=account_id).select_related("kept_method")
    waiting = [
        each
        for each in moving.filter(status__in={S.SENT, S.OPEN, S.VERIFYING}).order_by("-created_at")
        if each.status == S.VERIFYING or each.created_at > young
    ]
    return Kept(
        methods=list(rows.order_by("-created_at", "-pk")[:_MOST]), savings=waiting,
        stopped=list(stopped.order_by("-stopped_at", "-pk")[:_MOST]),
        defaults=defaults, currencies=currencies_of(account_id, legal_entity_id),
    )  # fmt: skip


def currencies_of(account_id: UUID, legal_entity_id: UUID) -> list[str]:
    """Return the currencies in which a customer pays: that of the books, then the others."""
    own = LegalEntity.objects.values_list("currency", flat=True).get(pk=legal_entity_id)
    rows = Invoice.objects.filter(customer_account_id=account_id)
    return list(dict.fromkeys([own, *sorted(rows.values_list("currency", flat=True).distinct())]))


def rows_of(
    kept: Kept, names: Mapping[UUID, str], *, reader: UUID, locale: str, zone: str
) -> list[Row]:
    """Return the list: what comes first on top, then what waits for the payer."""
    methods = sorted(kept.methods, key=lambda each: each.pk not in kept.defaults)
    return [
        *(
            _method_row(each, kept, names, reader=reader, locale=locale, zone=zone)
            for each in methods
        ),
        *(_saving_row(each) for each in kept.savings),
    ]


def _method_row(
    row: KeptMethod,
    kept: Kept,
    names: Mapping[UUID, str],
    *,
    reader: UUID,
    locale: str,
    zone: str,
) -> Row:
    mine = kept.defaults.get(row.pk, ())
    several = len(kept.currencies) > 1
    by = names.get(row.saved_by_id, _("a colleague"))
    words = [
        row.label if row.name else "",
        kind_of(row.method, row.scheme),
        _("expires %(month)s") % {"month": month_of(row.expires_on)} if row.expires_on else "",
        _("added by %(name)s, %(day)s")
        % {"name": isolated(by, locale), "day": format_day(day_of(row.created_at, zone), locale)},
        whose(row, names, reader),
    ]
    possible = [row.currency] if row.currency else kept.currencies
    can_pay = row.status == M.ACTIVE and is_his(row, reader)
    return Row(
        title=row.name or row.label, text=" · ".join(filter(None, words)),
        icon=icon_of(row.method, row.brand), mark=mark_of(row, today(zone)), method=row,
        address=reverse("portal:kept_method", kwargs={"method_id": row.pk}),
        tags=[_("Default in %(currency)s") % {"currency": each} if several else _("Default")
              for each in mine if row.status == M.ACTIVE],
        firsts=[each for each in possible if each not in mine] if can_pay else (),
    )  # fmt: skip


def whose(row: KeptMethod, names: Mapping[UUID, str], reader: UUID) -> str:
    """Return who alone pays with a personal account, to all who see it; "" for any other."""
    if not is_personal(row):
        return ""
    if row.saved_by_id == reader:
        return _("only you can pay with it")
    name = names.get(row.saved_by_id, _("a colleague"))
    return _("only %(name)s can pay with it") % {"name": name}


def _saving_row(row: Saving) -> Row:
    ids = {"saving_id": row.pk}
    verifying = row.status == S.VERIFYING
    mark = badge(_("Not finished"), "clock", "warn")
    text, deed = _("Nothing is saved yet"), (reverse("portal:saving", kwargs=ids), _("Continue"))
    if verifying:
        mark = badge(_("To be verified"), "clock", "warn")
        deed = reverse("portal:verify", kwargs=ids), _("Confirm deposits")
        text = _("two small deposits are sent to it")
        if row.proof == "code":
            deed, text = (deed[0], _("Enter the code")), _("a deposit with a code is sent to it")
    title = _("A bank account") if row.method == "bank_debit" else _("A card")
    return Row(
        title=row.kept_method.label if row.kept_method else title,
        text=" · ".join([kind_of(row.method, ""), text]), icon=icon_of(row.method, ""), tags=(),
        mark=mark, deed=deed, stop=reverse("portal:stop_saving", kwargs=ids),
    )  # fmt: skip


def month_of(day: date) -> str:
    """Return a card's month as it stands on the card: 03/26."""
    return f"{day:%m/%y}"
