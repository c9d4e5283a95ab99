"""Who pays, and what he said yes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Holder(StrEnum):
    """Whose bank account it is. The payer is asked: the scheme's rules differ (see ``Consent``)."""

    BUSINESS = "business"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays, as far as a gateway must know him to keep a method for him."""

    reference: str  # our own id of the customer, and the key under which he is made there
    name: str
    email: str
    gateway_payer: str = ""  # the gateway's id of him; "" as long as it has none


class Agreement(StrEnum):
    """What a kept method may be used for; networks want to be told. Source: features 5.1, 5.3."""

    ON_CLICK = "on_click"  # the payer starts every payment himself ("standing", CIT)
    UNSCHEDULED = "unscheduled"  # we do, when an invoice falls due (autopay, "UCOF")
    INSTALLMENTS = "installments"  # we do, in parts of one debt
    RECURRING = "recurring"  # we do, on fixed days


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The payer's yes to a kept card or to debits. We keep the proof; a gateway is told of it.

    The holder decides the scheme: in the US a debit of a business account is CCD, of a personal
    one WEB, which can come back for 60 days. Source: features 5.1.
    """

    text_version: str  # of the text that was shown
    given_at: datetime
    ip_address: str
    user_agent: str
    agreement: Agreement
    holder: Holder | None = None  # of a bank account; ``None`` for all else
