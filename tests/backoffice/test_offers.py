"""The page of ways to pay: a rule that is kept there is what the checkout does."""

from __future__ import annotations

from django.test import Client

from quittance.connections.models import GatewayAccount, OfferRule
from quittance.tenancy.rows import reading
from tests.backoffice.office import action, fields, words
from tests.ground import HARBORLINE, Ground, _gateway_settings
from tests.portal.doors import Door, begin_checkout

PAGE = "/office/connections/offers"


def manager(door: Door) -> Client:
    return door.signed_in(email="mia@example.test", role="manager")


def methods(buyer: Client, ground: Ground) -> bytes:
    page: bytes = buyer.get(f"{begin_checkout(buyer, ground.bill('100.00'))}/method").content
    return page


def test_a_rule_is_written_followed_changed_and_removed(door: Door) -> None:
    office, buyer = manager(door), door.buyer()
    form = fields(office.get(f"{PAGE}/new"), "offers/keep")
    typed = {"method": "card", "customer": HARBORLINE, "offered": "no", "at_least": "50.00",
             "currency": "usd"}  # fmt: skip

    wrong = office.post(f"{PAGE}/keep", form | typed | {"customer": "C-0"})
    kept = office.post(f"{PAGE}/keep", form | typed)

    assert wrong.status_code == 422
    assert "There is no customer C-0." in words(wrong)
    assert 'value="C-0"' in wrong.content.decode()
    assert kept.status_code == 303
    listed = office.get(PAGE)
    assert "Not offered" in words(listed)
    assert "from $50.00" in words(listed)
    assert b'value="card"' not in methods(buyer, door.ground)
    with reading():
        row = OfferRule.objects.get()
    page = office.get(f"{PAGE}/{row.pk}")
    shown = fields(page, "change")
    assert (shown["customer"], shown["at_least"], shown["offered"]) == (HARBORLINE, "50.00", "no")
    assert office.post(action(page, "change"), shown | {"offered": "yes"}).status_code == 303
    assert b'value="card"' in methods(buyer, door.ground)
    office.post(action(office.get(PAGE), "remove"))
    assert "every way is offered to everybody" in words(office.get(PAGE))


def test_a_rule_of_a_later_day_says_when_checkouts_follow_it(door: Door) -> None:
    office = manager(door)
    form = fields(office.get(f"{PAGE}/new"), "offers/keep")
    later = {"method": "bank_debit", "offered": "no", "valid_from": "2090-01-01"}

    kept = office.get(office.post(f"{PAGE}/keep", form | later)["Location"])

    assert "Checkouts follow it from its first day." in words(kept)
    assert "does not count yet" in words(kept)
    assert "Bank debit" in words(kept)
    assert "bank_debit" not in words(kept)


def test_only_who_may_connect_changes_what_is_offered(door: Door) -> None:
    clerk = door.clerk()

    assert clerk.get(PAGE).status_code == 404
    assert clerk.post(f"{PAGE}/keep", {"offered": "no", "method": "card"}).status_code == 404
    with reading():
        assert not OfferRule.objects.exists()


def test_a_gateways_fields_are_had_on_our_page_or_on_its_own(door: Door) -> None:
    from quittance.connections.keep import keep_gateway_account
    from quittance.tenancy.rows import writing

    world, office = door.ground.world, manager(door)
    settings = _gateway_settings(world) | {"fields_address": world.gateway.fields_url}
    with writing():
        keep_gateway_account(kind="sandbox", name="Gateway", settings=settings)

    page = office.get(PAGE)
    assert office.post(action(page, "embed"), fields(page, "embed")).status_code == 303

    with reading():
        assert GatewayAccount.objects.get().embeds
    assert "Use the provider’s page" in words(office.get(PAGE))
