"""Shows in the mirror and in the ledger what the ERP has booked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from quittance.core.money import Money
from quittance.disputes.watching import look_again
from quittance.erp.base import InvoiceRecord
from quittance.ledger import accounts
from quittance.ledger.models import LedgerEntry, LedgerTransaction
from quittance.ledger.record import record
from quittance.payments.books import book_reversal_in_erp
from quittance.payments.models import Allocation, CreditUse, Payment, Reversal
from quittance.payments.told import IN_THE_ERP, K
from quittance.posting.models import ErpPosting
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.rows import because, reading

L = Allocation.Status
_ERP_SECONDS: Final = 30.0
_MOST: Final = 20  # times that a person changes their mind about one posting
_CAUSE: Final = "the ERP's invoices were read again"


def reflect(payment: Payment, postings: Sequence[ErpPosting]) -> None:
    """Read what was booked from the ERP again; only then may its open amounts be trusted.

    ``postings``: all that stand for the payment. Raises ``OutsideError``: then nothing changed.
    """
    booked = [each for each in postings if each.status in IN_THE_ERP]
    if not booked:
        return
    with reading():
        news = [each for each in booked if not _is_shown(each)]
        entities = {each.legal_entity_id: _invoices_of(news, each) for each in news}
    for legal_entity_id, erp_ids in entities.items():
        here = [each for each in news if each.legal_entity_id == legal_entity_id]
        refresh_invoices(
            legal_entity_id, sorted(erp_ids), seconds=_ERP_SECONDS, also=_show(payment, here),
            customer_erp_ids={each.customer_erp_id for each in here},
        )  # fmt: skip


def is_in_the_ledger(posting: ErpPosting) -> bool:
    """Say whether our ledger has it that the ERP knows, in a transaction of the caller."""
    return _told(posting) > _untold(posting)


def tell_ledger(posting: ErpPosting) -> None:
    """Write down that the ERP knows of the money, once; again only after ``untell_ledger``."""
    if is_in_the_ledger(posting) or posting.source_kind == K.APPLICATION:
        return
    untold = _untold(posting)
    if untold:
        _copy(_key(posting), f"{_key(posting)}:{untold}", "posted in the ERP after all", sign=1)
    elif posting.source_kind == K.REVERSAL:
        book_reversal_in_erp(Reversal.objects.get(pk=posting.source_id), posting)
    else:
        record(
            _key(posting),
            f"Payment {posting.document_number} posted in the ERP",
            {
                accounts.unposted_receipts(posting.legal_entity_id): posting.amount,
                accounts.posted_receipts(posting.legal_entity_id): -posting.amount,
            },
        )


def untell_ledger(posting: ErpPosting) -> None:
    """Take back that the ERP knows: somebody had said so and was wrong. In a transaction."""
    if is_in_the_ledger(posting):
        undone = f"undone:{posting.pk}:{_untold(posting) + 1}"
        _copy(_key(posting), undone, "is not in the ERP after all", sign=-1)


def _is_shown(posting: ErpPosting) -> bool:
    if posting.source_kind == K.APPLICATION:
        return not _credit_uses(posting).exists()
    return is_in_the_ledger(posting)


def _invoices_of(news: Iterable[ErpPosting], one: ErpPosting) -> set[str]:
    """Return which invoices of one legal entity are to be read again."""
    same = [each for each in news if each.legal_entity_id == one.legal_entity_id]
    erp_ids = {line.invoice_erp_id for posting in same for line in posting.lines.all()}
    if one.source_kind == K.PAYMENT:  # handled by hand: what the payer chose may be elsewhere
        mine = Allocation.objects.filter(payment_id=one.source_id, status=L.CONSUMED)
        of_entity = mine.filter(invoice__legal_entity_id=one.legal_entity_id)
        erp_ids |= set(of_entity.values_list("invoice__erp_id", flat=True))
    return erp_ids - {""}


def _show(
    payment: Payment, news: Sequence[ErpPosting]
) -> Callable[[Sequence[InvoiceRecord]], None]:
    def show(records: Sequence[InvoiceRecord]) -> None:
        because(_CAUSE)
        # Another worker may be here too, or a person has said meanwhile that it is not booked.
        still = ErpPosting.objects.filter(pk__in=[each.pk for each in news], status__in=IN_THE_ERP)
        for posting in still.order_by("pk").select_for_update():
            tell_ledger(posting)
            if posting.source_kind == K.REVERSAL:
                look_again(posting.legal_entity_id, _invoices_of(news, posting))
        for account_id in {each.customer_account_id for each in news}:
            _show_allocations(payment, account_id, records)

    return show


def _show_allocations(payment: Payment, account_id: UUID, records: Sequence[InvoiceRecord]) -> None:
    """An allocation is shown when its money is booked and its credit applied, as far as it has.

    Its credit with it: what is shown in part is neither open nor paid.
    """
    opens = {each.erp_id: each.open.minor for each in records}
    booked = _in_the_erp(payment, account_id, K.PAYMENT)
    applied = _in_the_erp(payment, account_id, K.APPLICATION)
    waiting = payment.allocations.filter(customer_account_id=account_id, status=L.CONSUMED)
    for allocation in waiting.select_related("invoice"):
        if (allocation.amount_minor and not booked) or (allocation.credit_minor and not applied):
            continue
        Allocation.objects.filter(pk=allocation.pk, status=L.CONSUMED).update(
            status=L.REFLECTED, open_after_minor=opens.get(allocation.invoice.erp_id)
        )
        CreditUse.objects.filter(
            payment=payment, invoice_id=allocation.invoice_id, status=L.CONSUMED
        ).update(status=L.REFLECTED)


def _in_the_erp(payment: Payment, account_id: UUID, kind: str) -> bool:
    found = ErpPosting.objects.filter(
        source_kind=kind, source_id=payment.pk, customer_account_id=account_id
    )
    return found.filter(status__in=IN_THE_ERP).exists()


def _credit_uses(posting: ErpPosting) -> QuerySet[CreditUse]:
    return CreditUse.objects.filter(
        payment_id=posting.source_id, customer_account_id=posting.customer_account_id,
        status=L.CONSUMED,
    )  # fmt: skip


def _key(posting: ErpPosting) -> str:
    word = "reversal_posted" if posting.source_kind == K.REVERSAL else "posted"
    return f"{word}:{posting.pk}"


def _told(posting: ErpPosting) -> int:
    keys = [_key(posting), *(f"{_key(posting)}:{count}" for count in range(1, _MOST))]
    if posting.source_kind == K.PAYMENT:
        keys.append(f"posted:{posting.source_id}")  # as it was while a payment had one posting
    return LedgerTransaction.objects.filter(key__in=keys).count()


def _untold(posting: ErpPosting) -> int:
    keys = [f"undone:{posting.pk}:{count}" for count in range(1, _MOST)]
    return LedgerTransaction.objects.filter(key__in=keys).count()


def _copy(key: str, to: str, words: str, *, sign: int) -> None:
    entries = LedgerEntry.objects.filter(transaction__key=key)
    record(
        to, f"{words[:1].upper()}{words[1:]}",
        {each.account: Money(sign * each.amount_minor, each.currency) for each in entries},
    )  # fmt: skip
