"""Hands out what a payment needs to charge a kept method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.gateways.consent import Agreement
from quittance.wallet.expiry import has_expired
from quittance.wallet.models import DefaultMethod, KeptMethod
from quittance.wallet.telling import has_left, is_personal


class MethodNotUsable(RuleBroken):
    """This way to pay can not be used. Nothing was charged. Choose another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeable:
    """What ``ChargeRequest`` needs to know of a kept method; and what people call it."""

    kept_method_id: UUID
    customer_account_id: UUID
    gateway_account_id: UUID
    method: str  # a word of the gateways' ``METHODS``
    gateway_method: str = field(repr=False)
    gateway_payer: str
    agreement: Agreement
    initial_reference: str
    gateway_mandate: str
    holder: str  # "business", "personal" or ""
    label: str


def chargeable(
    kept_method_id: UUID, *, currency: str, user_id: UUID | None, lock: bool = False
) -> Chargeable:
    """Return what is needed to charge a method in ``currency``, in a transaction of the caller.

    ``user_id``: who pays; a personal account pays for nobody but who saved it. With ``lock`` nobody
    ends or blocks it before that transaction is over. Raises ``MethodNotUsable``, also for one that
    the scope may not see.
    """
    rows = KeptMethod.objects.select_for_update() if lock else KeptMethod.objects.all()
    row = rows.filter(pk=kept_method_id).first()
    problem = why_not(row, currency=currency, user_id=user_id)
    if row is None or problem:
        raise MethodNotUsable(problem)
    return Chargeable(
        kept_method_id=row.pk, customer_account_id=row.customer_account_id,
        gateway_account_id=row.gateway_account_id, method=row.method,
        gateway_method=row.gateway_method, gateway_payer=row.gateway_payer,
        agreement=Agreement(row.agreement), initial_reference=row.initial_reference,
        gateway_mandate=row.gateway_mandate, holder=row.holder, label=row.label,
    )  # fmt: skip


def usable_methods(
    customer_account_ids: Sequence[UUID], *, currency: str, user_id: UUID
) -> list[KeptMethod]:
    """Return the methods that a person can pay with now in ``currency``, account by account.

    In a transaction of the caller; of each account the default one first, then the newest.
    """
    default = DefaultMethod.objects.filter(method=OuterRef("pk"), currency=currency)
    rows = KeptMethod.objects.filter(
        customer_account_id__in=customer_account_ids, status=KeptMethod.Status.ACTIVE
    ).annotate(is_default=Exists(default))
    found = [row for row in rows.order_by("-is_default", "-created_at", "-pk")
             if not why_not(row, currency=currency, user_id=user_id)]  # fmt: skip
    place = {account_id: place for place, account_id in enumerate(customer_account_ids)}
    return sorted(found, key=lambda row: place[row.customer_account_id])


def is_his(row: KeptMethod, user_id: UUID | None) -> bool:
    """Say whether a method is one that this person may choose: a personal account is its saver's.

    He agreed to the debits that he himself chooses and confirms: see the text of ``ach_web``.
    ``None``, nobody, is our own charge: under a standing agreement he has agreed to that one, as
    long as he can see and end it here; ask for it where all of the organization is seen.
    Source: features 5.1.
    """
    if not is_personal(row):
        return True
    if user_id is None:
        return row.agreement != Agreement.ON_CLICK and not has_left(row)
    return row.saved_by_id == user_id


def why_not(row: KeptMethod | None, *, currency: str, user_id: UUID | None) -> str:
    """Say why a person cannot pay with a method in ``currency``; "" if he can."""
    if row is not None and row.stopped_at is not None:
        return _("Its bank returned a payment, so it is charged no more. Choose another.")
    if row is None or row.status == KeptMethod.Status.ENDED:
        return _("This way to pay was removed. Nothing was charged. Choose another.")
    if row.status == KeptMethod.Status.VERIFYING:
        return _("This bank account is not verified yet. Nothing was charged. Choose another.")
    return _why_not_now(row, currency, user_id)


def _why_not_now(row: KeptMethod, currency: str, user_id: UUID | None) -> str:
    if has_expired(row):
        return _("This card has expired. Nothing was charged. Choose another.")
    if row.currency and row.currency != currency:
        return _("This bank account pays in another currency. Nothing was charged. Choose another.")
    if not is_his(row, user_id):
        return _("This is a colleague's personal account. Nothing was charged. Choose another.")
    return ""
