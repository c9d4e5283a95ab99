"""The AR team reads which ways to pay customers keep, and the proof; nobody here changes one."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from typing import Any

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import narrowed_to
from quittance.wallet.advancing import refresh_method
from quittance.wallet.ending import remove
from quittance.wallet.limits import LIMIT_HIT
from quittance.wallet.models import KeptMethod
from tests.backoffice.office import words
from tests.payments.people import new_user
from tests.portal.doors import Door
from tests.wallet.wallets import Wallet


def test_the_team_finds_a_method_by_its_customer_with_the_proof_of_the_yes(door: Door) -> None:
    user = new_user(name="Dana Okafor")
    with narrowed_to([door.ground.account().pk]):
        kept = Wallet(door.ground, user).save("bank_debit")
    clerk = door.clerk()

    listed = words(clerk.get("/office/methods?q=C-10482"))
    proof = words(clerk.get(f"/office/methods/{kept.pk}"))

    assert kept.label in listed
    assert kept.label not in words(clerk.get("/office/methods?q=Nobody"))
    for part in ("Nacha Operating Rules", "ach_ccd.2026-11-22", "192.0.2.7", user.email):
        assert part in proof
    assert kept.gateway_method not in proof
    assert "Company ID of ACH debits" not in listed, "a clerk connects nothing"


def test_only_who_connects_sets_the_company_id_and_whoever_was_slowed_down_is_named(
    door: Door,
) -> None:
    from quittance.audit.record import record_event

    account = door.ground.account()
    with writing():
        record_event(LIMIT_HIT, subject_id=account.pk)
    manager = door.signed_in(email="mo@example.test", role="manager")
    address = f"/office/methods/gateway/{door.ground.gateway_account_id}/company-id"

    assert door.clerk().post(address, {"company_id": "1"}).status_code == 404
    assert manager.post(address, {"company_id": "9876543210"}).status_code == 303

    page = manager.get("/office/methods")
    assert 'value="9876543210"' in page.content.decode()
    assert f"Many attempts to add a card: {account.name}" in words(page)


def test_the_team_reads_words_and_no_codes(door: Door) -> None:
    user = new_user()
    with narrowed_to([door.ground.account().pk]):
        wallet = Wallet(door.ground, user)
        ended, expired = wallet.save("bank_debit"), wallet.save()
        remove(ended.pk, reason="revoked")
    with writing():
        KeptMethod.objects.filter(pk=expired.pk).update(expires_on=date(2020, 1, 31))
    clerk = door.clerk()

    listed = words(clerk.get("/office/methods"))
    page = words(clerk.get(f"/office/methods/{ended.pk}"))

    assert "Expired" in listed
    assert "Ready" not in listed
    assert "Expired" in words(clerk.get(f"/office/methods/{expired.pk}"))
    for part in ("Bank debit (ACH), business account", "A company", "The agreement was ended."):
        assert part in page
    for text in (listed, page.replace("ach_ccd.2026-11-22", "")):  # the version has it in its name
        for code in ("ach_ccd", "revoked", "bank_debit"):
            assert code not in text


def test_what_a_gateway_does_not_forget_is_told_to_a_person_after_some_days(door: Door) -> None:
    with narrowed_to([door.ground.account().pk]):
        kept = Wallet(door.ground, new_user()).save()
        door.ground.world.gateway_fault("* /v1/*", "drop_before")
        remove(kept.pk)
    clerk = door.clerk()
    assert "still keeps Visa" not in words(clerk.get("/office/methods"))

    with writing():
        KeptMethod.objects.update(ended_at=clock.now() - timedelta(days=4))
    assert "still keeps Visa ••4242" in words(clerk.get("/office/methods"))

    refresh_method(kept.pk)
    assert "still keeps Visa" not in words(clerk.get("/office/methods"))


def test_methods_are_read_page_by_page(door: Door) -> None:
    with narrowed_to([door.ground.account().pk]):
        kept = Wallet(door.ground, new_user()).save()
    with writing():
        for number, kept.pk in enumerate(sorted(new_id() for _ in range(60))):
            kept.gateway_method = f"sm_{number}"
            kept.status, kept.last4 = KeptMethod.Status.VERIFYING, f"{number:04}"
            kept.save(force_insert=True)
    clerk = door.clerk()

    first = clerk.get("/office/methods?q=C-10482")
    older = clerk.get(place(first, "after"))
    again = clerk.get(place(older, "before"))

    assert (shown(first), shown(older), shown(again)) == (
        [f"{number:04}" for number in range(59, 9, -1)],
        [*(f"{number:04}" for number in range(9, -1, -1)), "4242"],
        [f"{number:04}" for number in range(59, 9, -1)],
    )
    assert "50 methods" in words(first)
    assert "11 methods" in words(older)


def shown(answer: Any) -> list[str]:
    """The last four signs of each method, from the top."""
    return re.findall(r"••(\d{4})", answer.content.decode())


def place(answer: Any, which: str) -> str:
    """The address of the next page, or of the one before."""
    found = re.search(rf'href="([^"]*{which}=[^"]*)"', answer.content.decode())
    assert found
    return html.unescape(found[1])


def test_what_a_bank_corrects_is_told_to_the_team_and_the_account_stays(door: Door) -> None:
    from quittance.connections.models import GatewayAccount
    from quittance.gateways.saved import MethodEvent, MethodNews
    from quittance.tenancy.rows import reading
    from quittance.wallet.inbox import keep_method_event

    with narrowed_to([door.ground.account().pk]):
        kept = Wallet(door.ground, new_user()).save("bank_debit")
    with reading():
        account = GatewayAccount.objects.get(pk=door.ground.gateway_account_id)
    for code in ("C02", "C77"):
        keep_method_event(
            account,
            MethodEvent(
                event_id=f"evt_{code}", news=MethodNews.CHANGED, code=code, kind="changed",
                gateway_method=kept.gateway_method,
            ),
        )  # fmt: skip
    refresh_method(kept.pk)

    page = words(door.clerk().get(f"/office/methods/{kept.pk}"))

    assert "C02: Routing number corrected. It goes on being charged." in page
    assert "C77: a code that we do not know." in page
    with reading():
        assert KeptMethod.objects.get(pk=kept.pk).status == KeptMethod.Status.ACTIVE
