"""Says which ways to pay can be kept, and where; and the company ID that debits carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from quittance.audit.record import record_event
from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.core.errors import Misconfigured, OutsideError
from quittance.gateways.saved import SavesMethods
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import DebitTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A gateway account where one way to pay can be kept."""

    gateway_account_id: UUID
    method: str  # a word of the gateways' ``METHODS``
    company_id: str  # that its debits carry; "": not told


def places_to_keep(currency: str) -> Sequence[Place]:
    """Return one place for each way to pay in ``currency``, outside of any transaction.

    The account that is older comes first. One that does not work now is left out. Raises its error
    when nothing is left because of it, and ``Misconfigured`` when nothing can be kept at all.
    """
    with widened(), reading():
        accounts = list(GatewayAccount.objects.filter(is_active=True).order_by("pk"))
        terms = dict(DebitTerms.objects.values_list("gateway_account_id", "company_id"))
    found: dict[str, Place] = {}
    trouble: OutsideError | None = None
    for account in accounts:
        try:
            gateway = gateway_for(account.pk)
        except OutsideError as error:
            trouble = error
            continue
        facts = gateway.capabilities
        if not isinstance(gateway, SavesMethods):
            continue
        if facts.currencies and currency not in facts.currencies:
            continue
        for method in (each for each in facts.methods if each in facts.saved_methods):
            place = Place(
                gateway_account_id=account.pk, method=method, company_id=terms.get(account.pk, "")
            )
            found.setdefault(method, place)
    if not found:
        raise trouble or Misconfigured("The seller has no payment provider that keeps methods.")
    return list(found.values())


def set_company_id(gateway_account_id: UUID, company_id: str) -> None:
    """Keep the company ID that debits of an account carry; "" for none."""
    with writing():
        DebitTerms.objects.update_or_create(
            gateway_account_id=gateway_account_id, defaults={"company_id": company_id[:40]}
        )
        record_event("company id changed", subject_id=gateway_account_id)
