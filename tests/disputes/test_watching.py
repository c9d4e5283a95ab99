"""What the ERP shows ends a dispute by rule; what was paid here is taken for no credit."""

from __future__ import annotations

from quittance.core.money import Money
from quittance.disputes.conversation import accept
from quittance.disputes.held import disputed_in, disputed_minor, held_of
from quittance.disputes.models import InvoiceDispute
from quittance.disputes.rules import REASONS, keep_rules
from quittance.payments.disputed import look_at_disputes
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.disputes.quarrels import again, disputed, person, said
from tests.ground import HARBORLINE, Ground
from tests.payments.backwards import refund

S = InvoiceDispute.Status


def shown_by_the_erp(invoice: Invoice, open_minor: int) -> None:
    """The mirror read the invoice again: so much is open now."""
    with writing():
        Invoice.objects.filter(pk=invoice.pk).update(
            open_minor=open_minor, erp_status="open" if open_minor else "paid",
            version=invoice.version + 1,
        )  # fmt: skip


def accepted(ground: Ground, amount: str = "50.00") -> tuple[Invoice, InvoiceDispute]:
    invoice = ground.bill("250.00")
    dispute = disputed(invoice, person(), amount)
    minor = Money(dispute.amount_minor, "USD")
    accept(dispute.pk, said(person(role="clerk")), amount=minor, remedy="credit_note")
    return invoice, dispute


def acts(dispute: InvoiceDispute) -> list[str]:
    with reading():
        return list(dispute.notes.order_by("created_at", "pk").values_list("act", flat=True))


def test_it_closes_when_the_erp_shows_what_was_accepted(ground: Ground) -> None:
    invoice, dispute = accepted(ground)
    shown_by_the_erp(invoice, 20000)

    ended = look_at_disputes()

    assert (ended, look_at_disputes()) == (1, 0)
    assert again(dispute).status == S.CLOSED
    assert acts(dispute) == ["opened", "accepted", "erp_fell"]


def test_less_than_what_was_accepted_is_told_once_and_closes_nothing(ground: Ground) -> None:
    invoice, dispute = accepted(ground)
    shown_by_the_erp(invoice, 24000)

    assert (look_at_disputes(), look_at_disputes()) == (0, 0)
    assert again(dispute).status == S.ACCEPTED
    assert acts(dispute) == ["opened", "accepted", "erp_fell"]


def test_a_credit_that_was_booked_before_the_yes_closes_it(ground: Ground) -> None:
    invoice = ground.bill("250.00")
    dispute = disputed(invoice, person(), "50.00")
    shown_by_the_erp(invoice, 20000)
    look_at_disputes()
    accept(dispute.pk, said(person(role="clerk")), amount=Money(5000, "USD"), remedy="credit_note")

    assert look_at_disputes() == 1
    assert again(dispute).status == S.CLOSED


def test_a_rule_that_is_switched_on_closes_what_the_erp_has_shown(ground: Ground) -> None:
    keep_rules(reasons=list(REASONS), leaves_out="part", closes_itself=False)
    invoice, dispute = accepted(ground)
    shown_by_the_erp(invoice, 20000)
    look_at_disputes()

    keep_rules(reasons=list(REASONS), leaves_out="part", closes_itself=True)

    assert look_at_disputes() == 1
    assert again(dispute).status == S.CLOSED


def test_what_the_erp_credited_is_held_no_more(ground: Ground) -> None:
    invoice = ground.bill("250.00")
    dispute = disputed(invoice, person(), "50.00")

    held = []
    for open_minor in (25000, 22000, 19000):
        with reading():
            invoice.refresh_from_db()
        shown_by_the_erp(invoice, open_minor)
        look_at_disputes()
        held.append((held_now(invoice), again(dispute).held_minor))

    assert held == [
        ((5000, 5000, 20000), 5000), ((2000, 2000, 20000), 2000), ((0, 0, 19000), 0),
    ]  # fmt: skip


def test_no_more_is_held_than_is_owed(ground: Ground) -> None:
    invoice = ground.bill("250.00")
    disputed(invoice, person(), "200.00")

    ground.paid((invoice, "120.00"))
    look_at_disputes()

    assert held_now(invoice)[:2] == (13000, 13000)


def held_now(invoice: Invoice) -> tuple[int, int, int]:
    """What is held in lists and in sums, and what is suggested of what is open."""
    with reading():
        listed = Invoice.objects.annotate(held=disputed_minor()).get(pk=invoice.pk)
        summed = disputed_in([invoice.customer_account_id]).get(invoice=invoice)
        suggested = held_of([invoice.pk])[invoice.pk].suggested_minor(listed.open_minor)
        return listed.held, summed.held, suggested


def test_a_payment_that_went_back_hides_no_credit(ground: Ground) -> None:
    invoice, dispute = accepted(ground)
    payment = ground.paid((invoice, "120.00"))
    refund(payment, 12000)
    ground.advance(payment)
    ground.world.clerk("reverse-payment", document=payment.number)
    assert (ground.read(invoice.erp_id).open_minor, look_at_disputes()) == (25000, 0)
    credit = ground.world.clerk("credit-memo", customer=HARBORLINE, amount="50.00")["number"]
    ground.world.clerk("apply-credit", credit=credit, invoice=invoice.number, amount="50.00")
    assert (ground.read(invoice.erp_id).open_minor, look_at_disputes()) == (20000, 0)

    ground.advance(payment)  # only now we know that the ERP took the payment back

    assert look_at_disputes() == 1
    assert again(dispute).status == S.CLOSED


def test_a_payment_that_was_seen_and_went_back_is_no_credit(ground: Ground) -> None:
    invoice = ground.bill("250.00")
    payment = ground.paid((invoice, "120.00"))
    dispute = disputed(ground.read(invoice.erp_id), person(), "50.00")
    accept(dispute.pk, said(person(role="clerk")), amount=Money(5000, "USD"), remedy="credit_note")
    refund(payment, 12000)
    ground.advance(payment)
    ground.world.clerk("reverse-payment", document=payment.number)

    ground.advance(payment)

    assert (look_at_disputes(), again(dispute).status) == (0, S.ACCEPTED)
    shown_by_the_erp(ground.read(invoice.erp_id), 20000)
    assert (look_at_disputes(), again(dispute).status) == (1, S.CLOSED)


def test_what_is_paid_here_is_no_credit(ground: Ground) -> None:
    invoice, dispute = accepted(ground)

    ground.paid((invoice, "120.00"))
    look_at_disputes()

    with reading():
        invoice.refresh_from_db()
    assert invoice.open_minor == 13000
    assert again(dispute).status == S.ACCEPTED
    assert acts(dispute) == ["opened", "accepted"]


def test_what_was_paid_before_the_dispute_counts_neither_way(ground: Ground) -> None:
    invoice = ground.bill("250.00")
    ground.paid((invoice, "100.00"))
    invoice = ground.read(invoice.erp_id)
    dispute = disputed(invoice, person(), "50.00")
    accept(dispute.pk, said(person(role="clerk")), amount=Money(5000, "USD"), remedy="credit_note")

    shown_by_the_erp(invoice, 10000)
    look_at_disputes()

    assert again(dispute).status == S.CLOSED


def test_a_closed_invoice_ends_its_dispute(ground: Ground) -> None:
    invoice = ground.bill("250.00")
    dispute = disputed(invoice, person())
    shown_by_the_erp(invoice, 0)

    assert look_at_disputes() == 1
    assert again(dispute).status == S.CLOSED
    assert acts(dispute) == ["opened", "erp_closed"]


def test_where_the_rule_says_so_a_person_closes_it(ground: Ground) -> None:
    keep_rules(reasons=list(REASONS), leaves_out="part", closes_itself=False)
    invoice, dispute = accepted(ground)
    shown_by_the_erp(invoice, 20000)
    look_at_disputes()
    fell = again(dispute).status
    with reading():
        invoice.refresh_from_db()
    shown_by_the_erp(invoice, 0)

    assert (look_at_disputes(), look_at_disputes()) == (0, 0)
    assert (fell, again(dispute).status) == (S.ACCEPTED, S.ACCEPTED)
    assert acts(dispute) == ["opened", "accepted", "erp_fell", "erp_closed"]
