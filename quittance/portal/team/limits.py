"""Reads the limit of one payment that was typed for a person."""

from __future__ import annotations

from quittance.core.money import Money
from quittance.portal.access import Account, BuyerRequest
from quittance.portal.wallet.records import currencies_of
from quittance.receivables.team import NoLimit
from quittance.tenancy.rows import reading
from quittance.ui.amounts import read_amount
from quittance.ui.pages import locale_for


def typed_limit(request: BuyerRequest, account: Account) -> Money:
    """Read what was typed. Raises ``NoLimit``, ``NotAnAmount`` and what ``read_amount`` raises."""
    text, currency = request.POST.get("limit", "").strip(), request.POST.get("currency", "")
    with reading():
        known = currencies_of(account.id, account.legal_entity_id)
    if not text or currency not in known:
        raise NoLimit
    return read_amount(text, currency, locale_for(request))
