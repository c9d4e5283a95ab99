"""What the payer keeps at the seller's gateways, as ways to pay: the default one first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.connections.offers import Offered
from quittance.payments.contents import Contents
from quittance.portal.checkout.methods import Choice, Method, choice_of, method_of
from quittance.tenancy.rows import reading
from quittance.wallet.charging import usable_methods
from quittance.wallet.models import KeptMethod

_PREFIX = "kept:"


def kept_methods(contents: Contents, user_id: UUID | None) -> list[KeptMethod]:
    """Return what is kept and this person can pay with in this currency, whatever is offered."""
    if user_id is None:
        return []  # a guest has none
    accounts = list(dict.fromkeys(item.account.pk for item in contents.items))
    with reading():
        return usable_methods(accounts, currency=contents.basket.currency, user_id=user_id)


def offered_kept(rows: Sequence[KeptMethod], offered: Sequence[Offered]) -> list[KeptMethod]:
    """Return those whose gateway account and method are offered."""
    ways = {(way.gateway_account_id, way.method) for way in offered}
    return [row for row in rows if (row.gateway_account_id, row.method) in ways]


def kept_choices(rows: Sequence[KeptMethod], contents: Contents) -> list[Choice]:
    """Return the kept methods as the method page shows them, with what each comes to."""
    return [
        choice_of(value_of_kept(row.pk), words_of_kept(row), contents.paid_by(row.method))
        for row in rows
    ]


def value_of_kept(kept_method_id: UUID) -> str:
    """Return how a form names a kept method."""
    return f"{_PREFIX}{kept_method_id}"


def read_kept(text: str) -> UUID | None:
    """Return the kept method that a form names; ``None`` when it names none."""
    if not text.startswith(_PREFIX):
        return None
    try:
        return UUID(text.removeprefix(_PREFIX)[:40])
    except ValueError:
        return None


def words_of_kept(row: KeptMethod) -> Method:
    """Return the words for a kept method: "Visa ••4242", and what more helps to know it."""
    title = row.name or row.label
    more = [row.label] if row.name else []
    if row.expires_on:
        more.append(_("Expires %(month)s") % {"month": _month(row.expires_on)})
    if row.method == "bank_debit":
        more.append(_("It takes 2 to 4 business days."))
    text = " · ".join(more) or _("Kept for you. One button pays.")
    return Method(row.method, title, text, method_of(row.method).icon)


def _month(day: date) -> str:
    return f"{day:%m/%y}"
