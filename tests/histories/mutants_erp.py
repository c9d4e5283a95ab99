"""Bugs in what is told to the ERP and in what goes back, planted on request."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from quittance.core import clock, money
from quittance.core.errors import OutcomeUnknown, OutsideError
from quittance.core.money import Money
from quittance.erp.base import PostedPayment
from quittance.erp.business_central import ledger as bc_ledger
from quittance.erp.business_central import post as bc_post
from quittance.erp.business_central.odata import Api
from quittance.gateways.sandbox import gateway as sandbox
from quittance.gateways.sandbox.calls import Calls
from quittance.payments import (
    outside,
    postings,
    reflect,
    reversals,
    sending,
    settle,
)
from quittance.posting import post
from quittance.posting import transitions as posting_steps
from quittance.posting.models import ErpPosting
from quittance.receivables import mirror
from tests.histories import ground

Put = Callable[[Any, str, Any], None]
_FOR_EVER: Final = timedelta(days=999)


# ---- the ERP


def _no_look_before_sending(put: Put) -> None:
    put(post, "look", _blind(post.look))
    put(bc_post, "_posted", lambda *_: False)
    found = post._go_on

    def blind(erp: Any, posting: ErpPosting, instruction: Any, refit: Any) -> Any:
        return found(_Blind(erp), posting, instruction, refit)

    put(post, "_go_on", blind)


def _blind(look: Any) -> Any:
    def blind(erp: Any, posting: ErpPosting) -> Any:
        return replace(look(erp, posting), changed=False, words="")

    return blind


class _Blind:
    """An ERP whose first look into the ledger shows nothing."""

    def __init__(self, erp: Any) -> None:
        self._erp, self._looks = erp, 0

    def find_posting(self, instruction: Any) -> Any:
        self._looks += 1
        return None if self._looks == 1 else self._erp.find_posting(instruction)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)


def _another_journal_each_time(put: Put) -> None:
    put(bc_post, "_code", lambda _: uuid.uuid4().hex[:10])
    put(bc_post, "_posted", lambda *_: False)


def _post_believed(put: Put) -> None:
    """Confirmed when the ERP says 204, not when its ledger shows it."""
    send = post._send

    def believing(erp: Any, posting: Any, instruction: Any, fit: Any) -> tuple[PostedPayment, bool]:
        send(erp, posting, instruction, fit)
        posted = PostedPayment(
            document_number=instruction.document_number, entry_numbers=[1],
            posting_date=instruction.posting_date,
        )  # fmt: skip
        return posted, True

    put(post, "_send_and_look", believing)


def _lines_not_read_back(put: Put) -> None:
    put(bc_post, "_read_lines", lambda *_: [])
    put(bc_post, "_missing", _all_on_first_sight())


def _all_on_first_sight() -> Any:
    seen: set[Any] = set()

    def missing(instruction: Any, found: Any, journal: Any) -> Any:
        if instruction.posting_id in seen:
            return []
        seen.add(instruction.posting_id)
        return list(instruction.lines)

    return missing


def _ledger_sum_not_compared(put: Put) -> None:
    put(bc_ledger, "_taken_back", lambda *_, **__: Money(0, "USD"))


def _no_horizon_no_claim(put: Put) -> None:
    """Lines are added although a post may be under way, and nothing binds the post to a version."""
    put(post, "surely_quiet", lambda _: True)
    put(bc_post, "_claim", lambda api, draft, path: "*")
    put(bc_post, "_posted", lambda *_: False)


def _fence_ignored(put: Put) -> None:
    def careless(posting: ErpPosting, **changes: object) -> None:
        ErpPosting.objects.filter(pk=posting.pk).update(**changes)
        for name, value in changes.items():
            setattr(posting, name, value)

    put(posting_steps, "_write", careless)


def _unknown_taken_for_refused(put: Put) -> None:
    def rejecting(posting: ErpPosting, error: OutsideError) -> None:
        if isinstance(error, OutcomeUnknown):
            return post._reject(posting, error)  # type: ignore[arg-type]
        return post.later(posting, error)

    put(post, "_later", rejecting)


def _unknown_taken_for_done(put: Put) -> None:
    act = Api.act

    def forgiving(self: Api, path: str, *, etag: str, entity: str) -> None:
        try:
            act(self, path, etag=etag, entity=entity)
        except OutcomeUnknown:
            return

    put(Api, "act", forgiving)
    _post_believed(put)


def _shown_before_it_is_booked(put: Put) -> None:
    put(reflect, "IN_THE_ERP", frozenset({*reflect.IN_THE_ERP, "queued", "sending", "unknown"}))


def _never_shown(put: Put) -> None:
    put(postings, "reflect", lambda *_: None)


def _not_put_on_account(put: Put) -> None:
    """What the ERP cannot apply is sent all the same, and what it leaves over nobody knows."""
    put(post, "look", _blind(post.look))
    confirm = post._confirm
    put(post, "_confirm", lambda it, posted: confirm(it, replace(posted, unapplied=None)))


def _drafts_left_behind(put: Put) -> None:
    put(bc_post, "remove_draft", lambda *_: None)


def _tidied_too_early(put: Put) -> None:
    put(post, "_tidy_at", lambda _: clock.now())
    put(bc_post, "_check_not_posted", lambda *_: None)


def _mirror_takes_old_pages(put: Put) -> None:
    guard = "mirror.synced_at <= excluded.synced_at AND "
    assert guard in mirror._INVOICE_UPSERT
    put(mirror, "_INVOICE_UPSERT", mirror._INVOICE_UPSERT.replace(guard, ""))


# ---- what goes back


def _no_look_before_resending(put: Any) -> None:
    """Neither our reference nor the payment's own entries are asked for what became of a refund."""
    put(sandbox.SandboxGateway, "find_refund", lambda *_, **__: None)
    put(settle, "look_into_the_books", lambda _: None)


def _new_refund_key(put: Put) -> None:
    write = Calls.write

    def other(self: Any, path: str, shape: Any, *, key: str = "", content: Any = None) -> Any:
        key = uuid.uuid4().hex if path == "/refunds" else key
        return write(self, path, shape, key=key, content=content)

    put(Calls, "write", other)
    _no_look_before_resending(put)


def _refund_resent_for_ever(put: Put) -> None:
    put(sending, "_key_ends_at", lambda sent_at, _: sent_at + _FOR_EVER)
    _no_look_before_resending(put)


def _refund_failed_on_timeout(put: Put) -> None:
    def failing(reversal: Any, error: OutsideError) -> None:
        sending._end(reversal, "no answer came")

    put(sending, "_later", failing)


def _outside_refunds_ignored(put: Put) -> None:
    put(outside, "adopt_movements", lambda *_: 0)
    from quittance.reconciliation import books

    put(books, "adopt_movements", lambda *_: 0)


def _refund_not_told_to_the_erp(put: Put) -> None:
    put(reversals, "tell_erp_of_reversal", lambda _: None)


def _refund_not_in_the_ledger(put: Put) -> None:
    put(reversals, "book_reversal", lambda *_: None)


def _won_dispute_ignored(put: Put) -> None:
    kinds = {kind: ours for kind, ours in outside._KINDS.items() if kind != "dispute_won"}
    put(outside, "_KINDS", kinds)


# ---- what a payment is made of


def _fee_not_given_back(put: Put) -> None:
    put(reversals, "_fee_part", lambda *_, **__: 0)


def _fee_rounded_down(put: Put) -> None:
    def down(rules: Any, method: str, money_minor: int) -> int:
        rule = next((each for each in rules if each.method == method), None)
        if rule is None:
            return 0
        fee = money_minor * int(rule.basis_points) // 10_000 + int(rule.fixed_minor)
        return fee if rule.at_most_minor is None else min(fee, rule.at_most_minor)

    put(ground, "fee_minor", down)


def _two_decimals_for_every_currency(put: Put) -> None:
    put(money, "minor_unit_digits", lambda _: 2)


def _credit_not_told_to_the_erp(put: Put) -> None:
    put(postings, "tell_of_credits", lambda *_: None)


def _all_booked_for_who_pays(put: Put) -> None:
    """Invoices of another account are told to the ERP as the payer's own."""
    order = postings._order

    def of_payer(payment: Any, account: Any, lines: Any, reference: str) -> Any:
        made = order(payment, account, lines, reference)
        payer = payment.customer_account
        return replace(made, customer_erp_id=payer.erp_id, customer_number=payer.number)

    put(postings, "_order", of_payer)
