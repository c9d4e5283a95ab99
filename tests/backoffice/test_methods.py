"""The AR team reads which ways to pay customers keep, and the proof; nobody here changes one."""

from __future__ import annotations

from quittance.tenancy.scope import narrowed_to
from quittance.wallet.limits import LIMIT_HIT
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
    from quittance.tenancy.rows import writing

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
