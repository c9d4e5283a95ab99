"""Says who may do what for a customer account today, by the roles that its people have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, buyer_may, buyer_roles
from quittance.receivables.models import Contact, CustomerAccount

_P: Final = BuyerPermission
_WORDS: Final[Mapping[BuyerPermission, str]] = {
    _P.SELF: noop("You have no access to %(account)s any more. Nothing was changed."),
    _P.SEE: noop("You have no access to %(account)s any more. Nothing was changed."),
    _P.PAY: noop("You may see what %(account)s owes, but not pay it. Nothing was charged."),
    _P.KEEP_METHODS: noop(
        "You may not add or change ways to pay of %(account)s. Nothing was changed."
    ),
    _P.DISPUTE: noop("You may not dispute invoices of %(account)s. Nothing was changed."),
    _P.APPROVE: noop("You may not approve payments of %(account)s. Nothing was changed."),
    _P.MANAGE_TEAM: noop("You may not change who acts for %(account)s. Nothing was changed."),
}


class MayNot(RuleBroken):
    """Your role for this customer account does not allow it. Nothing was changed."""


class AboveLimit(MayNot):
    """This payment is above your limit. Nothing was charged."""


def why_not(permission: BuyerPermission, account: str) -> str:
    """Return the sentence for who may not do this for the account of that name."""
    return _(_WORDS[permission]) % {"account": account}


def check_may(
    user_id: UUID,
    account_ids: Collection[UUID],
    permission: BuyerPermission,
    amount: Money | None = None,
) -> None:
    """Refuse who may not do this for each of the accounts, in a transaction of the caller.

    ``amount`` is what one payment comes to: nobody's limit for any of the accounts may be below it,
    and a limit in another currency allows no money at all. What moves no money, for credits pay it,
    is within every limit. Raises ``MayNot``, or ``AboveLimit``, whose
    facts say ``limit_minor`` and ``currency``.
    """
    found = {
        each.customer_account_id: each
        for each in Contact.objects.filter(user_id=user_id, customer_account_id__in=account_ids)
    }
    for account_id in account_ids:
        contact = found.get(account_id)
        if contact is None or permission not in buyer_may(contact.role):
            facts = {"customer_account": str(account_id), "permission": str(permission)}
            name = _name(account_id)
            raise MayNot(why_not(permission, name) if name else "", **facts)
        if amount is not None and amount.minor and contact.limit is not None:
            _check_limit(contact.limit, amount, account_id)


def who_may(permission: BuyerPermission, customer_account_id: UUID) -> QuerySet[User]:
    """Return the people who may do this for an account, those who came first before others.

    In a transaction of the caller that sees all of the organization. Who was switched off, or acts
    for the account no more, is not among them.
    """
    rows = User.objects.filter(
        contact__customer_account_id=customer_account_id,
        contact__role__in=buyer_roles(permission),
        is_active=True,
    )
    return rows.filter(staff_role=User.StaffRole.NONE).order_by("created_at", "pk")


def who_may_pay(customer_account_id: UUID) -> QuerySet[User]:
    """Return the people who may pay for an account; as ``who_may``."""
    return who_may(BuyerPermission.PAY, customer_account_id)


def may_pay(user_id: UUID, customer_account_id: UUID) -> bool:
    """Say whether a person may pay for an account, in a transaction as for ``who_may_pay``."""
    return who_may_pay(customer_account_id).filter(pk=user_id).exists()


def administrators_of(customer_account_id: UUID) -> list[str]:
    """Return the names of who can change roles for an account; in a transaction as ``who_may``."""
    people = who_may(BuyerPermission.MANAGE_TEAM, customer_account_id)
    return [each.name or each.email for each in people]


def _check_limit(limit: Money, amount: Money, account_id: UUID) -> None:
    facts = {"limit_minor": limit.minor, "currency": limit.currency, "asked_minor": amount.minor}
    if limit.currency != amount.currency:
        raise AboveLimit(
            _(
                "Your limit for %(account)s is in %(currency)s, so you cannot pay in %(other)s."
                " Nothing was charged. Ask somebody who may pay without a limit."
            )
            % {
                "account": _name(account_id), "currency": limit.currency, "other": amount.currency,
            },
            customer_account=str(account_id), **facts,
        )  # fmt: skip
    if amount.minor > limit.minor:
        raise AboveLimit(
            _(
                "This payment comes to %(amount)s; your limit for %(account)s is %(limit)s."
                " Nothing was charged. Choose less, or ask somebody who may pay more."
            )
            % {"amount": amount, "account": _name(account_id), "limit": limit},
            customer_account=str(account_id),
            **facts,
        )


def _name(account_id: UUID) -> str:
    """Return what an account is called; "": the reader does not see it."""
    row = CustomerAccount.objects.filter(pk=account_id).first()
    return row.name if row else ""
