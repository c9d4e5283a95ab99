"""Reads for which customers somebody is invited: up to three numbers, each with a role."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.permissions import BuyerRole
from quittance.invitations.inviting import Place
from quittance.receivables.models import CustomerAccount
from quittance.receivables.team import NoLimit
from quittance.tenancy.rows import reading
from quittance.ui.amounts import read_amount


class NoSuchCustomer(RuleBroken):
    """There is no customer with this number. Nothing was sent."""


def typed_places(sent: QueryDict) -> list[Place]:
    """Return what was typed; a number that several sets of books have stands for all of these.

    A limit is in the customer's currency. Raises ``NoSuchCustomer``, ``NoLimit`` and what
    ``read_amount`` raises.
    """
    names = ("customer", "role", "limit")
    found: list[Place] = []
    for number, role, limit in zip(*(sent.getlist(name) for name in names), strict=False):
        if number.strip():
            found.extend(_places(number.strip()[:40], role, limit.strip()))
    return found


def _places(number: str, role: str, limit: str) -> list[Place]:
    with reading():
        rows = CustomerAccount.objects.filter(number=number.replace("\0", ""), gone_at=None)
        accounts = list(rows.order_by("pk"))
    if not accounts:
        raise NoSuchCustomer(
            _("There is no customer with the number %(number)s. Nothing was sent.")
            % {"number": number}
        )
    return [Place(each.pk, role, _limit(role, limit, each)) for each in accounts]


def _limit(role: str, typed: str, account: CustomerAccount) -> Money | None:
    if role != BuyerRole.PAY_WITHIN:
        return None
    if not typed:
        raise NoLimit
    currency = account.currency or account.legal_entity.currency
    return read_amount(typed, currency, "en_US")
