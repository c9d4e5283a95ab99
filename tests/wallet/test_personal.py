"""A personal account is debited by nobody but the person whose account it is (features 5.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quittance.gateways.consent import Agreement
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.charging import MethodNotUsable, usable_methods, why_not
from quittance.wallet.models import KeptMethod
from quittance.wallet.naming import put_first
from tests.payments.people import new_payer
from tests.wallet.wallets import Wallet


def pay(wallet: Wallet, kept: KeptMethod, user: Any) -> Payment:
    """A person of the customer pays an invoice with a kept account."""
    with widened():
        invoice = wallet.ground.bill("100.00")
    order = replace(
        wallet.ground.order((invoice, "100.00")), kept_method_id=kept.pk, method="bank_debit",
        user_id=user.pk, customer_account_id=kept.customer_account_id,
    )  # fmt: skip
    return start_payment(order, key=str(user.pk))


def offered_to(kept: KeptMethod, user: Any) -> list[KeptMethod]:
    """What a person of the customer may choose from."""
    with reading():
        return usable_methods([kept.customer_account_id], currency="USD", user_id=user.pk)


def test_a_personal_account_pays_when_its_owner_confirms(wallet: Wallet) -> None:
    kept = wallet.save("bank_debit", holder="personal")

    assert [each.pk for each in offered_to(kept, wallet.user)] == [kept.pk]
    assert pay(wallet, kept, wallet.user).status == Payment.Status.IN_FLIGHT


def test_a_personal_account_is_neither_offered_to_a_colleague_nor_debited_by_him(
    wallet: Wallet,
) -> None:
    kept = wallet.save("bank_debit", holder="personal")
    colleague = new_payer(kept.customer_account_id)

    assert offered_to(kept, colleague) == []
    with pytest.raises(MethodNotUsable, match="personal account"):
        pay(wallet, kept, colleague)
    with pytest.raises(MethodNotUsable, match="personal account"):
        put_first(kept.pk, "USD", user_id=colleague.pk)
    with reading():
        assert not Payment.objects.exists()


def test_our_own_charge_debits_a_personal_account_under_a_standing_agreement_only(
    wallet: Wallet,
) -> None:
    kept = wallet.save("bank_debit", holder="personal")

    def may_be_charged() -> bool:
        with widened(), reading():
            row = KeptMethod.objects.get(pk=kept.pk)
            return not why_not(row, currency="USD", user_id=None)

    on_click = may_be_charged()
    with writing():
        KeptMethod.objects.filter(pk=kept.pk).update(agreement=Agreement.UNSCHEDULED)

    assert (on_click, may_be_charged()) == (False, True)


def test_the_account_of_a_company_is_for_all_who_pay_for_it(wallet: Wallet) -> None:
    kept = wallet.save("bank_debit")
    colleague = new_payer(kept.customer_account_id)

    assert [each.pk for each in offered_to(kept, colleague)] == [kept.pk]
    assert pay(wallet, kept, colleague).status == Payment.Status.IN_FLIGHT
