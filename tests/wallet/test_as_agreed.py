"""What the payer names on the gateway's page must be what he agreed to on ours (features 5.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quittance.gateways import saved
from quittance.gateways.consent import Holder
from quittance.gateways.saved import SavingState
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.advancing import refresh_method
from quittance.wallet.answers import NOT_AS_AGREED, apply_answer
from quittance.wallet.models import ConsentRecord, DefaultMethod, KeptMethod, Saving
from quittance.wallet.saving import keeper
from tests.wallet.test_methods import at_gateway
from tests.wallet.wallets import DEBIT, Wallet

M, S = KeptMethod.Status, Saving.Status


def said_otherwise(wallet: Wallet, saving: Saving, **facts: Any) -> saved.Saving:
    """The gateway's word on a bank account that was saved there, but as something else."""
    wallet.on_page(saving, DEBIT)
    told = keeper(saving.gateway_account_id).read_saving(saving.gateway_saving)
    assert told.saved is not None
    return replace(told, saved=replace(told.saved, **facts))


def hear(saving: Saving, told: saved.Saving) -> Saving:
    with widened(), writing():
        return apply_answer(saving.pk, told)


@pytest.mark.parametrize(
    ("agreed", "facts"),
    [
        ("business", {"holder": Holder.PERSONAL}),
        ("personal", {"holder": Holder.BUSINESS}),
        ("business", {"method": "card", "mandate": None}),
    ],
    ids=["a person's", "a company's", "a card"],
)
def test_what_is_not_as_agreed_is_never_charged_and_the_gateway_forgets_it(
    wallet: Wallet, agreed: str, facts: dict[str, Any]
) -> None:
    saving = wallet.start("bank_debit", agreed)

    told = said_otherwise(wallet, saving, **facts)
    saving = hear(saving, told)

    assert (saving.status, saving.reason, saving.next_at) == (S.FAILED, NOT_AS_AGREED, None)
    with reading():
        kept = KeptMethod.objects.get()
        assert not DefaultMethod.objects.exists()
        assert ConsentRecord.objects.get().ended_at is not None
    assert (kept.status, kept.ended_reason) == (M.ENDED, "unfit")
    assert wallet.mails("method_saved") == wallet.mails("method_ended") == []
    assert kept.next_at is not None, "a job has the gateway forget it"
    refresh_method(kept.pk)
    assert not at_gateway(kept)


def test_a_later_word_does_not_begin_again_what_was_not_as_agreed(wallet: Wallet) -> None:
    saving = wallet.start("bank_debit")
    told = said_otherwise(wallet, saving, holder=Holder.PERSONAL)
    hear(saving, told)

    hear(saving, told)
    saving = hear(saving, replace(told, state=SavingState.VERIFYING, saved=None))

    assert (saving.status, saving.reason) == (S.FAILED, NOT_AS_AGREED)


def test_an_account_that_turns_out_to_be_anothers_while_it_is_verified_is_not_kept(
    wallet: Wallet,
) -> None:
    saving = wallet.start("bank_debit")
    told = said_otherwise(wallet, saving, holder=Holder.BUSINESS)
    assert hear(saving, replace(told, state=SavingState.VERIFYING)).status == S.VERIFYING

    assert told.saved is not None
    saving = hear(saving, replace(told, saved=replace(told.saved, holder=Holder.PERSONAL)))

    assert saving.status in {S.FAILED, S.CANCELLED}
    assert saving.reason == NOT_AS_AGREED
    with reading():
        assert KeptMethod.objects.get().ended_reason == "unfit"
