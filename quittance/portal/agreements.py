"""What a buyer can have kept, and the agreement that he reads for it, in the wallet or paying."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.core.clock import today
from quittance.gateways.consent import Holder
from quittance.portal.access import BuyerRequest
from quittance.tenancy.rows import reading
from quittance.wallet.stopping import company_id_of
from quittance.wallet.texts import Names, Wording, wording

# What a buyer chooses from: the way to pay, and whose account it is. A bank account is a company's
# or a person's, and he says which: the rules differ (features 5.1).
KINDS: Final[dict[str, tuple[str, Holder | None]]] = {
    "business": ("bank_debit", Holder.BUSINESS),
    "personal": ("bank_debit", Holder.PERSONAL),
    "card": ("card", None),
    "wallet": ("wallet", None),
}


def kinds_of(method: str) -> list[str]:
    """Return the words of ``KINDS`` for one way to pay."""
    return [kind for kind, (of, _holder) in KINDS.items() if of == method]


def agreement_of(
    request: BuyerRequest, kind: str, *, currency: str, company: str, gateway_account_id: UUID
) -> Wording:
    """Return the text that a buyer agrees to today, outside of any transaction. Raises ``NoText``.

    ``company``: the customer that he pays for; debits carry the company ID of the gateway account.
    """
    method, holder = KINDS[kind]
    company_id = ""
    if holder:
        with reading():
            company_id = company_id_of(gateway_account_id)
    names = Names(
        seller=request.look.name, company=company, place=_("Payment methods"), company_id=company_id
    )
    return wording(method, currency=currency, holder=holder, names=names, day=today(request.zone))
