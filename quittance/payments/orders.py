"""What a payer confirmed, and why it may be refused before anybody outside is asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.core.money import Money, total
from quittance.gateways.base import Consent, Payer
from quittance.gateways.charges import StartedBy
from quittance.payments.guests import Guest
from quittance.payments.models import Payment
from quittance.payments.owed import Owed
from quittance.payments.parts import Use


class AmountNotOwed(RuleBroken):
    """The amount is more than what is still open on the invoice."""


class InvoiceNotPayable(RuleBroken):
    """The invoice is not there, or nothing is open on it."""


class IdempotencyConflict(RuleBroken):
    """This form was sent before with other amounts. Nothing was charged for this one."""


class Suspended(RuleBroken):
    """This portal takes no new payments at the moment. Nothing was charged."""


class EmptyOrder(RuleBroken):
    """Choose at least one invoice and an amount above zero."""


class NotItsTurn(RuleBroken):
    """The payment before this one is not over yet. Nothing was charged for this one."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What is done for one invoice: ``amount`` in money, the rest in minor units."""

    invoice_id: UUID
    amount: Money
    reason: str = ""  # why it is less than what is open
    discount_minor: int = 0
    uses: Sequence[Use] = ()

    @property
    def settles_minor(self) -> int:
        """How much less will be open: money, discount and credit together."""
        return self.amount.minor + self.discount_minor + sum(use.minor for use in self.uses)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """What a payer confirmed: everything that the payment needs, once."""

    customer_account_id: UUID
    other_account_ids: Collection[UUID] = ()  # whose invoices it pays too: of the same payer
    gateway_account_id: UUID | None  # ``None``: credits pay all, no money moves
    user_id: UUID | None
    guest: Guest | None = None  # who pays by a link, instead of a user
    origin: Payment.Origin
    currency: str
    method: str
    lines: Sequence[OrderLine]
    fee_minor: int = 0
    on_account_minor: int = 0  # of money that came by itself: what pays no invoice
    after: str = ""  # the key of a payment that must be over before this one begins
    return_url: str  # "{payment}" in it becomes the payment's id
    cancel_url: str
    locale: str = "en"
    kept_method_id: UUID | None = None  # charged, instead of a page of the gateway's
    started_by: StartedBy = StartedBy.PAYER  # of such a charge
    payer: Payer | None = None  # who he is at the gateway: needed to save
    save: Consent | None = None  # also keep what he pays with; never with a kept method
    consent_id: UUID | None = None  # the wallet's own record of that consent
    embedded: bool = False  # in the gateway's fields on our page

    @property
    def total(self) -> Money:
        """The sum of all lines in money, the fee and the rest. Raises ``CurrencyMismatch``."""
        lines = total((line.amount for line in self.lines), self.currency)
        return lines + Money(self.fee_minor + self.on_account_minor, self.currency)

    @property
    def fingerprint(self) -> str:
        """A hash of what is paid, by whom and how: the same key must mean the same order."""
        lines = sorted((str(line.invoice_id), line.amount.minor) for line in self.lines)
        content: list[object] = [
            str(self.customer_account_id), str(self.gateway_account_id), self.currency,
            self.method, lines,
        ]  # fmt: skip
        besides = [
            [str(line.invoice_id), line.discount_minor,
             sorted([str(use.credit_id), use.minor] for use in line.uses)]
            for line in sorted(self.lines, key=lambda line: line.invoice_id)
            if line.discount_minor or line.uses
        ]  # fmt: skip
        if besides or self.fee_minor:  # a payment without them keeps the hash it always had
            content += [besides, self.fee_minor]
        if self.on_account_minor:
            content += ["on account", self.on_account_minor]
        if self.kept_method_id:
            content += [str(self.kept_method_id), self.started_by]
        if self.save:
            content += ["save", self.save.agreement, *filter(None, [self.save.holder])]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def autopay_key(agreement_id: UUID, invoice_id: UUID, due: date) -> str:
    """Return the key of the payment of one invoice by one agreement: a run twice is one payment."""
    return f"autopay:{agreement_id.hex}:{invoice_id.hex}:{due}"


def instalment_key(plan_id: UUID, ordinal: int) -> str:
    """Return the key of one instalment of a plan; ``ordinal`` counts from one."""
    return f"inst:{plan_id.hex}:{ordinal}"


def too_much(owed: Owed, asked: Money) -> str:
    """Say why ``asked`` cannot be paid now: another payment is under way, or less is open."""
    if owed.in_flight_minor:
        said = _(
            "Another payment for invoice %(number)s is under way, so %(free)s of it can be paid"
            " now, not %(asked)s. Nothing was charged."
        )
    else:
        said = _("%(free)s is open on invoice %(number)s, not %(asked)s. Nothing was charged.")
    return said % {"number": owed.invoice.number, "free": owed.free, "asked": asked}
