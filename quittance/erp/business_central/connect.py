"""Helps to be connected: what may be chosen, and a test of one step after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from quittance.core.errors import Misconfigured, OutsideError
from quittance.erp.business_central import accounts, rights, trial
from quittance.erp.business_central.check import (
    READ,
    check_account,
    check_currency,
    check_customer_ledger,
    check_readable,
    check_settled,
    companies,
    find_company,
    local_currencies,
    subscriptions,
)
from quittance.erp.business_central.credentials import Credentials
from quittance.erp.business_central.odata import Api
from quittance.erp.business_central.silence import Doubt, notice_what_is_left_out
from quittance.erp.connecting import Choice, Outcome, Tried

# Under which page 25 is published by habit; the first is the name that the demo company has.
_USUAL_SERVICES: Final = (
    "Cust_LedgerEntries",
    "CustomerLedgerEntries",
    "Customer_Ledger_Entries",
    "CustLedgerEntries",
)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step; when it ``must`` go well, the others depend on it."""

    name: str
    title: str
    act: Callable[[], str]
    must: bool = False
    needed: bool = True


def choices(api: Api, credentials: Credentials, field: str) -> Sequence[Choice]:
    """See ``Connects.choices``."""
    offers: dict[str, Callable[[], Sequence[Choice]]] = {
        "company_id": partial(_companies, api),
        "local_currency": partial(_currencies, api),
        "clearing_account": partial(accounts.offered, api),
        "ledger_service": partial(_services, api, credentials),
    }
    return offers[field]() if field in offers else []


def test(api: Api, credentials: Credentials, *, writing: bool) -> Iterator[Tried]:
    """See ``Connects.test``."""
    for step in _steps(api, credentials, writing=writing):
        try:
            yield _good(step, step.act())
        except OutsideError as error:
            outcome = Outcome.DOUBTFUL if isinstance(error, Doubt) else Outcome.BAD
            yield Tried(
                step=step.name,
                title=step.title,
                outcome=outcome,
                sentence=_with_cure(error),
                needed=step.needed,
            )
            if step.must:
                return


def _good(step: _Step, found: str) -> Tried:
    return Tried(step=step.name, title=step.title, outcome=Outcome.GOOD, sentence=f"{found}.")


def _steps(api: Api, credentials: Credentials, *, writing: bool) -> Iterator[_Step]:
    """In the order in which things depend on each other."""
    yield _Step("token", "Sign-in", partial(_sign_in, api, credentials), must=True)
    yield _Step("environment", "Environment", partial(_environment, api, credentials), must=True)
    yield _Step("company", "Company", partial(_company, api, credentials), must=True)
    for entity in READ:
        yield _Step(f"read {entity}", f"Read {entity}", partial(_read, api, entity))
    yield _Step("left out", "Nothing left out", partial(notice_what_is_left_out, api))
    yield _Step("currency", "Local currency", partial(_currency, api, credentials))
    yield _Step("account", "Clearing account", partial(_account, api, credentials))
    if credentials.settled:
        yield _Step("disputes", "Dispute statuses", partial(_disputes, api, credentials))
    if credentials.ledger_service:
        yield _Step("ledger", "Customer ledger", partial(_ledger, api, credentials))
    if writing:
        yield _Step("write", "Write a journal", partial(_write, api, credentials))
    yield _Step("hints", "Webhooks", partial(_hints, api), needed=False)


def _sign_in(api: Api, credentials: Credentials) -> str:
    api.sign_in()
    return f"The application {credentials.client_id} is signed in to {credentials.tenant}"


def _environment(api: Api, credentials: Credentials) -> str:
    return f"{credentials.environment} answers and has {len(companies(api))} companies for us"


def _company(api: Api, credentials: Credentials) -> str:
    company = find_company(api, credentials)
    return f"We work in {company.display_name or company.name}"


def _read(api: Api, entity: str) -> str:
    check_readable(api, entity)
    return "Allowed"


def _currency(api: Api, credentials: Credentials) -> str:
    check_currency(api, credentials.local_currency)
    return f"The company's books are in {credentials.local_currency}"


def _account(api: Api, credentials: Credentials) -> str:
    check_account(api, credentials)
    return f"{credentials.clearing_account} may be posted to directly"


def _disputes(api: Api, credentials: Credentials) -> str:
    check_settled(api, credentials)
    return f"An invoice with {', '.join(sorted(credentials.settled))} may be paid"


def _ledger(api: Api, credentials: Credentials) -> str:
    check_customer_ledger(api, credentials, credentials.ledger_service)
    return f"{credentials.ledger_service} can be read: credits and discounts are shown"


def _write(api: Api, credentials: Credentials) -> str:
    account = accounts.clearing_account_id(api, credentials.clearing_account)
    return trial.write_and_remove(api, clearing_account_id=account)


def _hints(api: Api) -> str:
    return f"Allowed; {subscriptions(api)} of at most 200 subscriptions are in use"


def _with_cure(error: OutsideError) -> str:
    entity = str(error.facts.get("entity", ""))
    if isinstance(error, Misconfigured) and error.facts.get("field") == "permission" and entity:
        return f"The application may not use {entity}. {rights.cure(entity)}"
    return str(error)


def _companies(api: Api) -> Sequence[Choice]:
    return [
        Choice(value=str(company.id), label=company.display_name or company.name)
        for company in companies(api)
    ]


def _currencies(api: Api) -> Sequence[Choice]:
    return [
        Choice(value=found, label="LCY Code of General Ledger Setup")
        for found in local_currencies(api)
        if found
    ]


def _services(api: Api, credentials: Credentials) -> Sequence[Choice]:
    """Return the first usual name under which the customer ledger answers."""
    for name in _USUAL_SERVICES:
        with suppress(OutsideError):
            check_customer_ledger(api, credentials, name)
            return [Choice(value=name, label="published as a web service")]
    return []
