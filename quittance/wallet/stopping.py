"""Ends or blocks what a customer keeps when his bank has returned a payment of it.

The caller knows what a bank's code means (payments/return_codes.py) and calls it in the transaction
that writes the return down, as its last step: so it happens once, with it or not at all. A charge
of the same method waits for that transaction, or that one for the charge: see ``chargeable``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.notifications.messages import Part
from quittance.tenancy.rows import writing
from quittance.wallet.consents import BY_BANK, end_consent
from quittance.wallet.ending import NotKept, end_method, lock_methods
from quittance.wallet.models import ConsentRecord, DebitTerms, KeptMethod
from quittance.wallet.telling import tell
from quittance.wallet.transitions import M, move_method


class NotBlocked(RuleBroken):
    """This way to pay is not blocked. Nothing was changed."""


class NoReason(RuleBroken):
    """Write down why it may be charged again. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStop:
    """What a bank's return does to what the payer keeps."""

    source_id: UUID  # the reversal, or the attempt that its bank refused
    code: str
    at: datetime  # of the return: what was agreed to later is another agreement
    why: str  # in the payer's words, with what he can do
    parts: Sequence[Part] = ()  # the same for other languages: sentences, and what they name
    blocks: bool = False  # not ended: nothing is charged until a person has looked
    whole_company: bool = False  # every debit of the customer needs a new authorization

    @property
    def cause(self) -> str:
        """What the timeline and the proof say of it."""
        return f"{BY_BANK}: {self.code or 'no code'}"


def stop_methods(
    stop: BankStop,
    *,
    customer_account_ids: Collection[UUID],
    kept_method_id: UUID | None,
    consent_id: UUID | None,
) -> Sequence[KeptMethod]:
    """End or block what a returned payment was made with, and return what was stopped by it.

    That is the kept method that was charged, or was saved with the payment; the same account or
    card where the customer keeps it twice; with ``whole_company`` every bank account of his. An
    agreement ends with its method, also one under which nothing is kept yet. Idempotent.
    """
    which = customer_account_ids, kept_method_id, consent_id
    found = _stop_those(stop, *which)
    if stop.blocks:
        return found
    for record_id in _consents(stop, customer_account_ids, consent_id):
        end_consent(record_id, by=stop.cause)
    # What was being saved under one of those is there now: see ``keep_method``.
    return [*found, *_stop_those(stop, *which)]


def is_stopped(kept_method_id: UUID) -> bool:
    """Say whether a bank's return keeps a method from being charged; the row stays locked."""
    row = KeptMethod.objects.select_for_update().filter(pk=kept_method_id).first()
    return row is not None and row.status != M.ACTIVE and row.stopped_at is not None


def allow_again(method_id: UUID, note: str) -> KeptMethod:
    """Have a blocked method be charged again, because somebody looked and says why.

    Raises ``NotKept``, ``NotBlocked`` or ``NoReason``.
    """
    words = note.replace("\0", "").strip()[:500]
    if not words:
        raise NoReason
    with writing():
        row = KeptMethod.objects.select_for_update().filter(pk=method_id).first()
        if row is None:
            raise NotKept
        if row.status != M.BLOCKED:
            raise NotBlocked
        move_method(
            row, M.ACTIVE, cause="somebody looked and allowed it", stopped_at=None, stop_code="",
            stopped_by=None,
        )  # fmt: skip
        record_event(
            "method allowed again",
            subject_kind="kept_method",
            subject_id=row.pk,
            label=row.label,
            note=words,
        )
    return row


def company_id_of(gateway_account_id: UUID) -> str:
    """Return the company ID that debits through an account carry; "": it was not told."""
    rows = DebitTerms.objects.filter(gateway_account_id=gateway_account_id)
    return rows.values_list("company_id", flat=True).first() or ""


def _stop_those(
    stop: BankStop,
    accounts: Collection[UUID],
    kept_method_id: UUID | None,
    consent_id: UUID | None,
) -> list[KeptMethod]:
    found = _methods(stop, accounts, kept_method_id, consent_id)
    for row in found:
        _stop(row, stop)
    return found


def _methods(
    stop: BankStop,
    accounts: Collection[UUID],
    kept_method_id: UUID | None,
    consent_id: UUID | None,
) -> list[KeptMethod]:
    """Lock and return those that are not over, in the order of their ids."""
    known = Q(pk=kept_method_id) if kept_method_id else Q(pk__in=[])
    if consent_id:
        known |= Q(consent_id=consent_id)
    others = Q(pk__in=[])
    for fingerprint, gateway_account_id in KeptMethod.objects.filter(
        known, customer_account_id__in=accounts
    ).exclude(fingerprint="").values_list("fingerprint", "gateway_account_id"):  # fmt: skip
        others |= Q(fingerprint=fingerprint, gateway_account_id=gateway_account_id)
    if stop.whole_company:
        others |= Q(method="bank_debit")
    earlier = ConsentRecord.objects.filter(given_at__lte=stop.at).values("pk")
    rows = KeptMethod.objects.filter(
        known | (others & Q(consent_id__in=earlier)), customer_account_id__in=accounts
    ).exclude(status=M.ENDED)
    if stop.blocks:
        rows = rows.exclude(status=M.BLOCKED)
    return lock_methods(rows)


def _consents(
    stop: BankStop, accounts: Collection[UUID], consent_id: UUID | None
) -> Sequence[UUID]:
    wanted = Q(pk=consent_id) if consent_id else Q(pk__in=[])
    if stop.whole_company:
        wanted |= Q(method="bank_debit")
    rows = ConsentRecord.objects.filter(
        wanted, customer_account_id__in=accounts, ended_at=None, given_at__lte=stop.at
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _stop(row: KeptMethod, stop: BankStop) -> None:
    facts = {"stopped_at": stop.at, "stop_code": stop.code[:40], "stopped_by": stop.source_id}
    if not stop.blocks or row.status == M.VERIFYING:
        end_method(row, "returned", cause=stop.cause, why=stop.why, parts=stop.parts, **facts)
        return
    move_method(row, M.BLOCKED, cause=stop.cause, **facts)
    record_event(
        "method blocked",
        subject_kind="kept_method",
        subject_id=row.pk,
        code=stop.code,
        label=row.label,
    )
    said = {"label": row.label, "why": stop.why, "why_parts": stop.parts}
    tell(row, "method_blocked", f"{row.pk}:{stop.source_id}", said)
