"""What both sides may do with a dispute, and what each step leaves behind."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from quittance.audit.models import AuditEvent
from quittance.core.money import Money
from quittance.disputes.conversation import (
    CardNumber,
    NotAgreed,
    NoWords,
    accept,
    close,
    hand_to,
    reject,
    say,
    withdraw,
)
from quittance.disputes.held import held_of
from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.disputes.opening import (
    DisputedAlready,
    NoReason,
    NotDisputable,
    NothingDisputed,
    TooMuchDisputed,
    Wrong,
    open_dispute,
)
from quittance.disputes.rules import NoReasons, keep_rules, read_reasons, rules_of
from quittance.disputes.transitions import MovedOn
from quittance.notifications.models import Message
from quittance.receivables.documents import lines_of
from quittance.receivables.models import Contact
from quittance.receivables.people import who_may_pay
from quittance.tenancy.rows import reading, writing
from tests.disputes.quarrels import again, disputed, person, said
from tests.ground import Ground
from tests.payments.checkouts import new_basket
from tests.payments.people import may_pay_for

S = InvoiceDispute.Status


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_a_dispute_tells_the_team_once_however_often_the_form_is_sent(ground: Ground) -> None:
    invoice, buyer = ground.bill("250.00"), person()
    clerk = person(role="clerk", email="priya@example.test")
    person(role="auditor")
    words = said(buyer)

    first = disputed(invoice, buyer, words=words)
    second = disputed(invoice, buyer, words=words)

    assert second == first
    with reading():
        assert list(Message.objects.values_list("to", "kind")) == [(clerk.email, "dispute_team")]
        assert InvoiceDispute.objects.count() == 1


def test_an_invoice_has_one_living_dispute(ground: Ground) -> None:
    invoice, buyer = ground.bill("250.00"), person()
    first = disputed(invoice, buyer)

    with pytest.raises(DisputedAlready):
        disputed(invoice, buyer)
    withdraw(first.pk, said(buyer, ""))

    assert disputed(invoice, buyer) != first
    assert again(first).status == S.WITHDRAWN


def test_nothing_more_is_disputed_than_was_billed(ground: Ground) -> None:
    invoice, buyer = ground.bill("250.00"), person()
    line = (lines_of(invoice) or [])[0]
    whole = line.amount_minor

    for wrong, error in (
        ([], NothingDisputed),
        ([Wrong(None, usd(25001))], TooMuchDisputed),
        ([Wrong(None, usd(-1))], NothingDisputed),
        ([Wrong(line.sequence, usd(whole * 2))], TooMuchDisputed),
        ([Wrong(line.sequence, usd(1)), Wrong(line.sequence, usd(1))], NothingDisputed),
        ([Wrong(99999999, usd(1))], NothingDisputed),
        ([Wrong(None, Money(100, "EUR"))], TooMuchDisputed),
    ):
        with pytest.raises(error):
            open_dispute(invoice.pk, said(buyer), reason="price", wrong=wrong, settled_minor=0)

    with pytest.raises(NoReason):
        disputed(invoice, buyer, reason="because")
    with pytest.raises(NoWords):
        disputed(invoice, buyer, words=said(buyer, " "))
    with reading():
        assert not InvoiceDispute.objects.exists()


def test_a_paid_invoice_is_not_disputed_here(ground: Ground) -> None:
    invoice = ground.bill("250.00")
    ground.paid((invoice, "250.00"))

    with pytest.raises(NotDisputable):
        disputed(ground.read(invoice.erp_id), person())


def test_who_was_asked_has_the_next_move_until_they_answer(ground: Ground) -> None:
    invoice, buyer, clerk = ground.bill("250.00"), person(), person(role="clerk")
    dispute = disputed(invoice, buyer)

    say(dispute.pk, said(clerk, "Which cases?"), asks=True)
    asked = again(dispute).status
    say(dispute.pk, said(buyer, "Two and three."))

    assert (asked, again(dispute).status) == (S.WAITING, S.OPEN)
    with reading():
        assert list(dispute.notes.order_by("created_at").values_list("act", flat=True)) == [
            "opened", "asked", "said",
        ]  # fmt: skip
        assert set(Message.objects.filter(kind="dispute_buyer").values_list("to")) == {
            (buyer.email,)
        }


def test_after_a_yes_only_what_was_accepted_is_held(ground: Ground) -> None:
    invoice, buyer, clerk = ground.bill("250.00"), person(), person(role="clerk")
    dispute = disputed(invoice, buyer, "50.00")

    for amount, remedy in ((usd(5001), "credit_note"), (usd(0), "credit_note"), (usd(1), "")):
        with pytest.raises(NotAgreed):
            accept(dispute.pk, said(clerk), amount=amount, remedy=remedy)
    accept(dispute.pk, said(clerk, "Two of four."), amount=usd(2500), remedy="credit_note")

    assert again(dispute).status == S.ACCEPTED
    with reading():
        assert held_of([invoice.pk])[invoice.pk].minor == 2500
    for act in (reject, withdraw):
        with pytest.raises(MovedOn):
            act(dispute.pk, said(clerk, "No."))


def test_a_yes_is_given_once(ground: Ground) -> None:
    buyer, clerk = person(), person(role="clerk")
    dispute = disputed(ground.bill("250.00"), buyer, "50.00")
    accept(dispute.pk, said(clerk), amount=usd(5000), remedy="credit_note")

    with pytest.raises(MovedOn):
        accept(dispute.pk, said(clerk), amount=usd(1000), remedy="other")

    assert (again(dispute).agreed_minor, dispute.remedy) == (5000, "credit_note")
    with reading():
        (note,) = dispute.notes.filter(act="accepted")
    assert note.amount_minor == 5000


def test_the_key_of_one_act_does_not_hide_another(ground: Ground) -> None:
    buyer, clerk = person(), person(role="clerk")
    dispute, words = disputed(ground.bill("250.00"), buyer), said(clerk, "We look.")
    say(dispute.pk, words)
    say(dispute.pk, words)

    with pytest.raises(MovedOn):
        reject(dispute.pk, words)
    with reading():
        assert dispute.notes.count() == 2


def test_when_the_opener_has_left_all_who_may_pay_are_told(ground: Ground) -> None:
    invoice, clerk = ground.bill("250.00"), person(role="clerk")
    buyer, other = person(), person()
    dispute = disputed(invoice, buyer)
    may_pay_for(other, invoice.customer_account_id)
    say(dispute.pk, said(clerk, "First."))
    with writing():
        Contact.objects.filter(user=buyer).delete()

    say(dispute.pk, said(clerk, "Second."))

    with reading():
        mails = Message.objects.filter(kind="dispute_buyer")
        told = [(each.facts["text"], each.to) for each in mails]
        others = {each.email for each in who_may_pay(invoice.customer_account_id)}
    assert [to for text, to in told if text == "First."] == [buyer.email]
    assert {to for text, to in told if text == "Second."} == others
    assert other.email in others - {buyer.email}


def test_new_lines_of_a_form_cut_no_words(ground: Ground) -> None:
    buyer = person()
    dispute = disputed(ground.bill("250.00"), buyer)

    say(dispute.pk, said(buyer, "a\r\n" * 999 + "z"))

    with reading():
        assert dispute.notes.get(act="said").text == "a\n" * 999 + "z"


def test_what_a_buyer_does_is_on_record_as_well(ground: Ground) -> None:
    buyer = person()
    dispute = disputed(ground.bill("250.00"), buyer)
    say(dispute.pk, said(buyer))
    withdraw(dispute.pk, said(buyer, ""))

    with reading():
        found = AuditEvent.objects.filter(subject_id=dispute.pk)
        kinds = set(found.values_list("what", flat=True))
    assert {"dispute.opened", "dispute.said", "dispute.withdrawn"} <= kinds


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("My card is 4242 4242 4242 4242.", False),
        ("Card 4242-4242-4242-4242 12 29", False),
        ("4242424242424242", False),
        ("Delivery 4242 4242 4242 4243, invoice 204391", True),
    ],
)
def test_no_card_number_is_kept(ground: Ground, text: str, *, taken: bool) -> None:
    buyer = person()
    dispute = disputed(ground.bill("250.00"), buyer)

    if taken:
        say(dispute.pk, said(buyer, text))
    else:
        for act in (say, withdraw):
            with pytest.raises(CardNumber):
                act(dispute.pk, said(buyer, text))
    with reading():
        assert dispute.notes.filter(text=text).exists() == taken


@pytest.mark.parametrize(("act", "status"), [(reject, S.REJECTED), (close, S.CLOSED)])
def test_a_no_and_a_close_say_why_and_hold_nothing(
    ground: Ground, act: object, status: str
) -> None:
    invoice, buyer, clerk = ground.bill("250.00"), person(), person(role="clerk")
    dispute = disputed(invoice, buyer)

    with pytest.raises(NoWords):
        act(dispute.pk, said(clerk, ""))  # type: ignore[operator]
    act(dispute.pk, said(clerk, "The proof of delivery has four cases."))  # type: ignore[operator]

    assert again(dispute).status == status
    assert dispute.ended_at is not None
    with reading():
        assert held_of([invoice.pk]) == {}
    with pytest.raises(MovedOn):
        say(dispute.pk, said(buyer))
    with pytest.raises(MovedOn):
        hand_to(dispute.pk, clerk)


def test_who_looks_after_it_alone_is_told(ground: Ground) -> None:
    invoice, buyer = ground.bill("250.00"), person()
    owner, _other = person(role="clerk"), person(role="clerk")
    dispute = disputed(invoice, buyer)
    hand_to(dispute.pk, owner)
    with writing():
        before = set(Message.objects.values_list("pk", flat=True))

    say(dispute.pk, said(buyer, "And the fifth one."))

    with reading():
        news = Message.objects.exclude(pk__in=before)
        assert list(news.values_list("to", flat=True)) == [owner.email]


def test_what_was_said_stays_as_it_was_said(ground: Ground) -> None:
    dispute = disputed(ground.bill("250.00"), person())

    with pytest.raises(DatabaseError, match="stays"), writing():
        DisputeNote.objects.filter(dispute=dispute).update(text="Nothing was missing.")
    with writing():
        InvoiceDispute.objects.filter(pk=dispute.pk).update(status=S.CLOSED)
    with pytest.raises(DatabaseError, match="never goes from"), writing():
        InvoiceDispute.objects.filter(pk=dispute.pk).update(status=S.OPEN)
    with pytest.raises(DatabaseError, match="never deleted"), writing(), connection.cursor() as sql:
        sql.execute("DELETE FROM disputes_invoicedispute")


@pytest.mark.parametrize(
    ("leaves_out", "suggested"), [("part", 20000), ("invoice", 25000), ("nothing", 25000)]
)
def test_a_checkout_suggests_what_the_rule_leaves_over(
    ground: Ground, leaves_out: str, suggested: int
) -> None:
    invoice, buyer = ground.bill("250.00"), person()
    disputed(invoice, buyer, "50.00")
    keep_rules(reasons=rules_of_now(), leaves_out=leaves_out, closes_itself=True)

    basket = new_basket(
        customer_account_id=invoice.customer_account_id, user_id=buyer.pk, invoice_ids=[invoice.pk]
    )

    with reading():
        (item,) = basket.items.all()
        held = held_of([invoice.pk])[invoice.pk]
    assert item.amount_minor == suggested  # who chose an invoice that is left out finds all of it
    assert item.reason == ("short_shipment" if suggested < 25000 else "")
    by_itself = {"part": 20000, "invoice": 0, "nothing": 25000}[leaves_out]
    assert held.suggested_minor(25000) == by_itself


def rules_of_now() -> list[str]:
    with reading():
        return list(rules_of().reasons)


def test_an_organization_has_reasons_of_its_own(ground: Ground) -> None:
    reasons = read_reasons("Wrong price\n  Pallet   swap \n\nwrong price\n")

    keep_rules(reasons=reasons, leaves_out="part", closes_itself=False)

    assert rules_of_now() == ["price", "Pallet swap"]
    dispute = disputed(ground.bill("250.00"), person(), reason="Pallet swap")
    assert dispute.reason == "Pallet swap"
    for text in ("", "\n", "x" * 61, "\n".join(map(str, range(21)))):
        with pytest.raises(NoReasons):
            read_reasons(text)
