"""The connection check against the sandbox, with each setting wrong in its turn."""

from __future__ import annotations

import pytest

from quittance.core.errors import Misconfigured, Refused
from quittance.core.money import Money
from quittance.erp.contract import instruction_for
from tests.erp.stage import COMPANY, SandboxStage

ANOTHER = "99999999-9999-9999-9999-999999999999"


@pytest.mark.parametrize(
    ("setting", "value", "field", "words"),
    [
        ("tenant", "fabrikam.example", "tenant", "tenant"),
        ("client_id", ANOTHER, "client_id", "client id"),
        ("client_secret", "wrong", "client_secret", "secret"),
        ("environment", "nowhere", "environment", "environment"),
        ("company_id", ANOTHER, "company_id", "It has: Northwind Traders"),
        ("client_id", "2" * 8 + "-2222-2222-2222-" + "2" * 12, "permission", "may not use"),
        ("client_id", "3" * 8 + "-3333-3333-3333-" + "3" * 12, "client_id", "Microsoft Entra App"),
        ("clearing_account", "9999", "clearing_account", "does not exist"),
        ("clearing_account", "1310", "clearing_account", "Direct Posting"),
        ("clearing_account", "2999", "clearing_account", "heading or a total"),
        ("local_currency", "EUR", "local_currency", "is USD, not EUR"),
    ],
)
def test_a_check_names_the_setting_that_is_wrong(
    business_central: SandboxStage, setting: str, value: str, field: str, words: str
) -> None:
    erp = business_central.open(**{setting: value})

    with pytest.raises(Misconfigured, match=words) as caught:
        erp.check()

    assert caught.value.facts["field"] == field


def test_an_application_that_may_only_read_shows_when_it_writes(
    business_central: SandboxStage,
) -> None:
    erp = business_central.open(client_id="4" * 8 + "-4444-4444-4444-" + "4" * 12)
    invoice = business_central.open_invoices(1)[0]
    instruction = instruction_for(
        [invoice], today=business_central.today, amounts=[Money(100, "USD")]
    )

    assert erp.check() == "Northwind Traders"
    with pytest.raises(Misconfigured, match="may not use customerPaymentJournals"):
        erp.draft_payment(instruction, again=False)


def test_an_invoice_that_nobody_has_is_refused(business_central: SandboxStage) -> None:
    for read in (business_central.erp.invoice_lines, business_central.erp.invoice_pdf):
        with pytest.raises(Refused):
            read(COMPANY)
