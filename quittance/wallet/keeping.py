"""Writes a method down that a gateway keeps, and follows what the gateway says of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.gateways.base import Payer
from quittance.gateways.saved import MandateState, SavedMethod
from quittance.jobs.later import spread
from quittance.notifications.messages import enqueue_message
from quittance.wallet.consents import BY_BANK
from quittance.wallet.ending import UNFIT, end_method
from quittance.wallet.models import ConsentRecord, DefaultMethod, KeptMethod
from quittance.wallet.transitions import M, move_method

DAILY: Final = timedelta(days=1)


def payer_for(
    customer_account_id: UUID, gateway_account_id: UUID, *, name: str, email: str
) -> Payer:
    """Return a customer as a gateway account knows him, in a transaction of the caller."""
    known = (
        KeptMethod.objects.filter(
            customer_account_id=customer_account_id, gateway_account_id=gateway_account_id
        )
        .exclude(gateway_payer="")
        .order_by("-created_at")
        .values_list("gateway_payer", flat=True)
    )
    return Payer(
        reference=str(customer_account_id), name=name, email=email,
        gateway_payer=known.first() or "",
    )  # fmt: skip


def keep_method(
    told: SavedMethod,
    consent: ConsentRecord,
    *,
    gateway_account_id: UUID,
    currency: str,
    verified: bool = True,
) -> KeptMethod:
    """Write a method down, once, in a transaction that sees all of the organization.

    ``currency`` is what a bank account is debited in. Not ``verified``: the payer has still to show
    that the account is his. One that was kept and ended stays ended: a late word about it does not
    bring it back. What is not as agreed to, or not any more, is ended at once, and the gateway
    forgets it.
    """
    rows = KeptMethod.objects.select_for_update()
    row = rows.filter(
        gateway_account_id=gateway_account_id, gateway_method=told.gateway_method
    ).first()
    if row is None:
        # A bank's return that ends the agreement waits for this, and then finds the method.
        ConsentRecord.objects.select_for_update().get(pk=consent.pk)
        row = KeptMethod(
            id=new_id(), customer_account_id=consent.customer_account_id, consent=consent,
            gateway_account_id=gateway_account_id, gateway_method=told.gateway_method,
            method=told.method, agreement=consent.agreement, saved_by_id=consent.user_id,
            currency=currency if told.method == "bank_debit" else "",
        )  # fmt: skip
        _take_facts(row, told, holder=consent.holder)
        row.save(force_insert=True)
    follow(row, told, currency=currency, verified=verified)
    return row


def follow(
    row: KeptMethod, told: SavedMethod, *, currency: str = "", verified: bool = True
) -> None:
    """Take the gateway's word on a method that is kept, in a transaction; the row is locked."""
    if row.status == M.ENDED:
        return
    consent = ConsentRecord.objects.get(pk=row.consent_id)
    as_agreed = _is_as_agreed(told, consent)
    _take_facts(row, told, holder=row.holder)
    row.save(update_fields=_FACTS)
    if not as_agreed:
        end_method(row, UNFIT, cause="it is not what the payer agreed to")
        return
    if _is_over(row, consent):
        return
    if not told.is_usable and (verified or row.status in {M.ACTIVE, M.BLOCKED}):
        gone = told.mandate is not None and told.mandate.state is MandateState.ENDED
        end_method(row, "mandate_ended" if gone else "gone", cause="the gateway says so")
        return
    if row.status == M.BLOCKED or not verified:  # only a person lifts a block
        return
    if move_method(row, M.ACTIVE, cause="the gateway keeps it", next_at=daily_look()):
        _first_becomes_default(row, currency or row.currency)
        _tell(row)


def _is_over(row: KeptMethod, consent: ConsentRecord) -> bool:
    """End a method whose agreement ended while it was still being saved: given up, or returned."""
    if consent.ended_at is None:
        return False
    by_bank = consent.ended_by.startswith(BY_BANK)
    cause = consent.ended_by if by_bank else "what was agreed to is over"
    end_method(row, "returned" if by_bank else "removed", cause=cause)
    return True


def _is_as_agreed(told: SavedMethod, consent: ConsentRecord) -> bool:
    """Say whether it is the way to pay, and whose account, that the payer read of and agreed to.

    On the gateway's page he may name another one than on ours; its rules would be others. Source:
    features 5.1 (a debit of a company is CCD, of a person WEB).
    """
    same_holder = told.holder is None or consent.holder in {"", told.holder.value}
    return told.method == consent.method and same_holder


def daily_look() -> datetime:
    """Return when a method is looked at again of which the gateway says nothing by itself."""
    return clock.now() + DAILY + spread(DAILY)


def look_soon(method_id: UUID) -> None:
    """Have the gateway be asked about a method, in a transaction: a charge says that it is gone."""
    rows = KeptMethod.objects.filter(pk=method_id).exclude(status=M.ENDED)
    rows.update(next_at=clock.now())


def make_default(row: KeptMethod, currency: str) -> None:
    """Have a method come first in one currency, in a transaction of the caller."""
    DefaultMethod.objects.update_or_create(
        customer_account_id=row.customer_account_id, currency=currency,
        defaults={"method": row},
    )  # fmt: skip
    record_event(
        "method made default", subject_kind="kept_method", subject_id=row.pk, currency=currency
    )


def _first_becomes_default(row: KeptMethod, currency: str) -> None:
    if not currency:
        return
    rows = DefaultMethod.objects.filter(
        customer_account_id=row.customer_account_id, currency=currency
    )
    if not rows.exists():
        make_default(row, currency)


_FACTS = [
    "gateway_payer", "brand", "bank_name", "last4", "expires_on", "funding", "holder",
    "fingerprint", "initial_reference", "gateway_mandate", "mandate_reference", "scheme",
    "expiry_told_at",
]  # fmt: skip


def _take_facts(row: KeptMethod, told: SavedMethod, *, holder: str) -> None:
    """Take what the gateway says. What it does not tell any more stays as it was."""
    if told.expires_on != row.expires_on:
        row.expiry_told_at = None
    row.expires_on = told.expires_on or row.expires_on
    row.gateway_payer = told.gateway_payer or row.gateway_payer
    row.brand = told.brand[:40] or row.brand
    row.bank_name = told.bank_name[:140] or row.bank_name
    row.last4 = told.last4[-4:] or row.last4
    row.funding = told.funding[:20] or row.funding
    row.holder = told.holder.value if told.holder else holder
    row.fingerprint = told.fingerprint[:200] or row.fingerprint
    row.initial_reference = told.initial_reference[:200] or row.initial_reference
    if told.mandate is not None:
        row.gateway_mandate = told.mandate.gateway_mandate
        row.mandate_reference = told.mandate.reference[:100]
        row.scheme = told.mandate.scheme


def _tell(row: KeptMethod) -> None:
    """Mail a copy of what was agreed to. Source: features 5.1, (f)."""
    consent = ConsentRecord.objects.select_related("user").get(pk=row.consent_id)
    record_event("method saved", subject_kind="kept_method", subject_id=row.pk, label=row.label)
    enqueue_message(
        key=f"method_saved:{row.pk}", kind="method_saved", to=consent.user.email,
        facts={
            "label": row.label, "method": row.method, "text": consent.text,
            "version": consent.text_version, "given_at": consent.given_at.isoformat(),
            "reference": row.mandate_reference,
        },
    )  # fmt: skip
