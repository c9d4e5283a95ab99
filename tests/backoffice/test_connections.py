"""The page of connections: who may do what there, and that no secret ever leaves the house."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from quittance.backoffice.urls import urlpatterns
from quittance.connections.mapping import Rule, as_written, keep_rule, rules_of
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.connections.open import erp_for, settings_of
from quittance.core import clock
from quittance.receivables.gone import read_anew
from quittance.receivables.models import HintSubscription, Invoice, SyncCursor
from quittance.receivables.pull import pull_changes
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import action, fields, words
from tests.ground import World, make_ground
from tests.portal.doors import Door, make_door

CANADA = "0d5a3c1e-7c44-4f6b-8a55-9a1f2b3c4d5e"  # the second company there
SECRET = "sandbox-secret"
PAGE = "/office/connections"


def manager(door: Door) -> Client:
    return door.signed_in(email="mia@example.test", role="manager")


def erp_of(door: Door) -> str:
    return f"{PAGE}/erp/{door.ground.legal_entity_id}"


def kept(door: Door) -> dict[str, str]:
    with reading():
        return settings_of(ErpConnection.objects.get())


def sent(client: Client, door: Door, **changes: str) -> Any:
    """Send the form of the settings as it is shown, with these changes."""
    shown = fields(client.get(f"{erp_of(door)}/settings"), "settings/keep")
    return client.post(f"{erp_of(door)}/settings/keep", shown | changes)


def rules(door: Door) -> list[Rule]:
    with reading():
        return [as_written(each) for each in rules_of(door.ground.legal_entity_id)]


def test_a_clerk_sees_the_connections_and_finds_nothing_to_press(door: Door) -> None:
    client = door.clerk()

    page = client.get(PAGE)

    assert "Business Central, Northwind Traders" in words(page)
    assert "Test now" not in words(page)
    for path in ("test", "pause", "settings/keep", "rules/keep"):
        assert client.post(f"{erp_of(door)}/{path}").status_code == 404, path
    assert client.get(f"{erp_of(door)}/settings").status_code == 404


def test_a_test_says_what_the_connection_can_do_and_lacks(door: Door) -> None:
    door.ground.world.client.post(
        f"{door.ground.world.erp.control_url}/ledger-service", json={"name": ""}
    ).raise_for_status()
    try:
        client = manager(door)
        answer = client.post(f"{erp_of(door)}/test")
        failed = words(client.get(answer["Location"]))
    finally:
        door.ground.world.client.post(
            f"{door.ground.world.erp.control_url}/ledger-service",
            json={"name": "Cust_LedgerEntries"},
        ).raise_for_status()
    answer = client.post(f"{erp_of(door)}/test")
    good = words(client.get(answer["Location"]))

    assert "There is no such web service" in failed
    assert "Does not work" in failed
    assert "It works." in good
    assert "Can do: Customers" in good
    assert "Healthy" in good


def test_a_long_reading_is_watched_on_the_page(door: Door) -> None:
    now = clock.now()
    with writing():
        SyncCursor.objects.create(
            legal_entity_id=door.ground.legal_entity_id, stream="invoices", records_read=30_000,
            run_records=20_000, run_began_at=now - timedelta(seconds=10), run_page_at=now,
            expected_records=50_000,
        )  # fmt: skip

    page = door.clerk().get(PAGE)

    assert "First reading" in words(page)
    assert "30,000 of about 50,000 invoices" in words(page)
    assert "2,000 a second, " in words(page)
    assert 'aria-valuenow="30000"' in page.content.decode()


def test_a_test_of_a_gateway_is_kept_too(door: Door) -> None:
    client = manager(door)

    client.post(f"{PAGE}/gateway/{door.ground.gateway_account_id}/test")

    with reading():
        assert GatewayAccount.objects.get().tested_at is not None


def test_settings_show_all_but_the_secret_and_keep_it_when_it_is_left_empty(door: Door) -> None:
    client = manager(door)
    shown = client.get(f"{erp_of(door)}/settings")

    answer = sent(client, door, clearing_account="2920")

    assert fields(shown, "settings/keep")["tenant"] == "contoso.example"
    assert fields(shown, "settings/keep")["client_secret"] == ""
    assert answer["Location"].endswith("?done=kept")
    assert kept(door)["clearing_account"] == "2920"
    assert kept(door)["client_secret"] == SECRET


def test_settings_that_do_not_work_are_not_kept_and_each_step_says_why(door: Door) -> None:
    client = manager(door)

    answer = sent(client, door, clearing_account="1310")

    assert answer.status_code == 422
    assert "does not allow Direct Posting" in words(answer)
    assert 'value="1310"' in answer.content.decode()
    assert kept(door)["clearing_account"] == "2910"


@pytest.mark.parametrize(
    ("changes", "status", "cursors"),
    [
        ({"company_id": CANADA, "local_currency": "CAD", "ledger_service": ""}, "cancelled", 0),
        ({"clearing_account": "2920"}, "open", 1),
    ],
)
def test_of_another_company_all_is_read_anew_and_nothing_of_the_old_one_is_owed(
    door: Door, changes: dict[str, str], status: str, cursors: int
) -> None:
    bill = door.ground.bill("50.00")
    with writing():
        SyncCursor.objects.create(
            legal_entity_id=door.ground.legal_entity_id, stream="invoices", cursor="far"
        )
        HintSubscription.objects.create(
            legal_entity_id=door.ground.legal_entity_id, resource="salesInvoices", erp_id="s",
            expires_at=clock.now(), checked_at=clock.now(),
        )  # fmt: skip
    buyer = door.buyer()

    answer = sent(manager(door), door, client_secret=SECRET, **changes)

    assert answer["Location"].endswith("?done=kept")
    with reading():
        found = Invoice.objects.get(pk=bill.pk)
        assert (found.erp_status, found.gone_at is not None) == (status, status == "cancelled")
        assert SyncCursor.objects.filter(cursor="far").count() == cursors
        assert HintSubscription.objects.count() == cursors
    assert buyer.get("/invoices").status_code == (200 if cursors else 403)  # acts for nobody there


def test_a_customer_whom_the_books_name_again_is_back(door: Door) -> None:
    with writing():
        read_anew(door.ground.legal_entity_id)

    pull_changes(door.ground.legal_entity_id)

    assert door.ground.account().gone_at is None


@pytest.mark.parametrize(
    ("name", "other", "told"),
    [
        ("clearing_account", "2920", "Clearing account stays 2910"),
        ("environment", "copy", "Environment stays production"),
        ("tenant", "other.example", "Tenant stays contoso.example"),
        ("address", "http://127.0.0.1:1", "Address stays http://127.0.0.1:"),
    ],
)
def test_what_payments_prove_themselves_by_stays_once_one_was_put_in_line(
    door: Door, name: str, other: str, told: str
) -> None:
    door.ground.paid((door.ground.bill("20.00"), "20.00"))

    answer = sent(manager(door), door, **{name: other, "client_secret": SECRET})

    assert answer.status_code == 422
    assert told in words(answer)
    assert "payments are booked with it" in words(answer)
    assert kept(door)["clearing_account"] == "2910"


def test_settings_whose_key_is_lost_are_typed_anew(door: Door) -> None:
    before, client = kept(door), manager(door)
    with override_settings(SEAL_KEY="another-key-" * 4, SEAL_KEY_BEFORE=""):
        shown = words(client.get(PAGE)), fields(client.get(f"{erp_of(door)}/settings"), "keep")
        answer = client.post(f"{erp_of(door)}/settings/keep", before)
        after = kept(door)

    assert shown[1]["tenant"] == ""
    assert answer["Location"].endswith("?done=kept")
    assert after == before


def test_a_kept_secret_does_not_go_to_another_address(door: Door) -> None:
    client = manager(door)

    answer = sent(client, door, address="http://127.0.0.1:9", sign_in_address="http://127.0.0.1:9")

    assert answer.status_code == 422
    assert "Type Client secret again" in words(answer)
    assert kept(door)["address"] == door.ground.world.erp.url


def test_no_secret_is_ever_on_a_page(door: Door) -> None:
    client = manager(door)
    with reading():
        gateway = settings_of(GatewayAccount.objects.get())
    secrets = [SECRET, gateway["api_key"], gateway["webhook_secret"]]
    client.post(f"{erp_of(door)}/test")
    pages = [
        client.get(PAGE),
        client.get(f"{erp_of(door)}/settings"),
        client.get(f"{PAGE}/gateway/{door.ground.gateway_account_id}/settings"),
        sent(client, door, client_secret="mistyped-secret"),
        client.get(f"{erp_of(door)}/rules"),
    ]

    found = [each for page in pages for each in secrets if each in page.content.decode()]

    assert found == []
    assert "mistyped-secret" not in pages[3].content.decode()


def test_pausing_stops_postings_and_not_payments(door: Door) -> None:
    client = manager(door)
    client.post(f"{erp_of(door)}/pause")
    paused = words(client.get(PAGE))
    payment = door.ground.paid((door.ground.bill("30.00"), "30.00"))

    client.post(f"{erp_of(door)}/resume")

    assert "Nothing is posted here at the moment Paused by Dana Okafor." in paused
    assert payment.status == payment.Status.SUCCEEDED
    assert "Nothing is posted" not in words(client.get(PAGE))


def test_a_rule_is_added_by_its_form_changed_and_removed(door: Door) -> None:
    client = manager(door)
    page = client.get(f"{erp_of(door)}/rules/new")
    rule = fields(page, "rules/keep") | {
        "gateway": "Gateway", "method": "bank_debit", "currency": "usd", "account": "2920",
    }  # fmt: skip

    answer = client.post(action(page, "rules/keep"), rule)
    listed = client.get(answer["Location"])
    added = rules(door)
    client.post(action(listed, "remove"))

    assert 'value="2910"' in page.content.decode()  # offered
    assert added == [Rule(gateway="Gateway", method="bank_debit", currency="USD", account="2920")]
    assert "Gateway · Bank debit · USD" in words(listed)
    assert rules(door) == []


def test_a_rule_that_cannot_work_comes_back_with_the_reason_and_what_was_typed(
    door: Door,
) -> None:
    client = manager(door)

    answer = client.post(
        f"{erp_of(door)}/rules/keep",
        {"account": "2910", "journal": "nobatch", "dimensions": "AREA"},
    )
    second = client.post(f"{erp_of(door)}/rules/keep", {"account": "2910", "journal": "nobatch"})

    assert (answer.status_code, second.status_code) == (422, 422)
    assert "CODE = VALUE" in words(answer)
    assert "does not exist among the cash receipt journals" in words(second)
    assert 'value="NOBATCH"' in second.content.decode()
    assert rules(door) == []


def test_the_page_says_what_the_erp_cannot_carry(door: Door) -> None:
    page = words(manager(door).get(f"{erp_of(door)}/rules"))

    assert "A fee is not booked with the payment" in page


def test_a_payment_that_lies_in_a_shared_journal_says_who_has_the_next_move(door: Door) -> None:
    door.ground.world.clerk("batch", code="TOGETHER", bank_account="OPERATING")
    rule = Rule(currency="USD", account="2920", journal="TOGETHER", bank_account="OPERATING")
    keep_rule(door.ground.legal_entity_id, rule)
    payment = door.ground.paid((door.ground.bill("40.00"), "40.00"))

    page = words(door.clerk().get(f"/office/payments/{payment.number}"))

    assert "It lies in journal TOGETHER" in page
    assert "until somebody posts them there" in page
    assert "The ERP does not answer" not in page


def test_a_key_of_another_account_is_not_kept_once_there_were_payments(door: Door) -> None:
    client, account = manager(door), f"{PAGE}/gateway/{door.ground.gateway_account_id}"
    with reading():
        key = settings_of(GatewayAccount.objects.get())["api_key"]
    typed = fields(client.get(f"{account}/settings"), "settings/keep")
    early = client.post(f"{account}/settings/keep", typed | {"api_key": "sk_sandbox_second"})
    client.post(f"{account}/settings/keep", typed | {"api_key": key})
    door.ground.pay((door.ground.bill("20.00"), "20.00"))

    late = client.post(f"{account}/settings/keep", typed | {"api_key": "sk_sandbox_second"})
    same = client.post(f"{account}/settings/keep", typed | {"api_key": key})

    assert early["Location"].endswith("?done=kept")
    assert late.status_code == 422
    assert "add a second account instead" in words(late)
    assert same["Location"].endswith("?done=kept")
    with reading():
        assert settings_of(GatewayAccount.objects.get())["api_key"] == key


def test_where_nobody_knew_the_account_the_kept_key_is_asked(door: Door) -> None:
    client, account = manager(door), f"{PAGE}/gateway/{door.ground.gateway_account_id}"
    typed = fields(client.get(f"{account}/settings"), "settings/keep")
    door.ground.pay((door.ground.bill("20.00"), "20.00"))

    answer = client.post(f"{account}/settings/keep", typed | {"api_key": "sk_sandbox_second"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "path", ["test", "pause", "resume", "settings", "settings/keep", "rules", "rules/keep"]
)
def test_another_organizations_connection_is_not_there(door: Door, world: World, path: str) -> None:
    with make_ground(world) as other, make_door(other) as theirs:
        client = manager(theirs)
        where = f"{PAGE}/erp/{door.ground.legal_entity_id}/{path}"
        answers = [client.get(where), client.post(where)]

    assert {answer.status_code for answer in answers} <= {404, 405}
    assert 404 in {answer.status_code for answer in answers}
    assert kept(door)["clearing_account"] == "2910"


def test_every_act_on_a_connection_wants_the_forms_token(door: Door) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": door.host})
    client.cookies = manager(door).cookies
    entity = str(door.ground.legal_entity_id)
    acts = [
        f"/office/{each.pattern}".replace("<uuid:legal_entity_id>", entity)
        for each in urlpatterns
        if str(each.pattern).startswith("connections/erp") and "rule_id" not in str(each.pattern)
    ]

    assert len(acts) > 5
    assert {client.post(act).status_code for act in acts} == {403}


def test_a_changed_secret_is_used_from_the_next_call_on(door: Door) -> None:
    entity = door.ground.legal_entity_id
    erp_for(entity).check()
    with writing():
        ErpConnection.objects.update(test_failure="The client secret has expired.")
    client = manager(door)

    before = words(client.get(PAGE))
    sent(client, door, client_secret=SECRET)

    assert "The client secret has expired." in before
    assert "The client secret has expired." not in words(client.get(PAGE))
    assert erp_for(entity).check() == "Northwind Traders"
