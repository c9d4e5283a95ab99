"""Says which ways to pay can be kept, and where; and the company ID that debits carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.connections.offers import Sale, offers_for
from quittance.core.errors import Misconfigured, OutsideError
from quittance.core.money import Money
from quittance.tenancy.rows import writing
from quittance.wallet.models import DebitTerms

_MOST: Final = 10**15  # minor units: more than anybody owes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A gateway account where one way to pay can be kept."""

    gateway_account_id: UUID
    method: str  # a word of the gateways' ``METHODS``


def places_to_keep(
    currency: str, *, legal_entity_id: UUID, customer_account_id: UUID, day: date
) -> Sequence[Place]:
    """Return one place for each way that the customer may pay in ``currency``.

    What rules never offer him is not kept either; one that they offer for some amounts is. Outside
    of any transaction. An account that does not work now is left out. Raises its error when nothing
    is left because of it, and ``Misconfigured`` when nothing can be kept at all.
    """
    found: dict[str, Place] = {}
    trouble: OutsideError | None = None
    for amount in (Money(0, currency), Money(_MOST, currency)):
        offers = offers_for(
            Sale(payers={(legal_entity_id, customer_account_id)}, amount=amount, day=day)
        )
        trouble = trouble or offers.trouble
        for way in (each for each in offers.ways if each.keeps):
            place = Place(gateway_account_id=way.gateway_account_id, method=way.method)
            found.setdefault(way.method, place)
    if not found:
        raise trouble or Misconfigured("The seller has no payment provider that keeps methods.")
    return list(found.values())


def set_company_id(gateway_account_id: UUID, company_id: str) -> None:
    """Keep the company ID that debits of an account carry; "" for none."""
    with writing():
        DebitTerms.objects.update_or_create(
            gateway_account_id=gateway_account_id, defaults={"company_id": company_id[:40]}
        )
        record_event(
            "company id changed", subject_kind="gateway_account", subject_id=gateway_account_id
        )
