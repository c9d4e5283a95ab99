"""Says whether payments can be booked in a certain way, before the first one tries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from quittance.core.errors import Misconfigured
from quittance.erp.base import Route
from quittance.erp.business_central import accounts, dimensions, limits
from quittance.erp.business_central.journals import bank_account, banks, journal_called, journals
from quittance.erp.business_central.odata import Api
from quittance.erp.business_central.series import number_of_its_own
from quittance.erp.connecting import Choice, Problem

NOTES: Final = (
    (
        "A fee is not booked with the payment: its line has no place for one, and the fee is known "
        "later, with the payout. The fee account is kept for whoever books the payout."
    ),
    (
        "A journal of its own for each payment balances on a G/L account. A bank account can only "
        "be what a shared journal balances on, set in Business Central."
    ),
    (
        "In a shared journal we lay the lines down and a person posts them: a post takes whatever "
        "lies there, and not all of that shows through the interface."
    ),
)


def check_route(
    api: Api, route: Route, *, currency: str, fee_account: str, local_currency: str
) -> Sequence[Problem]:
    """See ``TakesRoutes.check_route``."""
    found = [
        *_account(api, route),
        *_bank(api, route, currency=currency, local_currency=local_currency),
        *dimensions.check(api, route.dimensions),
        *_usable(api, fee_account, field="fee_account"),
    ]
    return found or list(_journal(api, route))


def choices(api: Api, field: str) -> Sequence[Choice]:
    """See ``TakesRoutes.route_choices``."""
    if field in {"account", "fee_account"}:
        return accounts.offered(api)
    if field == "bank_account":
        return [
            Choice(value=each.number, label=f"{each.display_name} {each.currency_code}".strip())
            for each in banks(api)
            if not each.blocked
        ]
    if field == "journal":
        return [
            Choice(value=each.code, label=f"{each.display_name}, {each.balancing_account_number}")
            for each in journals(api)
            if each.balancing_account_number and not re.search(r"[0-9]", each.code)
        ]
    return dimensions.choices(api) if field == "dimension" else []


def _account(api: Api, route: Route) -> Iterator[Problem]:
    if not route.bank_account:
        yield from _usable(api, route.account, field="account", needed=True)
    elif not accounts.account_exists(api, route.account):
        yield Problem(
            field="account",
            sentence=f"There is no G/L account {route.account}. Name the G/L account of the bank "
            f"account's posting group: there its entries show, and prove themselves.",
        )


def _usable(api: Api, number: str, *, field: str, needed: bool = False) -> Iterator[Problem]:
    if not number and not needed:
        return
    try:
        accounts.clearing_account_id(api, number)
    except Misconfigured as error:
        words = str(error).replace("The clearing account", "The G/L account")
        yield Problem(field=field, sentence=words)


def _bank(api: Api, route: Route, *, currency: str, local_currency: str) -> Iterator[Problem]:
    if not route.bank_account:
        return
    if not route.journal:
        yield Problem(
            field="bank_account",
            sentence="A journal of its own for each payment cannot balance on a bank account. Name "
            "a shared journal that does, or leave the bank account empty.",
        )
        return
    found = bank_account(api, route.bank_account)
    if found is None or found.blocked:
        why = "is blocked" if found else "does not exist"
        yield Problem(field="bank_account", sentence=f"Bank account {route.bank_account} {why}.")
    elif currency != (found.currency_code or local_currency):
        yield Problem(
            field="currency",
            sentence=f"Bank account {found.number} is in {found.currency_code or local_currency}, "
            f"this row is for {currency or 'any currency'}. Let the row name the same one.",
        )


def _journal(api: Api, route: Route) -> Iterator[Problem]:
    if not route.journal:
        return
    journal = journal_called(api, route.journal)
    if len(route.journal) > limits.JOURNAL_CODE or re.search(r"[0-9]", route.journal):
        yield _of_journal(
            "has a digit in its name or is too long: a post may rename it. Use letters"
        )
    elif journal is None:
        yield _of_journal("does not exist among the cash receipt journals. Make it, then name it")
    elif journal.balancing_account_number != (route.bank_account or route.account):
        yield _of_journal(
            f"balances on {journal.balancing_account_number or 'nothing'}, not on "
            f"{route.bank_account or route.account}. Change one of both"
        )
    elif journal.on_bank != bool(route.bank_account):
        kind = "bank account" if journal.on_bank else "G/L account"
        yield _of_journal(f"balances on a {kind} of that number. Say so in the row")
    else:
        number = number_of_its_own(api, journal.id)
        if number:
            yield _of_journal(
                f"gives a line the number {number} by itself: it has a No. Series, or lines of "
                "somebody else. Our numbers would be refused or replaced. Take the No. Series "
                "away, or empty it, then try again"
            )


def _of_journal(what: str) -> Problem:
    return Problem(field="journal", sentence=f"The journal {what}.")
