"""Says why somebody may not decide about so much money: only a manager may."""

from __future__ import annotations

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may_decide
from quittance.tenancy.models import Organization
from quittance.tenancy.scope import current_organization_id
from quittance.ui.amounts import format_money


def why_not(person: User, permission: Permission, amount: Money | None, locale: str) -> str:
    """Return why ``person`` may not do this with ``amount``; empty when they may.

    In a transaction of the caller. ``None``: it is about no money.
    """
    if amount is None or may_decide(person, permission, amount):
        return ""
    words = _("You may decide about up to %(limit)s alone. Ask a manager to do it.")
    return above_the_limit(amount, locale, words)


def above_the_limit(amount: Money, locale: str, words: str) -> str:
    """Return ``words`` with the organization's limit; or that it is of another currency."""
    organization = Organization.objects.get(pk=current_organization_id())
    limit = Money(organization.two_persons_above_minor or 0, organization.two_persons_currency)
    if amount.currency != limit.currency:
        return _("Above your limit, which is in another currency. Ask a manager to do it.")
    return words % {"limit": format_money(limit, locale)}
