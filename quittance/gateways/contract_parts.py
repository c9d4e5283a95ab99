"""Which parts of the contract an adapter must keep: one for each deed that it has.

::

    globals().update(parts_of(MyGateway))  # in a test module; the fixture ``stage`` is the stage
"""

from __future__ import annotations

from typing import Final

from quittance.gateways.amounts import from_whole_number, whole_number
from quittance.gateways.base import (
    METHODS,
    CompletesPayments,
    Gateway,
    Refunds,
    ReportsDisputes,
    ReportsMovements,
)
from quittance.gateways.charges import ChargesSavedMethods
from quittance.gateways.contract import GatewayContract, Stage
from quittance.gateways.contract_books import DisputeContract, MovementContract
from quittance.gateways.contract_charges import ChargeContract
from quittance.gateways.contract_fields import (
    CompletionContract,
    FieldsContract,
)
from quittance.gateways.contract_refunds import RefundContract
from quittance.gateways.contract_saved import (
    EmbeddedSavingContract,
    MandateContract,
    MethodNewsContract,
    RenewalContract,
    SavingContract,
    VerificationContract,
)
from quittance.gateways.fields import EmbedsFields
from quittance.gateways.saved import (
    RenewsCards,
    ReportsMethods,
    SavesMethods,
    TakesMandates,
    VerifiesAccounts,
)


class FactsContract:
    """What an adapter says of itself agrees with itself."""

    def test_the_facts_agree(self, stage: Stage) -> None:
        facts = stage.gateway.capabilities
        methods = set(facts.methods)

        assert methods
        assert methods <= METHODS
        assert facts.saved_methods <= methods
        assert facts.embedded_methods <= methods
        assert {rule.method for rule in facts.returns} <= methods
        assert facts.key_lifetime_hours > 0
        assert facts.settle_seconds >= 0
        assert bool(facts.origins.script) == bool(facts.embedded_methods)
        for origin in (*facts.origins.script, *facts.origins.frame, *facts.origins.connect):
            assert origin.startswith(("https://", "http://127.0.0.1:"))
            assert origin.count("/") == 2

    def test_a_minor_unit_is_the_same_money_on_both_sides(self, stage: Stage) -> None:
        facts = stage.gateway.capabilities
        for currency in sorted(facts.currencies or {"EUR", "JPY", "KWD", *facts.minor_units}):
            number = 1_000_000  # a multiple of every step

            money = from_whole_number(number, currency, facts)

            assert whole_number(money, facts) == number


_PARTS: Final[tuple[tuple[type, type], ...]] = (
    (Refunds, RefundContract),
    (ReportsDisputes, DisputeContract),
    (ReportsMovements, MovementContract),
    (SavesMethods, SavingContract),
    (ChargesSavedMethods, ChargeContract),
    (TakesMandates, MandateContract),
    (VerifiesAccounts, VerificationContract),
    (RenewsCards, RenewalContract),
    (ReportsMethods, MethodNewsContract),
    (EmbedsFields, FieldsContract),
    (EmbedsFields, EmbeddedSavingContract),  # for those that save methods: see ``parts_of``
    (CompletesPayments, CompletionContract),
)


def parts_of(adapter: type[Gateway]) -> dict[str, type]:
    """Return a test class for each deed of an adapter, by name: ``TestRefundContract``."""
    parts = [part for deed, part in _PARTS if issubclass(adapter, deed)]
    if EmbeddedSavingContract in parts and not issubclass(adapter, SavesMethods):
        parts.remove(EmbeddedSavingContract)
    parts.insert(0, GatewayContract)
    return {f"Test{part.__name__}": type(f"Test{part.__name__}", (part,), {}) for part in parts} | {
        "TestFactsContract": type("TestFactsContract", (FactsContract,), {})
    }
