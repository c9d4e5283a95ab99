"""Keeps the rules of which ways to pay are offered, once each of them can work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection

from quittance.audit.record import record_event
from quittance.connections.mapping import CannotWork
from quittance.connections.method_names import method_name
from quittance.connections.models import GatewayAccount, OfferRule
from quittance.connections.offers import BANK_TRANSFER
from quittance.connections.open import gateway_for
from quittance.core.errors import Misconfigured, OutsideError
from quittance.core.money import Money
from quittance.erp.connecting import Problem
from quittance.gateways.base import Capabilities
from quittance.gateways.facts import METHODS
from quittance.gateways.fields import EmbedsFields
from quittance.tenancy.rows import reading, writing

KNOWN_METHODS: Final = (*sorted(METHODS - {"transfer"}), BANK_TRANSFER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A rule as a person writes it. ``gateway`` is an account's name; "" and ``None`` mean any."""

    legal_entity_id: UUID | None = None
    customer_account_id: UUID | None = None
    gateway: str = ""
    method: str = ""
    currency: str = ""
    at_least_minor: int | None = None
    at_most_minor: int | None = None
    valid_from: date
    valid_until: date | None = None
    is_offered: bool
    place: int | None = None

    @property
    def is_ranged(self) -> bool:
        """Whether it counts for some amounts only."""
        return self.at_least_minor is not None or self.at_most_minor is not None

    @property
    def amounts(self) -> tuple[Money | None, Money | None]:
        """From where to where it counts, with the currency."""
        least, most = (
            None if minor is None else Money(minor, self.currency)
            for minor in (self.at_least_minor, self.at_most_minor)
        )
        return least, most


@dataclass(frozen=True, slots=True)
class CanEmbed:
    """A gateway account whose fields can stand on our page, and whether they do."""

    account_id: UUID
    name: str
    embeds: bool


def offer_rules() -> list[OfferRule]:
    """Return every rule, the most particular first, in a transaction of the caller."""
    found = list(OfferRule.objects.select_related("gateway_account", "legal_entity"))
    found.sort(key=lambda each: (each.method, each.currency, each.valid_from))
    return sorted(found, key=lambda each: each.weight, reverse=True)


def as_offer(row: OfferRule) -> Offer:
    """Return a kept rule as a person would write it."""
    return Offer(
        legal_entity_id=row.legal_entity_id, customer_account_id=row.customer_account_id,
        gateway=row.gateway_account.name if row.gateway_account else "", method=row.method,
        currency=row.currency, at_least_minor=row.at_least_minor,
        at_most_minor=row.at_most_minor, valid_from=row.valid_from,
        valid_until=row.valid_until, is_offered=row.is_offered, place=row.place,
    )  # fmt: skip


def problems_of(offer: Offer) -> list[Problem]:
    """Return why a rule cannot work: what it names is not there, or takes no such payment."""
    found = list(_contradictions(offer))
    if offer.method and offer.method not in KNOWN_METHODS:
        found.append(_problem("method", f"There is no method {offer.method}."))
    if found:
        return found
    with reading():
        accounts = list(GatewayAccount.objects.filter(is_active=True).order_by("name"))
    named = [each for each in accounts if offer.gateway in {"", each.name}]
    if offer.gateway and not named:
        known = ", ".join(each.name for each in accounts) or "none"
        return [_problem("gateway", f"No gateway {offer.gateway} is active. Active: {known}.")]
    if offer.method == BANK_TRANSFER:
        words = "A bank transfer goes through no gateway: name none."
        return [_problem("gateway", words)] if offer.gateway else []
    return _not_taken(offer, [facts for each in named if (facts := _facts(each)) is not None])


def keep_offer(offer: Offer, *, instead_of: UUID | None = None) -> OfferRule:
    """Keep a rule, or change one; it counts at once. Raises ``CannotWork``."""
    problems = problems_of(offer)
    if problems:
        raise CannotWork(problems)
    try:
        with writing():
            _check_apart(offer, instead_of)
            row = OfferRule.objects.filter(pk=instead_of).first() if instead_of else None
            before = _written(as_offer(row)) if row else None
            row = row or OfferRule()
            _fill(row, offer)
            record_event(
                "offer rule kept",
                subject_kind="offer_rule",
                subject_id=row.pk,
                before=before,
                now=_written(offer),
            )
            return row
    except IntegrityError as error:
        words = "There is a rule for the same payments from the same day already. Change that one."
        raise CannotWork([_problem("method", words)]) from error


def remove_offer(rule_id: UUID) -> None:
    """Remove a rule. One that is gone is fine."""
    with writing():
        row = OfferRule.objects.filter(pk=rule_id).select_related("gateway_account").first()
        if row is not None:
            record_event(
                "offer rule removed",
                subject_kind="offer_rule",
                subject_id=row.pk,
                before=_written(as_offer(row)),
            )
            row.delete()


def with_fields() -> list[CanEmbed]:
    """Return the active accounts whose fields can stand on our page. Asks nobody."""
    with reading():
        accounts = list(GatewayAccount.objects.filter(is_active=True).order_by("name"))
    return [
        CanEmbed(each.pk, each.name, each.embeds)
        for each in accounts
        if (facts := _facts(each)) is not None and facts.embedded_methods
    ]


def set_embedding(account_id: UUID, *, embeds: bool) -> None:
    """Have an account's fields on our page, or send payers to its own. New payments follow.

    Raises ``Misconfigured`` for an account that has no fields.
    """
    gateway = gateway_for(account_id, though_shut=True)
    if embeds and not (isinstance(gateway, EmbedsFields) and gateway.capabilities.embedded_methods):
        raise Misconfigured("This account has no fields for our page. See its settings.")
    with writing():
        GatewayAccount.objects.filter(pk=account_id).update(embeds=embeds)
        record_event(
            "fields on our page",
            subject_kind="gateway_account",
            subject_id=account_id,
            embeds=embeds,
        )


def _contradictions(offer: Offer) -> Sequence[Problem]:
    """What is wrong with a rule whoever the gateways are."""
    found = []
    if offer.currency and not (len(offer.currency) == 3 and offer.currency.isupper()):
        found.append(_problem("currency", "A currency is three capital letters, such as EUR."))
    elif offer.is_ranged and not offer.currency:
        found.append(_problem("currency", "Amounts need their currency here."))
    if (
        offer.at_least_minor is not None
        and offer.at_most_minor is not None
        and offer.at_most_minor < offer.at_least_minor
    ):
        found.append(_problem("at_most", "The highest amount is below the lowest one."))
    if offer.valid_until and offer.valid_until < offer.valid_from:
        found.append(_problem("valid_until", "The last day is before the first one."))
    if offer.place is not None and not offer.is_offered:
        found.append(_problem("place", "What is not offered has no place."))
    names_nothing = not any(
        (offer.legal_entity_id, offer.customer_account_id, offer.gateway, offer.method,
         offer.currency)
    )  # fmt: skip
    if names_nothing and not offer.is_offered and not _is_any_offered():
        words = "This would offer nothing to anybody. Say which, or first write what is offered."
        found.append(_problem("method", words))
    return found


def _check_apart(offer: Offer, instead_of: UUID | None) -> None:
    """Refuse a rule of which nobody could say whether it or another one counts.

    Whoever writes at the same moment waits, so that each sees what the other wrote. Only amounts
    can meet: rules that name the same, as particularly, from the same day, are one rule else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('offer rules', 0))")
    rows = OfferRule.objects.filter(
        legal_entity_id=offer.legal_entity_id, customer_account_id=offer.customer_account_id,
        method=offer.method, currency=offer.currency, valid_from=offer.valid_from,
        gateway_account__name=offer.gateway or None,
    )  # fmt: skip
    for row in rows:
        other = as_offer(row)
        if row.pk != instead_of and other.is_ranged and offer.is_ranged and _meet(offer, other):
            words = (
                f"Another rule counts for the same payments {_range_of(other)} from the same day,"
                " so nobody could say which of the two counts. Change the amounts so that they do"
                " not meet, or let one begin on a later day: then that one counts."
            )
            raise CannotWork([_problem("at_least", words)])


def _meet(one: Offer, other: Offer) -> bool:
    """Say whether some amount is within both ranges; each ends with its last amount."""
    return not (_above(one, other) or _above(other, one))


def _above(one: Offer, other: Offer) -> bool:
    least, most = one.at_least_minor, other.at_most_minor
    return least is not None and most is not None and least > most


def _range_of(offer: Offer) -> str:
    least, most = offer.amounts
    return " ".join(
        word for word in (f"from {least}" if least else "", f"up to {most}" if most else "") if word
    )


def _is_any_offered() -> bool:
    with reading():
        return OfferRule.objects.filter(is_offered=True).exists()


def _not_taken(offer: Offer, facts: Sequence[Capabilities]) -> list[Problem]:
    who = offer.gateway or "No active gateway"
    does = "does not take" if offer.gateway else "takes"
    if offer.method and not any(offer.method in each.methods for each in facts):
        return [_problem("method", f"{who} {does} the method {method_name(offer.method)}.")]
    taking = [each for each in facts if not offer.method or offer.method in each.methods]
    if offer.currency and not any(
        not each.currencies or offer.currency in each.currencies for each in taking
    ):
        return [_problem("currency", f"{who} {does} {offer.currency}.")]
    return []


def _facts(account: GatewayAccount) -> Capabilities | None:
    """What an account takes; ``None`` when its settings do not open."""
    try:
        return gateway_for(account.pk, though_shut=True).capabilities
    except OutsideError:
        return None


def _fill(row: OfferRule, offer: Offer) -> None:
    gateway = GatewayAccount.objects.filter(name=offer.gateway).first() if offer.gateway else None
    if offer.gateway and gateway is None:  # renamed since the rule was checked
        raise CannotWork([_problem("gateway", f"There is no gateway {offer.gateway} any more.")])
    row.gateway_account = gateway
    for name, value in asdict(offer).items():
        if name != "gateway":
            setattr(row, name, value)
    row.save()


def _written(offer: Offer) -> dict[str, Any]:
    return {name: None if value is None else str(value) for name, value in asdict(offer).items()}


def _problem(field: str, sentence: str) -> Problem:
    return Problem(field=field, sentence=sentence)
