"""The AR team reads what a bank's return did, whether to try again, and the ceilings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.payments.models import Reversal
from quittance.payments.return_rates import Rate, return_rates
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import words
from tests.payments.backwards import debited, with_payment
from tests.payments.returns import account_kept, again, debit, gone_back, returned, settled
from tests.portal.doors import Door


@pytest.mark.failure("F34")
def test_the_payments_page_says_how_often_and_until_when_it_may_be_tried_again(door: Door) -> None:
    method = account_kept(door.ground)
    payment = settled(door.ground, debit(door.ground, method))
    returned(door.ground, payment, "R01")

    page = words(door.clerk().get(f"/office/payments/{payment.number}"))

    last = payment.created_at.date() + timedelta(days=180)
    assert "It may be taken again 2 more times, until " in page
    assert str(last.year) in page
    assert "for the same amount." in page


@pytest.mark.failure("F34")
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("R24", "R24: Duplicate entry: taken twice · for us to mend"),
        ("R03", "R03: No account, or it cannot be found · for the payer to mend"),
        ("R02", "It may not be taken again from this account."),
        ("R08", "only after the payer has agreed anew"),
        ("R11", "only after what was wrong is corrected"),
        ("R99", "Look the code up with your payment provider."),
    ],
)
def test_what_may_not_be_tried_again_says_so_also_of_a_debit_on_the_gateways_page(
    door: Door, code: str, sentence: str
) -> None:
    payment = debited(door.ground)
    with_payment(door.ground, payment, "return", code=code)
    door.ground.advance(payment)

    assert sentence in words(door.clerk().get(f"/office/payments/{payment.number}"))


@pytest.mark.failure("F34")
def test_payment_and_method_name_each_other_with_the_code_and_what_to_do(door: Door) -> None:
    method = account_kept(door.ground)
    payment = settled(door.ground, debit(door.ground, method))
    returned(door.ground, payment, "R29")
    clerk = door.clerk()

    paid = clerk.get(f"/office/payments/{payment.number}")
    kept = words(clerk.get(f"/office/methods/{method.pk}"))
    listed = words(clerk.get("/office/methods"))

    assert f"/office/methods/{method.pk}" in paid.content.decode()
    assert f"Ended by this return, with its agreement: {method.label}" in words(paid)
    for part in ("Ended by a return", "R29", "did not authorize", payment.number, "new agreement",
                 "returned by the bank: R29"):  # fmt: skip
        assert part in kept
    assert "Returned by the bank" in listed
    assert "Allow it again" not in kept, "what ended needs a new agreement"


@pytest.mark.failure("F34")
def test_a_clerk_who_looked_allows_a_blocked_method_again_with_a_note_that_stays(
    door: Door,
) -> None:
    method = account_kept(door.ground)
    gone_back(door.ground, method, "R16")
    clerk, address = door.clerk(), f"/office/methods/{method.pk}/allow"
    auditor = door.signed_in(email="audit@example.test", role="auditor")

    refused = auditor.post(address, {"note": "Please"})
    silent = clerk.post(address, {"note": " "})
    still = again(method).status
    done = clerk.post(address, {"note": "Compliance has looked."})
    second = clerk.post(address, {"note": "Once more."})

    assert (refused.status_code, silent.status_code, still) == (404, 409, "blocked")
    assert "Write down why" in words(silent)
    assert "Blocked" in words(silent)
    assert (done.status_code, again(method).status) == (303, "active")
    assert second.status_code == 409
    with reading():
        event = AuditEvent.objects.get(subject_id=method.pk, what="method allowed again")
    assert event.facts["note"] == "Compliance has looked."


@pytest.mark.failure("F34")
def test_the_rates_of_sixty_days_stand_beside_their_ceilings(door: Door) -> None:
    ground = door.ground
    for code in ("R01", "R02", "R10"):
        payment = debited(ground)
        with_payment(ground, payment, "return", code=code)
        ground.advance(payment)
    debited(ground)

    page = words(door.clerk().get("/office/methods"))

    assert "Returned debits: Gateway" in page
    for line in (
        "Not authorized Above 1 of 4 debits, 25.00 %; the ceiling is 0.5 %",
        "Wrong or closed accounts Above 1 of 4 debits, 25.00 %; the ceiling is 3 %",
        "All returns Above 3 of 4 debits, 75.00 %; the ceiling is 15 %",
        "More came back than Nacha allows.", "of the last 60 days, by ach.2026-11-23",
    ):  # fmt: skip
        assert line in page


def test_what_is_older_than_sixty_days_counts_no_more(door: Door) -> None:
    payment = debited(door.ground)
    with_payment(door.ground, payment, "return", code="R10")
    door.ground.advance(payment)
    long_ago = clock.now() - timedelta(days=61)
    with writing():
        payment.attempts.update(sent_at=long_ago)
        Reversal.objects.filter(payment=payment).update(succeeded_at=long_ago)

    with reading():
        assert return_rates() == []


@pytest.mark.parametrize(
    ("back", "debits", "above"), [(1, 200, False), (2, 200, True), (0, 0, False), (1, 199, True)]
)
def test_a_ceiling_is_reached_only_above_it(back: int, debits: int, above: bool) -> None:
    rate = Rate(counts="unauthorized", returned=back, debits=debits, per_ten_thousand=50)

    assert rate.is_above is above
