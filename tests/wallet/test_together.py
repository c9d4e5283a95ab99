"""Several hands at one method: nobody waits for who waits for him, and newer news stays."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from threading import Event

from django.db import connection, connections

from quittance.connections.models import GatewayAccount
from quittance.core import clock
from quittance.gateways.saved import MethodEvent, MethodNews, SavedMethod
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.advancing import advance_saving, refresh_method
from quittance.wallet.answers import apply_answer
from quittance.wallet.ending import remove
from quittance.wallet.inbox import keep_method_event
from quittance.wallet.models import KeptMethod, Saving
from quittance.wallet.saving import keeper
from tests.wallet.wallets import TWO_AMOUNTS, Wallet

M, S = KeptMethod.Status, Saving.Status


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def is_planned(wallet: Wallet, match: str) -> bool:
    """Whether the gateway has not yet got the call that is to go wrong."""
    world = wallet.ground.world
    planned = world.client.get(f"{world.gateway.control_url}/faults").json()["data"]
    return any(each["match"] == match for each in planned)


def test_who_removes_a_method_takes_its_saving_first_as_the_gateways_word_does(
    wallet: Wallet,
) -> None:
    saving = wallet.start("bank_debit")
    wallet.on_page(saving, TWO_AMOUNTS)
    told = keeper(saving.gateway_account_id).read_saving(saving.gateway_saving)
    early = SavedMethod(
        gateway_method=f"sm_{saving.pk}", gateway_payer="", method="bank_debit", is_usable=True,
        bank_name="Test bank", last4="6661",
    )  # fmt: skip
    with widened(), writing():
        apply_answer(saving.pk, replace(told, saved=early))
    with reading():
        kept = KeptMethod.objects.get()
    held = Event()

    def removed() -> KeptMethod:
        held.wait(30)
        try:
            return remove(kept.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        end = threads.submit(copy_context().run, removed)
        with widened(), writing():
            Saving.objects.select_for_update().get(pk=saving.pk)
            held.set()
            until = time.monotonic() + 30
            while not somebody_waits_for_a_lock() and time.monotonic() < until:
                time.sleep(0.02)
            KeptMethod.objects.select_for_update(nowait=True).get(pk=kept.pk)
        assert end.result(timeout=60).status == M.ENDED
    with reading():
        saving.refresh_from_db()
    assert saving.status == S.CANCELLED


def test_a_word_that_is_older_than_the_news_leaves_the_newer_wish(wallet: Wallet) -> None:
    kept = wallet.save()
    gone = MethodEvent(
        event_id="evt_2", news=MethodNews.GONE, gateway_method=kept.gateway_method, kind="x"
    )
    look = "GET /v1/saved_methods/*"
    wallet.ground.world.gateway_fault(look, "delay", seconds=2)

    def looked() -> None:
        try:
            refresh_method(kept.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        end = threads.submit(copy_context().run, looked)
        until = time.monotonic() + 30
        while is_planned(wallet, look) and time.monotonic() < until:
            time.sleep(0.02)  # then the look has begun, and waits for its answer
        with widened():
            with reading():
                account = GatewayAccount.objects.get(pk=wallet.ground.gateway_account_id)
            keep_method_event(account, gone)
        end.result(timeout=60)

    wish = wallet.kept(kept.pk).next_at
    assert wish is not None
    assert wish <= clock.now()


def test_a_method_that_may_be_charged_is_looked_at_every_day(wallet: Wallet) -> None:
    kept = wallet.save()

    for _ in range(2):
        look = wallet.kept(kept.pk).next_at
        assert look is not None
        assert timedelta(hours=20) < look - clock.now() < timedelta(hours=30)
        refresh_method(kept.pk)


def test_a_method_that_is_still_verified_is_looked_at_with_its_saving(wallet: Wallet) -> None:
    saving = wallet.start("bank_debit")
    wallet.on_page(saving, TWO_AMOUNTS)

    assert advance_saving(saving.pk).status == S.VERIFYING

    with reading():
        assert not KeptMethod.objects.filter(next_at__isnull=False).exists()
