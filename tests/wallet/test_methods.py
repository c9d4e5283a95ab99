"""A kept method lives on: renewed by its network, named; and ends here, there or at the bank."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from quittance.connections.models import GatewayAccount
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError
from quittance.gateways.saved import MethodEvent, MethodNews, SavesMethods
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet import jobs
from quittance.wallet.advancing import refresh_method
from quittance.wallet.charging import MethodNotUsable, chargeable
from quittance.wallet.ending import NotKept, remove
from quittance.wallet.expiry import announce_expiring, change_expiry
from quittance.wallet.inbox import keep_method_event
from quittance.wallet.models import ConsentRecord, DefaultMethod, KeptMethod, MethodMessage
from quittance.wallet.naming import put_first, rename
from tests.payments.kept import charge
from tests.wallet.wallets import Wallet

M = KeptMethod.Status


def hear(wallet: Wallet, kept: KeptMethod, news: MethodNews, event_id: str = "evt_1") -> bool:
    """The gateway says that something happened to a method; a worker looks."""
    with widened():
        with reading():
            account = GatewayAccount.objects.get(pk=wallet.ground.gateway_account_id)
        is_new = keep_method_event(
            account,
            MethodEvent(event_id=event_id, news=news, gateway_method=kept.gateway_method, kind="x"),
        )
        refresh_method(kept.pk)
    return is_new


def at_gateway(kept: KeptMethod) -> bool:
    """Whether the gateway would still charge it."""
    gateway = gateway_for(kept.gateway_account_id)
    assert isinstance(gateway, SavesMethods)
    return gateway.read_method(kept.gateway_method).is_usable


def test_a_card_that_its_network_replaced_shows_the_new_digits_and_date(wallet: Wallet) -> None:
    kept = wallet.save()
    wallet.control(f"/saved_methods/{kept.gateway_method}/renew", expires="2041-05", last4="1881")

    assert hear(wallet, kept, MethodNews.CHANGED)
    assert not hear(wallet, kept, MethodNews.CHANGED), "the same event twice is one"

    now = wallet.kept(kept.pk)
    assert (now.last4, now.expires_on, now.status) == ("1881", date(2041, 5, 31), M.ACTIVE)
    with widened(), reading():
        assert MethodMessage.objects.count() == 1


def test_an_account_that_its_bank_closed_ends_and_who_saved_it_is_told(wallet: Wallet) -> None:
    kept = wallet.save("bank_debit")
    wallet.control(f"/saved_methods/{kept.gateway_method}/close")

    hear(wallet, kept, MethodNews.GONE)

    now = wallet.kept(kept.pk)
    assert now.status == M.ENDED
    assert now.ended_reason in {"gone", "mandate_ended"}
    assert [each.to for each in wallet.mails("method_ended")] == [wallet.user.email]
    with reading(), pytest.raises(MethodNotUsable):
        chargeable(kept.pk, currency="USD", user_id=kept.saved_by_id)


def test_a_mandate_that_was_revoked_at_the_bank_ends_its_method(wallet: Wallet) -> None:
    kept = wallet.save("bank_debit")
    wallet.control(f"/mandates/{kept.gateway_mandate}/end")

    hear(wallet, kept, MethodNews.MANDATE)

    assert wallet.kept(kept.pk).ended_reason == "mandate_ended"


@pytest.mark.parametrize("reason", ["removed", "revoked"])
def test_what_the_payer_ends_is_gone_here_and_at_the_gateway(wallet: Wallet, reason: str) -> None:
    kept = wallet.save("bank_debit")

    remove(kept.pk, reason=reason)
    remove(kept.pk, reason=reason)

    now = wallet.kept(kept.pk)
    assert (now.status, now.ended_reason) == (M.ENDED, reason)
    assert now.forgotten_at is not None
    assert not at_gateway(kept)
    with reading():
        consent = ConsentRecord.objects.get()
        assert not DefaultMethod.objects.exists()
    assert consent.ended_at is not None
    assert consent.keep_until == consent.ended_at.date().replace(year=consent.ended_at.year + 2)
    (mail,) = wallet.mails("method_ended")
    assert "CCD" in mail.facts["text"]


def test_a_gateway_that_does_not_answer_is_told_later_and_nothing_is_charged_till_then(
    wallet: Wallet,
) -> None:
    kept = wallet.save()
    wallet.ground.world.gateway_fault("* /v1/*", "drop_before")

    remove(kept.pk)
    assert wallet.kept(kept.pk).forgotten_at is None
    with reading(), pytest.raises(MethodNotUsable, match="removed"):
        chargeable(kept.pk, currency="USD", user_id=kept.saved_by_id)

    refresh_method(kept.pk)
    assert wallet.kept(kept.pk).forgotten_at is not None
    assert not at_gateway(kept)


def test_a_late_word_about_a_removed_method_does_not_bring_it_back(wallet: Wallet) -> None:
    kept = wallet.save()
    remove(kept.pk)

    hear(wallet, kept, MethodNews.CHANGED)

    assert wallet.kept(kept.pk).status == M.ENDED
    with pytest.raises(NotKept):
        rename(kept.pk, "Ours")


def test_a_card_that_expires_soon_is_announced_once_for_each_date(wallet: Wallet) -> None:
    kept = wallet.save()
    soon = clock.now().date() + timedelta(days=29)
    with widened(), writing():
        KeptMethod.objects.update(expires_on=soon)

    with widened():
        assert [announce_expiring(), announce_expiring()] == [1, 0]
    (mail,) = wallet.mails("method_expires")
    assert mail.facts == {"label": kept.label, "expires_on": str(soon)}

    now = change_expiry(kept.pk, date(clock.now().year + 3, 12, 31))
    assert now.expires_on == date(clock.now().year + 3, 12, 31)
    assert now.expiry_told_at is None


def test_a_method_comes_first_in_one_currency_only(wallet: Wallet) -> None:
    card, debit = wallet.save(), wallet.save("bank_debit")

    put_first(debit.pk, "USD", user_id=wallet.user.pk)
    put_first(card.pk, "EUR", user_id=wallet.user.pk)

    with reading():
        found = dict(DefaultMethod.objects.values_list("currency", "method_id"))
    assert found == {"USD": debit.pk, "EUR": card.pk}
    with pytest.raises(MethodNotUsable, match="another currency"):
        put_first(debit.pk, "EUR", user_id=wallet.user.pk)


def test_a_whole_number_has_no_room_in_a_row(wallet: Wallet) -> None:
    kept = wallet.save()

    with pytest.raises(IntegrityError, match="four_signs"), widened(), writing():
        KeptMethod.objects.filter(pk=kept.pk).update(last4="•424")


def test_the_clock_finds_what_waits_whatever_became_of_its_job(wallet: Wallet) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    kept, saving = wallet.save(), wallet.start()
    with widened(), writing():
        KeptMethod.objects.update(next_at=clock.now())
        type(saving).objects.update(next_at=clock.now())

    jobs.sweep(timestamp=0)

    waiting = ProcrastinateJob.objects.filter(queue_name="wallet", status="todo")
    locks = set(waiting.values_list("lock", flat=True))
    assert {f"method:{kept.pk}", f"saving:{saving.pk}"} <= locks


def test_a_charge_that_finds_a_method_gone_has_it_looked_at_and_offered_no_more(
    wallet: Wallet,
) -> None:
    kept = wallet.save()
    gateway = gateway_for(kept.gateway_account_id)
    assert isinstance(gateway, SavesMethods)
    gateway.remove_method(kept.gateway_method)
    with widened(), writing():
        KeptMethod.objects.update(next_at=None)
    with widened():
        invoice = wallet.ground.bill("100.00")

    with suppress(OutsideError):
        charge(wallet.ground, kept, invoice)

    seen = wallet.kept(kept.pk).next_at
    assert seen is not None
    assert seen <= clock.now()
    refresh_method(kept.pk)
    assert wallet.kept(kept.pk).status == M.ENDED
