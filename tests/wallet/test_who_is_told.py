"""News of a kept method reach somebody who may act, also when its saver has left the company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.gateways.consent import Agreement
from quittance.identity.models import User
from quittance.notifications.words import write
from quittance.receivables.models import Contact
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.advancing import refresh_method
from quittance.wallet.charging import why_not
from quittance.wallet.ending import end_without_holder, remove
from quittance.wallet.expiry import announce_expiring
from quittance.wallet.models import ConsentRecord, KeptMethod
from quittance.wallet.stopping import BankStop, stop_methods
from tests.payments.people import may_pay_for, new_user
from tests.wallet.wallets import Wallet

M = KeptMethod.Status


def colleague(wallet: Wallet) -> User:
    return may_pay_for(new_user(name="Jo Park"), wallet.ground.account().pk)


def acts_no_more(user: User) -> None:
    with widened(), writing():
        Contact.objects.filter(user=user).delete()


def switched_off(user: User) -> None:
    with widened(), writing():
        User.objects.filter(pk=user.pk).update(is_active=False)


def expires_soon(kept: KeptMethod) -> None:
    with widened(), writing():
        KeptMethod.objects.filter(pk=kept.pk).update(
            expires_on=clock.now().date() + timedelta(days=20)
        )


def block(kept: KeptMethod) -> None:
    with widened(), writing():
        stop_methods(
            BankStop(source_id=new_id(), code="R16", at=clock.now(), why="Why.", blocks=True),
            customer_account_ids=[kept.customer_account_id], kept_method_id=kept.pk,
            consent_id=None,
        )  # fmt: skip


@pytest.mark.parametrize("leave", [acts_no_more, switched_off])
def test_whoever_may_still_pay_is_told_when_the_saver_has_left(
    wallet: Wallet, leave: Callable[[User], None]
) -> None:
    kept, others = wallet.save(), [colleague(wallet), colleague(wallet)]
    stranger = new_user("stranger@alpinelinen.example")
    expires_soon(kept)

    leave(wallet.user)
    with widened():
        announce_expiring()
    block(kept)
    remove(kept.pk)

    for kind in ("method_expires", "method_blocked", "method_ended"):
        mails = wallet.mails(kind)
        assert {each.to for each in mails} == {each.email for each in others}, kind
        assert stranger.email not in {each.to for each in mails}
        with reading():
            text = write(kind, mails[0].facts).text
        assert f"{wallet.user.name}, who added it, does not pay for your company" in text


def test_the_saver_alone_is_told_while_he_may_pay(wallet: Wallet) -> None:
    kept = wallet.save()
    colleague(wallet)
    expires_soon(kept)

    with widened():
        announce_expiring()
    remove(kept.pk)

    for kind in ("method_expires", "method_ended"):
        (mail,) = wallet.mails(kind)
        assert mail.to == wallet.user.email
        assert "instead_of" not in mail.facts


def test_the_saver_is_told_after_all_when_nobody_else_may_pay(wallet: Wallet) -> None:
    kept = wallet.save()
    expires_soon(kept)

    acts_no_more(wallet.user)
    with widened():
        announce_expiring()
    block(kept)
    remove(kept.pk)

    for kind in ("method_expires", "method_blocked", "method_ended"):
        (mail,) = wallet.mails(kind)
        assert mail.to == wallet.user.email
        assert "instead_of" not in mail.facts


def test_a_personal_account_ends_when_its_holder_leaves_and_nobody_else_hears_of_it(
    wallet: Wallet,
) -> None:
    kept = wallet.save("bank_debit", holder="personal")
    colleague(wallet)

    with widened():
        assert end_without_holder() == 0
    acts_no_more(wallet.user)
    with widened():
        assert [end_without_holder(), end_without_holder()] == [1, 0]
    refresh_method(kept.pk)

    now = wallet.kept(kept.pk)
    assert (now.status, now.ended_reason) == (M.ENDED, "left")
    assert now.forgotten_at is not None, "the gateway forgets it"
    with reading():
        consent = ConsentRecord.objects.get(pk=kept.consent_id)
    assert consent.ended_at is not None
    (mail,) = wallet.mails("method_ended")
    assert mail.to == wallet.user.email
    with reading():
        assert "add it anew" not in write("method_ended", mail.facts).text


def test_we_charge_no_personal_account_by_ourselves_whose_holder_has_left(wallet: Wallet) -> None:
    kept = wallet.save("bank_debit", holder="personal")
    with writing():
        KeptMethod.objects.filter(pk=kept.pk).update(agreement=Agreement.UNSCHEDULED)

    def may_be_charged() -> bool:
        with widened(), reading():
            row = KeptMethod.objects.get(pk=kept.pk)
            return not why_not(row, currency="USD", user_id=None)

    before = may_be_charged()
    switched_off(wallet.user)

    assert (before, may_be_charged()) == (True, False)


def test_the_account_of_a_company_stays_when_its_saver_leaves(wallet: Wallet) -> None:
    kept = wallet.save("bank_debit")
    acts_no_more(wallet.user)

    with widened():
        assert end_without_holder() == 0

    assert wallet.kept(kept.pk).status == M.ACTIVE
