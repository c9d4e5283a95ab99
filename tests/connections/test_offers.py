"""Which ways to pay are offered: what the accounts take, less what dated rules say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from quittance.connections.keep import keep_gateway_account
from quittance.connections.mapping import CannotWork
from quittance.connections.models import GatewayAccount, OfferRule
from quittance.connections.offer_rules import Offer, keep_offer, problems_of, set_embedding
from quittance.connections.offers import Sale, offers_for
from quittance.core import clock
from quittance.core.errors import Misconfigured, Unavailable
from quittance.core.money import Money
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import ALPINE, Ground, _gateway_settings

TODAY = date(2026, 11, 22)


def rule(**said: object) -> Offer:
    return Offer(**{"valid_from": TODAY, "is_offered": False, **said})  # type: ignore[arg-type]


def sale(ground: Ground, minor: int = 10000, currency: str = "USD", day: date = TODAY) -> Sale:
    payer = (ground.legal_entity_id, ground.account().pk)
    return Sale(payers=[payer], amount=Money(minor, currency), day=day)


def offered(ground: Ground, minor: int = 10000, day: date = TODAY) -> list[tuple[str, str]]:
    """Each way as the account's name and the method."""
    return [(way.name, way.method) for way in offers_for(sale(ground, minor, day=day)).ways]


@pytest.fixture
def two(ground: Ground) -> Ground:
    """A ground with a second account, as if of another gateway."""
    with writing():
        keep_gateway_account(
            kind="sandbox", name="Second", settings=_gateway_settings(ground.world)
        )
    return ground


def test_without_rules_every_active_account_offers_what_it_takes(two: Ground) -> None:
    assert offered(two) == [
        ("Gateway", "bank_debit"), ("Second", "bank_debit"),
        ("Gateway", "card"), ("Second", "card"),
    ]  # fmt: skip
    with writing():
        GatewayAccount.objects.filter(name="Gateway").update(is_active=False)
    assert offered(two) == [("Second", "bank_debit"), ("Second", "card")]


def test_the_most_particular_rule_counts(two: Ground) -> None:
    keep_offer(rule(method="card"))
    keep_offer(rule(gateway="Second", method="card", is_offered=True, place=1))
    keep_offer(rule(gateway="Gateway"))

    assert offered(two) == [("Second", "card"), ("Second", "bank_debit")]


def test_a_rule_counts_for_its_amounts_on_its_days(ground: Ground) -> None:
    until = TODAY + timedelta(days=9)
    keep_offer(rule(method="card", currency="USD", at_least_minor=500_00, valid_until=until))

    def takes_cards(minor: int, day: date) -> bool:
        return ("Gateway", "card") in offered(ground, minor, day)

    assert takes_cards(499_99, TODAY)
    assert not takes_cards(500_00, TODAY)
    assert not takes_cards(500_00, until)
    assert takes_cards(500_00, until + timedelta(days=1))
    assert takes_cards(500_00, TODAY - timedelta(days=1))


def test_a_rule_for_one_customer_leaves_others_alone_and_counts_for_their_shared_payment(
    ground: Ground,
) -> None:
    keep_offer(rule(method="card", customer_account_id=ground.account(ALPINE).pk))
    own = (ground.legal_entity_id, ground.account().pk)
    other = (ground.legal_entity_id, ground.account(ALPINE).pk)

    def methods(*payers: object) -> list[str]:
        asked = Sale(payers=payers, amount=Money(100, "USD"), day=TODAY)  # type: ignore[arg-type]
        return [way.method for way in offers_for(asked).ways]

    with narrowed_to([own[1]]):  # a buyer: the rule names somebody else, and counts all the same
        assert methods(own) == ["bank_debit", "card"]
        assert methods(other) == methods(own, other) == ["bank_debit"]
        with reading():
            assert not OfferRule.objects.exists()


def test_a_rule_for_one_company_leaves_the_sellers_others_alone(ground: Ground) -> None:
    with writing():
        west = LegalEntity.objects.create(name="Northwind West", zone="UTC", currency="USD")
    keep_offer(rule(method="card", legal_entity_id=west.pk))
    customer = ground.account().pk

    def methods(*entities: UUID) -> list[str]:
        payers = [(entity, customer) for entity in entities]
        asked = Sale(payers=payers, amount=Money(100, "USD"), day=TODAY)
        return [way.method for way in offers_for(asked).ways]

    assert methods(ground.legal_entity_id) == ["bank_debit", "card"]
    assert methods(west.pk) == methods(ground.legal_entity_id, west.pk) == ["bank_debit"]


def test_a_rule_for_one_currency_leaves_others_alone(ground: Ground) -> None:
    keep_offer(rule(method="card", currency="EUR"))

    def methods(currency: str) -> list[str]:
        return [way.method for way in offers_for(sale(ground, currency=currency)).ways]

    assert "card" in methods("USD")
    assert "card" not in methods("EUR")


def test_the_payers_own_transfer_follows_rules_too(ground: Ground) -> None:
    assert offers_for(sale(ground)).transfer
    keep_offer(rule(method="bank_transfer", currency="USD"))
    assert not offers_for(sale(ground)).transfer
    assert offers_for(sale(ground, currency="EUR")).transfer


def test_an_account_that_is_not_asked_now_is_left_out_and_alone_it_says_so(two: Ground) -> None:
    def shut(**which: str) -> None:
        with writing():
            GatewayAccount.objects.filter(**which).update(
                shut_until=clock.now() + timedelta(hours=1)
            )

    shut(name="Gateway")
    assert offered(two) == [("Second", "bank_debit"), ("Second", "card")]
    shut()
    none = offers_for(sale(two))
    assert none.ways == []
    assert isinstance(none.trouble, Unavailable)


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"gateway": "Nowhere"}, "gateway", "No gateway Nowhere is active. Active: Gateway."),
        ({"method": "cheque"}, "method", "There is no method cheque."),
        ({"method": "wallet"}, "method",
         "No active gateway takes the method Account at the payment provider."),
        ({"gateway": "Gateway", "method": "wallet"}, "method",
         "Gateway does not take the method Account at the payment provider."),
        ({"gateway": "Gateway", "method": "bank_transfer"}, "gateway",
         "A bank transfer goes through no gateway: name none."),
        ({"method": "card", "currency": "eur"}, "currency",
         "A currency is three capital letters, such as EUR."),
        ({"method": "card", "at_least_minor": 1}, "currency", "Amounts need their currency here."),
        ({"currency": "EUR", "at_least_minor": 2, "at_most_minor": 1}, "at_most",
         "The highest amount is below the lowest one."),
        ({"method": "card", "valid_until": TODAY - timedelta(days=1)}, "valid_until",
         "The last day is before the first one."),
        ({"method": "card", "place": 1}, "place", "What is not offered has no place."),
        ({}, "method",
         "This would offer nothing to anybody. Say which, or first write what is offered."),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_work_is_refused_in_a_sentence(
    ground: Ground, said: dict[str, object], field: str, words: str
) -> None:
    (problem,) = problems_of(rule(**said))

    assert (problem.field, problem.sentence) == (field, words)


def test_two_rules_for_the_same_are_one_too_many(ground: Ground) -> None:
    keep_offer(rule(method="card"))

    with pytest.raises(CannotWork, match="from the same day already"):
        keep_offer(rule(method="card", is_offered=True))


@pytest.mark.parametrize(
    ("range_", "meets"),
    [
        ({"at_least_minor": 5000}, True),
        ({"at_least_minor": 10000, "at_most_minor": 10000}, True),
        ({"at_most_minor": 1}, True),
        ({"at_least_minor": 10001}, False),
    ],
)
def test_of_two_rules_whose_amounts_meet_the_second_is_refused_in_a_sentence(
    ground: Ground, range_: dict[str, int], meets: bool
) -> None:
    keep_offer(rule(method="card", currency="USD", at_most_minor=10000, is_offered=True))
    second = rule(method="card", currency="USD", **range_)

    if not meets:
        keep_offer(second)
        assert offered(ground, 10001) == [("Gateway", "bank_debit")]
        return
    with pytest.raises(CannotWork, match=r"up to 100.00 USD from the same day, so nobody"):
        keep_offer(second)
    later = keep_offer(replace(second, valid_from=TODAY + timedelta(days=1)))
    keep_offer(replace(second, valid_from=TODAY + timedelta(days=1), place=None, is_offered=True),
               instead_of=later.pk)  # fmt: skip


def test_of_two_like_it_that_met_before_the_one_that_was_written_last_counts(
    ground: Ground,
) -> None:
    with writing():
        for is_offered, most in ((True, 20000), (False, 30000)):
            OfferRule.objects.create(
                method="card", currency="USD", at_most_minor=most, valid_from=TODAY,
                is_offered=is_offered,
            )  # fmt: skip

    assert offered(ground) == [("Gateway", "bank_debit")]


def test_an_account_without_fields_cannot_have_them_on_our_page(ground: Ground) -> None:
    with pytest.raises(Misconfigured, match="has no fields"):
        set_embedding(ground.gateway_account_id, embeds=True)
