"""Has the credit applied that a payer used: a person does, we see it in the open amounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from django.db.models import Sum

from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.core.money import Money
from quittance.erp.base import Erp, ReportsCredits
from quittance.payments.models import Allocation, CreditUse, Payment
from quittance.payments.told import IN_THE_ERP, MOVING, K, S, next_document, standing
from quittance.posting import by_hand
from quittance.posting.by_hand import Done, Work
from quittance.posting.instructions import application_of
from quittance.posting.models import ErpPosting, ErpPostingLine
from quittance.posting.queue import PostingLine, PostingOrder, enqueue_posting, lines_of
from quittance.posting.transitions import note
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading

# Minor units by the ERP's ids: what is open on "credits" and "invoices", and of what was paid on
# these invoices how much reversals of ours have had taken back by then ("taken_back").
Opens = Mapping[str, Mapping[str, int]]


def tell_of_credits(payment: Payment, account: CustomerAccount) -> None:
    """Put in line that credit of one account shall be applied, in the payment's transaction."""
    uses = list(
        payment.credit_uses.filter(customer_account=account)
        .exclude(status=Allocation.Status.RELEASED)
        .select_related("credit", "invoice")
        .order_by("credit__issued_date", "credit__number", "invoice__number")
    )
    if not uses:
        return
    enqueue_posting(
        PostingOrder(
            source_kind=K.APPLICATION,
            source_id=payment.pk,
            legal_entity_id=account.legal_entity_id,
            customer_account_id=account.pk,
            customer_erp_id=account.erp_id,
            customer_number=account.number,
            document_number=next_document(payment.number, payment.pk),
            posting_date=clock.today(account.legal_entity.zone),
            description=f"Credit used with payment {payment.number}",
            lines=[_line(use) for use in uses],
        )
    )


def advance_application(payment: Payment, posting: ErpPosting) -> None:
    """Say how the credit is applied, once the money is booked, and look whether it was.

    The figures in the steps are those of the moment at which the steps are given: the money that
    came with the credit is off the invoices then.
    """
    with reading():
        others = [each for each in standing(payment) if each.source_kind == K.PAYMENT]
    own = [each for each in others if each.customer_account_id == posting.customer_account_id]
    if posting.status == S.QUEUED and any(each.status in MOVING for each in own):
        return by_hand.wait(posting)
    with reading():
        lines = lines_of(posting)
    work = Work(steps=partial(_steps, posting, lines), done=partial(_is_done, posting, lines))
    return by_hand.advance(posting, work)


def _line(use: CreditUse) -> PostingLine:
    return PostingLine(
        amount=Money(use.amount_minor, use.currency),
        invoice_erp_id=use.invoice.erp_id,
        invoice_number=use.invoice.number,
        credit_erp_id=use.credit.erp_id,
        credit_number=use.credit.number,
        credit_open_minor=use.credit.open_minor,
        invoice_open_minor=use.invoice.open_minor,
    )


def _steps(posting: ErpPosting, lines: Sequence[PostingLine], erp: Erp) -> Sequence[str]:
    if posting.status != S.QUEUED:
        return list(posting.steps)  # somebody may be in the middle of them
    opens = _opens(erp, posting, lines)
    # Kept, so that "applied" can be seen later.
    note(posting, facts={**posting.facts, "opens": opens}, remark=_misfits(lines, opens)[:1000])
    with reading():
        instruction = application_of(
            posting, credit_open=opens["credits"], invoice_open=opens["invoices"]
        )
    return erp.how_to_apply(instruction)


def _is_done(posting: ErpPosting, lines: Sequence[PostingLine], erp: Erp) -> Done | None:
    """Say whether credits and invoices have come down by what was to be applied.

    An invoice of which a payment was taken back meanwhile is open for that much more.
    """
    before: Opens = posting.facts["opens"]
    now = _opens(erp, posting, lines)
    then = before.get("taken_back", now["taken_back"])  # steps that an older release gave
    risen = {erp_id: minor - then[erp_id] for erp_id, minor in now["taken_back"].items()}
    for what, used in _used(lines).items():
        for erp_id, amount_minor in used.items():
            left = max(0, before[what][erp_id] - amount_minor) + risen.get(erp_id, 0)
            if now[what][erp_id] > left:
                return None
    return Done()


def _opens(erp: Erp, posting: ErpPosting, lines: Sequence[PostingLine]) -> Opens:
    """Ask the ERP what is open on each credit and invoice; what it does not name is not open."""
    if not isinstance(erp, ReportsCredits):
        raise Unavailable("This ERP does not show credit: say yourself when it is applied.")
    ids = sorted({line.invoice_erp_id for line in lines})
    with reading():
        taken_back = {erp_id: _taken_back(posting, erp_id) for erp_id in ids}
    invoices = {each.erp_id: each.open.minor for each in erp.read_invoices(ids)}
    credits_ = {
        each.erp_id: each.open.minor for each in erp.open_credits([posting.customer_erp_id])
    }
    return {
        "credits": {line.credit_erp_id: credits_.get(line.credit_erp_id, 0) for line in lines},
        "invoices": {erp_id: invoices.get(erp_id, 0) for erp_id in ids},
        "taken_back": taken_back,
    }


def _taken_back(posting: ErpPosting, invoice_erp_id: str) -> int:
    found = ErpPostingLine.objects.filter(
        invoice_erp_id=invoice_erp_id, posting__source_kind=K.REVERSAL,
        posting__legal_entity_id=posting.legal_entity_id, posting__status__in=IN_THE_ERP,
    )  # fmt: skip
    return found.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def _used(lines: Sequence[PostingLine]) -> Opens:
    credits_: Counter[str] = Counter()
    invoices: Counter[str] = Counter()
    for line in lines:
        credits_[line.credit_erp_id] += line.amount.minor
        invoices[line.invoice_erp_id] += line.amount.minor
    return {"credits": credits_, "invoices": invoices}


def _misfits(lines: Sequence[PostingLine], opens: Opens) -> str:
    """Say what is too little open for what the payer chose; "" if all fits."""
    names = {line.credit_erp_id: line.credit_number for line in lines}
    names |= {line.invoice_erp_id: line.invoice_number for line in lines}
    currency = lines[0].amount.currency
    short = [
        f"{names[erp_id]}: {Money(amount_minor, currency)} was to be applied,"
        f" {Money(opens[what][erp_id], currency)} is open."
        for what, used in _used(lines).items()
        for erp_id, amount_minor in used.items()
        if opens[what][erp_id] < amount_minor
    ]
    if not short:
        return ""
    words = "The payer's credit cannot be applied as chosen: somebody booked in the ERP meanwhile. "
    return words + " ".join(short) + " Apply what can be, tell the payer, then close this."
