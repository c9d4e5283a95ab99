"""PayPal's objects, as far as we read them. What does not fit makes no sense.

Source: PayPal's published OpenAPI descriptions of February 2024 [docs].
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

# The name of our one purchase unit says what an order is for; those of other shops have others.
PAYS: Final = "quittance"  # the payer approves it on PayPal's page
CHARGES: Final = "quittance-charge"  # we capture it from a saved account
SEALS: Final = "quittance-none"  # it stands where there was none: see ``orders.find``
OURS: Final = {PAYS, CHARGES}

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Amount(msgspec.Struct, frozen=True):
    """An amount as PayPal writes it."""

    currency_code: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    value: str


class Link(msgspec.Struct, frozen=True):
    """Where to go on."""

    href: str
    rel: str


def link_in(links: Sequence[Link], *rels: str) -> str:
    """Return the address of the first link of one of these kinds; "" when there is none."""
    return next((one.href for one in links if one.rel in rels), "")


class Reason(msgspec.Struct, frozen=True):
    """Why a payment or a refund is not done."""

    reason: str = ""


class Breakdown(msgspec.Struct, frozen=True):
    """What a capture brought."""

    paypal_fee: Amount | None = None


class RelatedIds(msgspec.Struct, frozen=True):
    """What a capture came from."""

    order_id: str = ""


class Related(msgspec.Struct, frozen=True):
    """More about a capture."""

    related_ids: RelatedIds = RelatedIds()


class Capture(msgspec.Struct, frozen=True):
    """A captured payment, as far as we read it."""

    id: Text
    status: Literal["COMPLETED", "DECLINED", "PARTIALLY_REFUNDED", "PENDING", "REFUNDED", "FAILED"]
    amount: Amount
    status_details: Reason = Reason()
    custom_id: str = ""
    create_time: Moment | None = None
    update_time: Moment | None = None
    seller_receivable_breakdown: Breakdown = Breakdown()
    supplementary_data: Related = Related()
    links: list[Link] = msgspec.field(default_factory=list)


class Refund(msgspec.Struct, frozen=True):
    """A refund, as far as we read it."""

    id: Text
    status: Literal["PENDING", "COMPLETED", "FAILED", "CANCELLED"]
    amount: Amount
    status_details: Reason = Reason()
    custom_id: str = ""
    links: list[Link] = msgspec.field(default_factory=list)


class Payments(msgspec.Struct, frozen=True):
    """What was captured of a purchase unit, and sent back."""

    captures: list[Capture] = msgspec.field(default_factory=list)
    refunds: list[Refund] = msgspec.field(default_factory=list)


class Unit(msgspec.Struct, frozen=True):
    """The one purchase unit of an order."""

    amount: Amount
    reference_id: str = ""
    custom_id: str = ""
    description: str = ""
    payments: Payments = Payments()


class Vaulted(msgspec.Struct, frozen=True):
    """What was saved with an order."""

    id: str = ""
    status: str = ""


class Attributes(msgspec.Struct, frozen=True):
    """More about the payer's account."""

    vault: Vaulted = Vaulted()


class Wallet(msgspec.Struct, frozen=True):
    """The payer's account; his name and mail address are not read."""

    attributes: Attributes = Attributes()


class Source(msgspec.Struct, frozen=True):
    """What was paid with."""

    paypal: Wallet = Wallet()


class Order(msgspec.Struct, frozen=True):
    """An order, as far as we read it."""

    id: Text
    status: Literal["CREATED", "SAVED", "APPROVED", "VOIDED", "COMPLETED", "PAYER_ACTION_REQUIRED"]
    intent: Literal["CAPTURE", "AUTHORIZE"]
    purchase_units: Annotated[list[Unit], msgspec.Meta(min_length=1, max_length=1)]
    payment_source: Source = Source()
    create_time: Moment | None = None
    links: list[Link] = msgspec.field(default_factory=list)

    @property
    def unit(self) -> Unit:
        """The one purchase unit."""
        return self.purchase_units[0]

    @property
    def is_closed(self) -> bool:
        """Whether we shut it: PayPal captures no order of the other intent."""
        return self.intent != "CAPTURE" and self.status != "COMPLETED"

    @property
    def waits_for_us(self) -> bool:
        """Whether it is ours, and can be captured: the payer agreed now, or long ago."""
        if self.is_closed or self.unit.reference_id not in OURS:
            return False
        is_charge = self.unit.reference_id == CHARGES
        return self.status == "APPROVED" or (is_charge and self.status == "CREATED")
