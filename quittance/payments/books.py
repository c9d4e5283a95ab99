"""Writes into the ledger what payments and what goes back of them move. Source: the-ledger.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from uuid import UUID

from django.db.models import Sum

from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.ledger.models import LedgerEntry, LedgerTransaction
from quittance.ledger.record import record
from quittance.payments.given_back import ends_a_return
from quittance.payments.models import GatewayAttempt, Payment, Reversal
from quittance.posting.models import ErpPosting

K = Reversal.Kind


def book_capture(payment: Payment, attempt: GatewayAttempt) -> None:
    """Money came: the gateway owes it to us, and each legal entity's ERP is to be told its part."""
    parts = _by_account(_parts_of(payment), accounts.unposted_receipts)
    parts[accounts.fees_charged(_home(payment))] = payment.fee_minor
    parts = {account: -minor for account, minor in parts.items()}
    parts[accounts.gateway_clearing(attempt.gateway_account_id)] = payment.amount_minor
    _record(f"captured:{payment.pk}", f"Payment {payment.number} captured", parts, payment.currency)


def book_surplus(payment: Payment, attempt: GatewayAttempt) -> None:
    """Money came that must go back."""
    _record(
        f"surplus:{attempt.pk}",
        f"Surplus of payment {payment.number}",
        {
            accounts.gateway_clearing(attempt.gateway_account_id): attempt.came.minor,
            accounts.surplus(attempt.gateway_account_id): -attempt.came.minor,
        },
        attempt.came.currency,
    )


def keep_apart(name: str, gateway_account_id: UUID, came: Money | None, *, words: str) -> bool:
    """Bring what is kept apart under ``name`` to what ``came``; ``None``: nothing any more.

    Money at a gateway of which nobody has decided yet what it is: what does not fit an attempt,
    what belongs to no payment. Each currency has its own entries; nothing is converted. Says
    whether that was news. Call it with the row locked whose ``name`` it is, when that row changes.
    """
    account, key = accounts.quarantine(gateway_account_id), f"quarantined:{name}:"
    entries = LedgerEntry.objects.filter(account=account, transaction__key__startswith=key)
    sums = dict(entries.values_list("currency").annotate(sum=Sum("amount_minor")))
    held = {currency: -minor for currency, minor in sums.items()}
    wanted = {came.currency: came.minor} if came else {}
    step = entries.values("transaction").distinct().count()
    more = {each: wanted.get(each, 0) - held.get(each, 0) for each in sorted({*held, *wanted})}
    changes = {currency: minor for currency, minor in more.items() if minor}
    for currency, minor in changes.items():
        step += 1
        moved = {accounts.gateway_clearing(gateway_account_id): minor, account: -minor}
        _record(f"{key}{step}", words, moved, currency)
    return bool(changes)


def book_reversal(reversal: Reversal, attempt: GatewayAttempt) -> None:
    """Money went back; or came again, for a dispute that was won or a return that was taken back.

    What it is taken from: the surplus; the disputed money, until that is decided; else what the
    legal entities have had. Call it after their ERPs were told: the postings say whose part it is.
    """
    sign = -1 if reversal.kind == K.DISPUTE_WON else 1
    if attempt.status == GatewayAttempt.Status.SURPLUS:
        parts = {accounts.surplus(attempt.gateway_account_id): reversal.amount_minor}
    elif reversal.kind in {K.DISPUTE, K.DISPUTE_WON} and not _was_owed_again(reversal):
        parts = {accounts.disputed(attempt.gateway_account_id): reversal.amount_minor}
    else:
        parts = _owed_again(reversal)
    parts = {account: sign * minor for account, minor in parts.items()}
    parts[accounts.gateway_clearing(attempt.gateway_account_id)] = -sign * reversal.amount_minor
    word = reversal.get_kind_display()
    _record(
        f"{'given_back' if ends_a_return(reversal) else 'reversed'}:{reversal.pk}",
        f"{word} {reversal.number} of payment {reversal.payment.number}",
        parts,
        reversal.currency,
    )


def unbook_reversal(reversal: Reversal) -> None:
    """Money that had gone back came again, because the payer's bank did not take it."""
    entries = LedgerEntry.objects.filter(transaction__key=f"reversed:{reversal.pk}")
    _record(
        f"unreversed:{reversal.pk}",
        f"Refund {reversal.number} of payment {reversal.payment.number} came back",
        {entry.account: -entry.amount_minor for entry in entries},
        reversal.currency,
    )


def book_loss(reversal: Reversal, attempt: GatewayAttempt) -> bool:
    """A dispute is lost, so what it took is gone; say whether that is news."""
    key = f"lost:{reversal.pk}"
    if LedgerTransaction.objects.filter(key=key).exists():
        return False
    parts = _owed_again(reversal)
    parts[accounts.disputed(attempt.gateway_account_id)] = -reversal.amount_minor
    words = f"Dispute {reversal.number} of payment {reversal.payment.number} lost"
    _record(key, words, parts, reversal.currency)
    return True


def book_reversal_in_erp(reversal: Reversal, posting: ErpPosting) -> None:
    """A legal entity's ERP has taken its part back; or for a dispute that was won: has it again."""
    sign = -1 if reversal.kind == K.DISPUTE_WON else 1
    _record(
        f"reversal_posted:{posting.pk}",
        f"{reversal.get_kind_display()} {reversal.number} posted in the ERP",
        {
            accounts.posted_receipts(posting.legal_entity_id): sign * posting.amount_minor,
            accounts.unposted_reversals(posting.legal_entity_id): -sign * posting.amount_minor,
        },
        posting.currency,
    )


def _parts_of(payment: Payment) -> Mapping[UUID, int]:
    """Return what each legal entity gets; what pays no invoice goes to the payer's own account."""
    parts: Counter[UUID] = Counter()
    for allocation in payment.allocations.select_related("customer_account"):
        parts[allocation.customer_account.legal_entity_id] += allocation.amount_minor
    rest = payment.amount_minor - payment.fee_minor - parts.total()
    parts[_home(payment)] += rest
    return parts


def _owed_again(reversal: Reversal) -> dict[str, int]:
    """Return what goes back, by the legal entity that had it, and what of it is the payer's fee."""
    parts: Counter[UUID] = Counter()
    postings = ErpPosting.objects.filter(source_kind="reversal", source_id=reversal.pk).exclude(
        status="replaced"
    )
    for posting in postings:
        parts[posting.legal_entity_id] += posting.amount_minor
    home = _home(reversal.payment)
    # More than came in: the ERP can take back no more than it has, so it is told no more.
    parts[home] += reversal.amount_minor - reversal.fee_minor - parts.total()
    result = _by_account(parts, accounts.unposted_reversals)
    result[accounts.fees_charged(home)] = reversal.fee_minor
    return result


def _was_owed_again(reversal: Reversal) -> bool:
    """Say whether what comes again now had been booked as gone: a return, or a dispute as lost."""
    if reversal.kind != K.DISPUTE_WON:
        return False
    if ends_a_return(reversal):
        return True
    taken = Reversal.objects.filter(
        attempt_id=reversal.attempt_id, kind=K.DISPUTE, gateway_object=reversal.gateway_object
    )
    keys = [f"lost:{each.pk}" for each in taken]
    return LedgerTransaction.objects.filter(key__in=keys).exists()


def _home(payment: Payment) -> UUID:
    return payment.customer_account.legal_entity_id


def _by_account(parts: Mapping[UUID, int], name: Callable[[UUID], str]) -> dict[str, int]:
    return {name(legal_entity_id): minor for legal_entity_id, minor in parts.items()}


def _record(key: str, words: str, parts: Mapping[str, int], currency: str) -> None:
    entries = {account: Money(minor, currency) for account, minor in parts.items() if minor}
    record(key, words[:200], entries)
