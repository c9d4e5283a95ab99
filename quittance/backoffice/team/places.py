"""Reads for which customers somebody is invited: up to three numbers, each with a role."""

from __future__ import annotations

from itertools import zip_longest

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


class WhichCompany(RuleBroken):
    """Several customers have this number, each in another company. Choose the company."""


def typed_places(sent: QueryDict) -> list[Place]:
    """Return what was typed. A number means one customer in one set of books only.

    A limit is in the customer's currency. Raises ``NoSuchCustomer``, ``WhichCompany``, ``NoLimit``
    and what ``read_amount`` raises.
    """
    names = ("customer", "company", "role", "limit")
    found: list[Place] = []
    rows = zip_longest(*(sent.getlist(name) for name in names), fillvalue="")
    for number, company, role, limit in rows:
        if number.strip():
            account = customer_with(number.strip()[:40], company)
            found.append(Place(account.pk, role, _limit(role, limit.strip(), account)))
    return found


def customer_with(number: str, company: str) -> CustomerAccount:
    """Return the one customer that has this number; "": of any company.

    Raises ``NoSuchCustomer``, ``WhichCompany``.
    """
    with reading():
        rows = CustomerAccount.objects.filter(number=number.replace("\0", ""), gone_at=None)
        rows = rows.select_related("legal_entity").order_by("pk")
        found = [each for each in rows if company in {"", str(each.legal_entity_id)}]
    if not found:
        raise NoSuchCustomer(
            _("There is no customer with the number %(number)s. Nothing was sent.")
            % {"number": number}
        )
    if len(found) > 1:
        raise WhichCompany(
            _(
                "Several customers have the number %(number)s, each in another company. Choose the"
                " company. Nothing was sent."
            )
            % {"number": number}
        )
    return found[0]


def _limit(role: str, typed: str, account: CustomerAccount) -> Money | None:
    if role != BuyerRole.PAY_WITHIN:
        return None
    if not typed:
        raise NoLimit
    currency = account.currency or account.legal_entity.currency
    return read_amount(typed, currency, "en_US")
