"""Writes a payment down before anybody outside is asked: the intent, and what it reserves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.core import clock
from quittance.core.ids import new_id, new_number
from quittance.core.money import CurrencyMismatch, Money
from quittance.gateways.base import Agreement
from quittance.gateways.charges import StartedBy
from quittance.identity.permissions import BuyerPermission
from quittance.payments.approving import Wanted, check_approved
from quittance.payments.asked import asked_with
from quittance.payments.credits import CreditNotFree, OpenCredit, lock_credits
from quittance.payments.discounts import DiscountChanged, discount_of
from quittance.payments.models import (
    Allocation,
    CreditUse,
    GatewayAttempt,
    Payment,
    PaymentAccount,
)
from quittance.payments.orders import (
    AmountNotOwed,
    EmptyOrder,
    IdempotencyConflict,
    InvoiceNotPayable,
    NotItsTurn,
    OrderLine,
    PaymentOrder,
    Suspended,
    too_much,
)
from quittance.payments.owed import Owed, free_to_pay
from quittance.payments.presenting import check_again
from quittance.payments.sealing import fingerprint_of_order
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.receivables.people import check_may
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import because
from quittance.tenancy.scope import current_organization_id
from quittance.wallet.charging import Chargeable, MethodNotUsable, chargeable


def record_order(order: PaymentOrder, *, key: str, is_here: bool = False) -> tuple[Payment, bool]:
    """Write payment, allocations and attempt down, inside a transaction; say whether it is new.

    The invoices and credits stay locked until the transaction ends, so reserved and open amounts
    agree. Raises ``AmountNotOwed``, ``InvoiceNotPayable``, ``CreditNotFree``, ``DiscountChanged``,
    ``EmptyOrder``, ``IdempotencyConflict``, ``MayNot`` (or ``AboveLimit``), ``NeedsApproval``,
    ``MethodNotUsable`` (also for a returned debit that may not be taken again), ``NotItsTurn``,
    ``Suspended`` (never of money that ``is_here`` already).
    """
    earlier = Payment.objects.filter(idempotency_key=key).first()
    if earlier:
        return _same(earlier, order), False
    if not is_here and _is_suspended():
        raise Suspended
    _check_order(order)
    owed = free_to_pay([line.invoice_id for line in order.lines], lock=True)
    credits_ = lock_credits({use.credit_id for line in order.lines for use in line.uses})
    # Whoever was first holds the lock until its payment is there to be seen.
    earlier = Payment.objects.filter(idempotency_key=key).first()
    if earlier:
        return _same(earlier, order), False
    _check_turn(order)
    method, entry = _method_of(order)
    for line in order.lines:
        _check_line(line, owed.get(line.invoice_id), order)
    _check_discounts(order, owed)
    _check_credits(order, owed, credits_)
    payment_id = new_id()
    if not is_here:  # what is here already is whoever's it was when he sent it
        _check_payer(order, key, payment_id)
    because("the payer confirmed" if order.lines else "money came by itself")
    payment = _payment(order, key, method, payment_id)
    PaymentAccount.objects.bulk_create(
        PaymentAccount(
            payment=payment, customer_account_id=account_id, created_at=payment.created_at
        )
        for account_id in dict.fromkeys([order.customer_account_id, *order.other_account_ids])
    )
    Allocation.objects.bulk_create(
        _allocation(payment, line, owed[line.invoice_id]) for line in order.lines
    )
    CreditUse.objects.bulk_create(_uses(payment, order, owed, credits_))
    if payment.amount_minor:
        _attempt(payment, order, asked_with(order, method, entry=entry))
    return payment, True


def _is_suspended() -> bool:
    here = Organization.objects.filter(pk=current_organization_id())
    return here.filter(suspended_at__isnull=False).exists()


def _same(earlier: Payment, order: PaymentOrder) -> Payment:
    if earlier.fingerprint != order.fingerprint:
        raise IdempotencyConflict(payment=str(earlier.pk))
    return earlier


def _check_order(order: PaymentOrder) -> None:
    if any(_is_nothing(line) for line in order.lines) or order.on_account_minor < 0:
        raise EmptyOrder
    if not order.lines and not order.on_account_minor:
        raise EmptyOrder
    if order.fee_minor and order.total.minor == order.fee_minor:
        raise EmptyOrder(_("A payment that moves no money has no fee."))
    if any(line.amount.currency != order.currency for line in order.lines):
        raise CurrencyMismatch(currency=order.currency)
    if len({line.invoice_id for line in order.lines}) != len(order.lines):
        raise EmptyOrder(_("An invoice stands twice in this payment. Choose each one once."))


def _is_nothing(line: OrderLine) -> bool:
    parts = [line.amount.minor, line.discount_minor, *(use.minor for use in line.uses)]
    return min(parts) < 0 or not (line.amount.minor or line.uses)


def _check_payer(order: PaymentOrder, key: str, payment_id: UUID) -> None:
    """Whoever pays must be allowed to, for each account, and so much; a guest holds a link."""
    if order.user_id is None:
        return
    if order.save:
        own = [order.customer_account_id]  # the way to pay is kept for this one alone
        check_may(order.user_id, own, BuyerPermission.KEEP_METHODS)
    wanted = Wanted(
        payer_id=order.user_id, money=order.total,
        account_ids=[order.customer_account_id, *order.other_account_ids],
        credit_minor=sum(use.minor for line in order.lines for use in line.uses),
    )  # fmt: skip
    check_approved(
        wanted, basket_id=_basket_of(key), fingerprint=fingerprint_of_order(order),
        used_for=payment_id,
    )  # fmt: skip


def _basket_of(key: str) -> UUID | None:
    """Return the basket whose payment this is; a payment that no basket became has other keys."""
    try:
        return UUID(key)
    except ValueError:
        return None


def _check_turn(order: PaymentOrder) -> None:
    over = [Payment.Status.SUCCEEDED, Payment.Status.FAILED, Payment.Status.CANCELLED]
    if order.after and not Payment.objects.filter(idempotency_key=order.after, status__in=over):
        raise NotItsTurn


def _check_line(line: OrderLine, owed: Owed | None, order: PaymentOrder) -> None:
    accounts = {order.customer_account_id, *order.other_account_ids}
    if owed is None or owed.invoice.customer_account_id not in accounts:
        raise InvoiceNotPayable(invoice=str(line.invoice_id))
    invoice: Invoice = owed.invoice
    if invoice.erp_status != Invoice.ErpStatus.OPEN:
        raise InvoiceNotPayable(
            _("Nothing is open on invoice %(number)s any more. Nothing was charged.")
            % {"number": invoice.number},
            invoice=invoice.number,
        )
    if invoice.currency != order.currency:
        raise CurrencyMismatch(invoice=invoice.number, currency=order.currency)
    if line.settles_minor > owed.free.minor:
        asked = Money(line.settles_minor, order.currency)
        raise AmountNotOwed(
            too_much(owed, asked), invoice=invoice.number, invoice_id=str(invoice.pk),
            free=owed.free.minor,
        )  # fmt: skip


def _check_discounts(order: PaymentOrder, owed: Mapping[UUID, Owed]) -> None:
    """A discount that is taken is the ERP's; one that is not taken is never charged (5.7)."""
    if not any(each.invoice.discount_minor for each in owed.values()):
        if any(line.discount_minor for line in order.lines):
            raise DiscountChanged
        return
    accounts = CustomerAccount.objects.select_related("legal_entity").in_bulk(
        {each.invoice.customer_account_id for each in owed.values()}
    )
    for line in order.lines:
        found = owed[line.invoice_id]
        zone = accounts[found.invoice.customer_account_id].legal_entity.zone
        discount = discount_of(found, method=order.method, now=clock.now(), zone=zone)
        may_take = discount.minor if discount and discount.is_sure else 0
        closes = line.settles_minor == found.free.minor and not line.uses
        if line.discount_minor and not (closes and line.discount_minor == may_take):
            raise DiscountChanged(invoice=found.invoice.number)
        if discount and line.amount.minor > found.free.minor - discount.minor:
            raise DiscountChanged(
                _(
                    "Invoice %(number)s has an early-payment discount until %(until)s: %(amount)s"
                    " is enough until then. Nothing was charged."
                )
                % {
                    "number": found.invoice.number, "until": discount.until,
                    "amount": found.free - Money(discount.minor, order.currency),
                },
                invoice=found.invoice.number,
            )  # fmt: skip


def _check_credits(
    order: PaymentOrder, owed: Mapping[UUID, Owed], credits_: Mapping[UUID, OpenCredit]
) -> None:
    """A credit pays invoices of its own account and currency, and no more than is free of it."""
    used: dict[UUID, int] = {}
    for line in order.lines:
        account_id = owed[line.invoice_id].invoice.customer_account_id
        for use in line.uses:
            found = credits_.get(use.credit_id)
            if found is None or found.credit.customer_account_id != account_id:
                raise CreditNotFree(credit=str(use.credit_id))
            if found.credit.currency != order.currency:
                raise CurrencyMismatch(credit=found.credit.number, currency=order.currency)
            used[use.credit_id] = used.get(use.credit_id, 0) + use.minor
            if used[use.credit_id] > found.free.minor:
                raise CreditNotFree(
                    _("%(free)s of credit %(number)s can be used now. Nothing was charged.")
                    % {"free": found.free, "number": found.credit.number},
                    credit=found.credit.number,
                )


def _method_of(order: PaymentOrder) -> tuple[Chargeable | None, str]:
    """Return the kept method that is charged, and what its entry is called if not as always.

    Raises ``MethodNotUsable``.
    """
    if order.kept_method_id is None:
        return None, ""
    found = chargeable(
        order.kept_method_id, currency=order.currency, user_id=order.user_id, lock=True
    )
    accounts = {order.customer_account_id, *order.other_account_ids}
    asked = (order.gateway_account_id, order.method)
    if found.customer_account_id not in accounts or order.save or order.embedded:
        raise MethodNotUsable
    if (found.gateway_account_id, found.method) != asked:
        raise MethodNotUsable
    if order.started_by is StartedBy.SELLER and found.agreement is Agreement.ON_CLICK:
        raise MethodNotUsable(
            _("Who saved this way to pay starts every payment himself. Nothing was charged.")
        )
    shares = {line.invoice_id: line.amount.minor for line in order.lines}
    return found, check_again(found.kept_method_id, shares, started_by=order.started_by)


def _payment(order: PaymentOrder, key: str, method: Chargeable | None, payment_id: UUID) -> Payment:
    return Payment.objects.create(
        id=payment_id,
        number=new_number("P"),
        customer_account_id=order.customer_account_id,
        gateway_account_id=order.gateway_account_id if order.total.minor else None,
        user_id=order.user_id,
        origin=order.origin,
        pay_link_id=order.guest.link_id if order.guest else None,
        payer_name=order.guest.name if order.guest else "",
        payer_mail=order.guest.mail if order.guest else "",
        amount_minor=order.total.minor,
        fee_minor=order.fee_minor,
        on_account_minor=order.on_account_minor,
        currency=order.currency,
        method=order.method,
        method_label=method.label[:60] if method else "",
        idempotency_key=key,
        fingerprint=order.fingerprint,
        next_at=clock.now(),
    )


def _allocation(payment: Payment, line: OrderLine, owed: Owed) -> Allocation:
    return Allocation(
        payment=payment,
        customer_account_id=owed.invoice.customer_account_id,
        invoice_id=line.invoice_id,
        amount_minor=line.amount.minor,
        discount_minor=line.discount_minor,
        credit_minor=sum(use.minor for use in line.uses),
        currency=line.amount.currency,
        reason=line.reason,
        open_seen_minor=owed.invoice.open_minor,
        in_flight_seen_minor=owed.in_flight_minor,
        version_seen=owed.invoice.version,
    )


def _uses(
    payment: Payment,
    order: PaymentOrder,
    owed: Mapping[UUID, Owed],
    credits_: Mapping[UUID, OpenCredit],
) -> list[CreditUse]:
    in_flight = {credit_id: found.in_flight_minor for credit_id, found in credits_.items()}
    uses = []
    for line in order.lines:
        for use in line.uses:
            credit = credits_[use.credit_id].credit
            uses.append(
                CreditUse(
                    payment=payment,
                    customer_account_id=owed[line.invoice_id].invoice.customer_account_id,
                    credit=credit,
                    invoice_id=line.invoice_id,
                    amount_minor=use.minor,
                    currency=order.currency,
                    open_seen_minor=credit.open_minor,
                    in_flight_seen_minor=in_flight[use.credit_id],
                    version_seen=credit.version,
                )
            )
            in_flight[use.credit_id] += use.minor
    return uses


def _attempt(payment: Payment, order: PaymentOrder, asked: dict[str, Any] | None) -> GatewayAttempt:
    return GatewayAttempt.objects.create(
        payment=payment,
        customer_account_id=payment.customer_account_id,
        gateway_account_id=payment.gateway_key,
        reference=f"{payment.pk}:1",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        method=payment.method,
        return_url=order.return_url.replace("{payment}", str(payment.pk)),
        cancel_url=order.cancel_url.replace("{payment}", str(payment.pk)),
        locale=order.locale,
        kept_method_id=order.kept_method_id,
        started_by=order.started_by,
        asked_with=asked,
    )
