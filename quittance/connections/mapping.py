"""Decides where a payment is booked, and keeps the rules of it once the ERP can follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, QuerySet

from quittance.audit.record import record_event
from quittance.connections.models import GatewayAccount, PostingRule
from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.erp.base import Route
from quittance.erp.connecting import Choice, Problem, TakesRoutes
from quittance.tenancy.rows import reading, writing

PARTS: Final = ("account", "journal", "bank_account", "dimensions")
_LENGTHS: Final = {"method": 20, "account": 20, "journal": 20, "bank_account": 20}


class CannotWork(RuleBroken):
    """The ERP could not follow this rule."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(each.sentence for each in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as a person writes it. ``gateway`` is an account's name; "" means any."""

    gateway: str = ""
    method: str = ""
    currency: str = ""
    account: str = ""
    journal: str = ""
    bank_account: str = ""
    fee_account: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What the rule is for; two rules for the same are one too many."""
        return self.gateway, self.method, self.currency

    @property
    def route(self) -> Route:
        """Where it leads."""
        return Route(
            account=self.account, journal=self.journal, bank_account=self.bank_account,
            dimensions=dict(self.dimensions),
        )  # fmt: skip


def with_a_bank() -> QuerySet[PostingRule]:
    """Return the rules that lead a foreign currency to a bank account that is kept in it.

    Payments that follow one can be booked whatever currency the customer's card has. A bank account
    in the local currency helps nobody: a journal's line takes the customer's there.
    """
    rules = PostingRule.objects.exclude(bank_account="").exclude(currency="")
    return rules.exclude(currency=F("legal_entity__currency"))


def route_for(
    legal_entity_id: UUID, *, gateway_account_id: UUID | None, method: str, currency: str
) -> dict[str, Any]:
    """Return where such a payment is booked: the parts of a ``Route``, or nothing without a rule.

    In the transaction that puts the posting in line: what is decided there stays.
    """
    rule = _rule_for(legal_entity_id, gateway_account_id, method, currency)
    return {part: getattr(rule, part) for part in PARTS} if rule else {}


def bank_takes(
    legal_entity_id: UUID, *, gateway_account_id: UUID | None, method: str, currency: str
) -> bool:
    """Say whether the rule that such a payment follows is one of ``with_a_bank``."""
    rule = _rule_for(legal_entity_id, gateway_account_id, method, currency)
    return rule is not None and with_a_bank().filter(pk=rule.pk).exists()


def _rule_for(
    legal_entity_id: UUID, gateway_account_id: UUID | None, method: str, currency: str
) -> PostingRule | None:
    fitting = [
        rule
        for rule in PostingRule.objects.filter(legal_entity_id=legal_entity_id)
        if rule.gateway_account_id in {None, gateway_account_id}
        and rule.method in {"", method}
        and rule.currency in {"", currency}
    ]
    return max(fitting, key=lambda each: each.weight, default=None)


def rules_of(legal_entity_id: UUID) -> list[PostingRule]:
    """Return the rules, the most particular first, in a transaction of the caller."""
    rows = PostingRule.objects.filter(legal_entity_id=legal_entity_id)
    found = list(rows.select_related("gateway_account"))
    found.sort(key=lambda each: (each.method, each.currency))
    return sorted(found, key=lambda each: each.weight, reverse=True)


def as_written(row: PostingRule) -> Rule:
    """Return a kept rule as a person would write it."""
    return Rule(
        gateway=row.gateway_account.name if row.gateway_account else "",
        method=row.method, currency=row.currency, account=row.account, journal=row.journal,
        bank_account=row.bank_account, fee_account=row.fee_account, dimensions=row.dimensions,
    )  # fmt: skip


def problems_of(legal_entity_id: UUID, rule: Rule) -> list[Problem]:
    """Return why a rule cannot work; asks the ERP. Raises ``OutsideError``."""
    with reading():
        gateways = set(GatewayAccount.objects.values_list("name", flat=True))
    found = [
        Problem(field=name, sentence=f"At most {length} characters.")
        for name, length in _LENGTHS.items()
        if len(getattr(rule, name)) > length
    ]
    if rule.gateway and rule.gateway not in gateways:
        known = ", ".join(sorted(gateways)) or "none"
        found.append(_problem("gateway", f"There is no gateway {rule.gateway}. Known: {known}."))
    if rule.currency and not (len(rule.currency) == 3 and rule.currency.isupper()):
        found.append(_problem("currency", "A currency is three capital letters, such as EUR."))
    if not rule.account:
        found.append(_problem("account", "Name the account on which the payment is booked."))
    if found:
        return found
    erp = erp_for(legal_entity_id)
    if not isinstance(erp, TakesRoutes):
        return [_problem("account", "This ERP books all payments in one way.")]
    return list(erp.check_route(rule.route, currency=rule.currency, fee_account=rule.fee_account))


def keep_rule(legal_entity_id: UUID, rule: Rule, *, instead_of: UUID | None = None) -> PostingRule:
    """Keep a rule, or change one. Raises ``CannotWork``, or ``OutsideError`` of the ERP's check."""
    problems = problems_of(legal_entity_id, rule)
    if problems:
        raise CannotWork(problems)
    twice = CannotWork(
        [_problem("gateway", "There is a rule for the same payments already. Change that one.")]
    )
    try:
        return _keep(legal_entity_id, rule, instead_of, twice)
    except IntegrityError as error:  # somebody kept one at the same moment
        raise twice from error


def _keep(
    legal_entity_id: UUID, rule: Rule, instead_of: UUID | None, twice: CannotWork
) -> PostingRule:
    with writing():
        if _rows(legal_entity_id, rule).exclude(pk=instead_of).exists():
            raise twice
        row = PostingRule.objects.filter(pk=instead_of).first() if instead_of else None
        before = asdict(as_written(row)) if row else None
        row = row or PostingRule(legal_entity_id=legal_entity_id)
        _fill(row, rule)
        record_event(
            "posting rule kept",
            subject_kind="posting_rule",
            subject_id=row.pk,
            before=before,
            now=asdict(rule),
        )
        return row


def remove_rule(rule_id: UUID) -> None:
    """Remove a rule; what is in line keeps its way. One that is gone is fine."""
    with writing():
        row = PostingRule.objects.filter(pk=rule_id).select_related("gateway_account").first()
        if row is not None:
            record_event(
                "posting rule removed",
                subject_kind="posting_rule",
                subject_id=row.pk,
                before=asdict(as_written(row)),
            )
            row.delete()


def replace_rules(legal_entity_id: UUID, rules: Sequence[Rule]) -> None:
    """Let these rules stand for all that there were, in one step. They were checked before."""
    with writing():
        old = [asdict(as_written(each)) for each in rules_of(legal_entity_id)]
        PostingRule.objects.filter(legal_entity_id=legal_entity_id).delete()
        for rule in rules:
            _fill(PostingRule(legal_entity_id=legal_entity_id), rule)
        record_event(
            "posting rules replaced", subject_kind="legal_entity", subject_id=legal_entity_id,
            before=old,
            now=[asdict(each) for each in rules],
        )  # fmt: skip


def route_choices(legal_entity_id: UUID, part: str) -> Sequence[Choice]:
    """Return what a part of a rule may be, as the ERP offers it. Raises ``OutsideError``."""
    erp = erp_for(legal_entity_id)
    return erp.route_choices(part) if isinstance(erp, TakesRoutes) else []


def route_notes(legal_entity_id: UUID) -> Sequence[str]:
    """Return what of a rule the ERP's interface cannot carry. Asks nobody."""
    erp = erp_for(legal_entity_id)
    return erp.route_notes() if isinstance(erp, TakesRoutes) else []


def _rows(legal_entity_id: UUID, rule: Rule) -> Any:
    rows = PostingRule.objects.filter(
        legal_entity_id=legal_entity_id, method=rule.method, currency=rule.currency
    )
    if rule.gateway:
        return rows.filter(gateway_account__name=rule.gateway)
    return rows.filter(gateway_account__isnull=True)


def _fill(row: PostingRule, rule: Rule) -> None:
    gateway = GatewayAccount.objects.filter(name=rule.gateway).first() if rule.gateway else None
    if rule.gateway and gateway is None:  # renamed since the rule was checked; none would be any
        raise CannotWork([_problem("gateway", f"There is no gateway {rule.gateway} any more.")])
    row.gateway_account = gateway
    row.method, row.currency, row.account = rule.method, rule.currency, rule.account
    row.journal, row.bank_account = rule.journal, rule.bank_account
    row.fee_account, row.dimensions = rule.fee_account, dict(rule.dimensions)
    row.checked_at = clock.now()
    row.save()


def _problem(field_: str, sentence: str) -> Problem:
    return Problem(field=field_, sentence=sentence)
