"""Decides which ways to pay are offered: what the gateway accounts take, less what rules say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Exists, Q, QuerySet

from quittance.connections.change import label_of
from quittance.connections.models import GatewayAccount, OfferRule
from quittance.connections.open import gateway_of
from quittance.core.errors import Misconfigured, OutsideError
from quittance.core.money import Money
from quittance.gateways.fields import EmbedsFields
from quittance.gateways.saved import SavesMethods
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened

BANK_TRANSFER: Final = "bank_transfer"  # the payer's own transfer: of no gateway, rules know it
_MIDDLE: Final = 50  # the place of what no rule gives one


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What somebody is about to pay, as far as rules ask. ``amount``: in money, without a fee."""

    payers: Collection[tuple[UUID, UUID]]  # of each invoice the legal entity and customer account
    amount: Money
    day: date  # in the legal entity's zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One way to pay at one gateway account."""

    gateway_account_id: UUID
    name: str  # what the organization calls the account
    label: str  # what people call the gateway
    method: str  # of ``gateways.facts.METHODS``
    embedded: bool  # its fields can stand on our page, and the organization wants them there
    keeps: bool  # what pays can be kept for later payments meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What the payer of one sale may choose from."""

    ways: Sequence[Offered]  # the first one first
    transfer: bool  # their own bank transfer is left to them
    trouble: OutsideError | None  # why there is no way, where one is missing because of it


def offers_for(sale: Sale) -> Offers:
    """Return the ways to pay. Outside of any transaction.

    An account that does not work now is left out; without any account that is the trouble.
    """
    with widened(), reading():
        asked = _rules_on(sale.day)
        active = GatewayAccount.objects.filter(is_active=True).annotate(has_rules=Exists(asked))
        accounts = list(active.order_by("pk"))
        # Most organizations have no rule: one question tells both.
        rules = list(asked) if not accounts or accounts[0].has_rules else []
    found: list[tuple[tuple[int, bool], Offered]] = []
    trouble: OutsideError | None = None
    if not accounts:
        trouble = Misconfigured("The seller has no payment provider yet.")
    for account in accounts:
        try:
            ways = _ways_of(account, sale.amount.currency)
        except OutsideError as error:
            trouble = error
            continue
        for way in ways:
            place = _place(rules, sale, way.method, account.pk)
            if place is not None:
                found.append(((place, way.method != "bank_debit"), way))
    found.sort(key=lambda pair: pair[0])  # stable: by the account, then as the gateway says
    return Offers(
        ways=[way for _, way in found],
        transfer=_place(rules, sale, BANK_TRANSFER, None) is not None,
        trouble=None if found else trouble,
    )


def _rules_on(day: date) -> QuerySet[OfferRule]:
    still = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return OfferRule.objects.filter(still, valid_from__lte=day)


def _ways_of(account: GatewayAccount, currency: str) -> list[Offered]:
    gateway = gateway_of(account)
    facts = gateway.capabilities
    if facts.currencies and currency not in facts.currencies:
        return []
    embeds = account.embeds and isinstance(gateway, EmbedsFields)
    kept = facts.saved_methods if isinstance(gateway, SavesMethods) else frozenset()
    return [
        Offered(
            gateway_account_id=account.pk, name=account.name, label=label_of(account),
            method=method, embedded=embeds and method in facts.embedded_methods,
            keeps=method in kept,
        )
        for method in facts.methods
    ]  # fmt: skip


def _place(
    rules: Sequence[OfferRule], sale: Sale, method: str, gateway_account_id: UUID | None
) -> int | None:
    """Return the place of one way; ``None``: for some invoice of the sale it is not offered."""
    places = []
    for legal_entity_id, customer_account_id in sale.payers:
        fitting = [
            rule
            for rule in rules
            if rule.legal_entity_id in {None, legal_entity_id}
            and rule.customer_account_id in {None, customer_account_id}
            and rule.gateway_account_id in {None, gateway_account_id}
            and rule.method in {"", method}
            and rule.currency in {"", sale.amount.currency}
            and (rule.at_least_minor is None or rule.at_least_minor <= sale.amount.minor)
            and (rule.at_most_minor is None or sale.amount.minor <= rule.at_most_minor)
        ]
        # Of two alike the later first day; two of one day do not meet (offer_rules), but those of
        # before that was looked at may: of these the one that was written last.
        rule = max(fitting, key=lambda each: (each.weight, each.valid_from, each.pk), default=None)
        if rule and not rule.is_offered:
            return None
        places.append(rule.place if rule and rule.place is not None else _MIDDLE)
    return min(places, default=_MIDDLE)
