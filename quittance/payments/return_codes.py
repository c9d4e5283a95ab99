"""Why banks take a debit back, and what may and must happen then: dated data, no law.

Sources: the table of return codes in features.md, 5.1 (ACH: interchecks.com, "ACH return code";
documentine.com, "ACH return codes"; as read in November 2026; windows from R16 down and all of SEPA
are general knowledge) and 5.2 (SEPA: guidance EPC173-14). Check them against your bank's before you
rely on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

AS_OF: Final = date(2026, 11, 1)
# The longest that a bank may take with an ACH debit of a personal account; a company's bank has two
# banking days. We do not know yet whose account it is, so the longer one counts.
RETURN_WINDOW: Final = timedelta(days=60)


class Retry(StrEnum):
    """Whether the same debit may be tried again."""

    TWICE = "twice"  # at most two more times within 180 days
    AFTER_CONSENT = "after_consent"  # the payer must agree anew
    CORRECTED = "corrected"  # once what was wrong is right
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """One reason of a bank: what it means, for both sides, and what follows from it."""

    meaning: str  # for the AR team
    words: str  # for the payer: "The bank returned the payment: ..."
    retry: Retry
    stops_method: bool  # nothing more may be taken this way until somebody has looked
    unauthorized: bool = False  # counts for the 0.5 % that Nacha allows


_FUNDS: Final = "there was not enough money in the account."
_ACCOUNT: Final = "the account could not be found or is closed."
_CONSENT: Final = "the bank says that the debit was not agreed to."
_STOPPED: Final = "the bank was told to stop it."
_BLOCKED: Final = "the account does not take debits."
_OTHER: Final = "it gave no reason that we know."

CODES: Final[Mapping[str, ReturnCode]] = {
    # ACH (United States)
    "R01": ReturnCode("Insufficient funds", _FUNDS, Retry.TWICE, False),
    "R02": ReturnCode("Account closed", _ACCOUNT, Retry.NEVER, True),
    "R03": ReturnCode("No account, or it cannot be found", _ACCOUNT, Retry.CORRECTED, True),
    "R04": ReturnCode("Account number not valid", _ACCOUNT, Retry.CORRECTED, True),
    "R05": ReturnCode(
        "Personal account debited by the code for companies", _CONSENT, Retry.NEVER, True, True
    ),
    "R07": ReturnCode("Authorization revoked", _CONSENT, Retry.NEVER, True, True),
    "R08": ReturnCode("Payment stopped", _STOPPED, Retry.AFTER_CONSENT, False),
    "R09": ReturnCode("Funds not collected yet", _FUNDS, Retry.TWICE, False),
    "R10": ReturnCode(
        "Originator unknown or not authorized", _CONSENT, Retry.NEVER, True, True
    ),
    "R11": ReturnCode("Not as authorized", _CONSENT, Retry.CORRECTED, False),
    "R16": ReturnCode("Account frozen; compliance must look", _BLOCKED, Retry.NEVER, True),
    "R17": ReturnCode("Questionable circumstances", _OTHER, Retry.NEVER, True),
    "R20": ReturnCode("Account takes no debits", _BLOCKED, Retry.NEVER, True),
    "R24": ReturnCode(
        "Duplicate entry: taken twice, tell who runs this portal", _OTHER, Retry.NEVER, False
    ),
    "R29": ReturnCode(
        "The company says that it did not authorize it", _CONSENT, Retry.AFTER_CONSENT, True,
        True,
    ),
    "R31": ReturnCode("Late return that your bank agreed to", _OTHER, Retry.NEVER, False),
    "R51": ReturnCode("Not eligible or not authorized", _CONSENT, Retry.NEVER, True, True),
    # SEPA
    "AC01": ReturnCode("IBAN not valid", _ACCOUNT, Retry.CORRECTED, True),
    "AC04": ReturnCode("Account closed", _ACCOUNT, Retry.NEVER, True),
    "AC06": ReturnCode("Account blocked", _BLOCKED, Retry.NEVER, True),
    "AG01": ReturnCode("Account takes no debits", _BLOCKED, Retry.NEVER, True),
    "AM04": ReturnCode("Insufficient funds", _FUNDS, Retry.TWICE, False),
    "MD01": ReturnCode("No valid mandate", _CONSENT, Retry.NEVER, True, True),
    "MD06": ReturnCode("The payer asked for it back", _STOPPED, Retry.AFTER_CONSENT, False),
    "MD07": ReturnCode("The account's holder has died", _ACCOUNT, Retry.NEVER, True),
    "MS02": ReturnCode("Refused by the payer", _STOPPED, Retry.NEVER, True),
    "MS03": ReturnCode("No reason given", _OTHER, Retry.NEVER, False),
    "SL01": ReturnCode("Blocked by the payer's list", _BLOCKED, Retry.NEVER, True),
}  # fmt: skip
UNKNOWN: Final = ReturnCode("A code that we do not know", _OTHER, Retry.NEVER, True)


def meaning_of(code: str) -> ReturnCode:
    """Return what a bank's code means; of one that we do not know the safest is assumed."""
    return CODES.get(code.strip().upper(), UNKNOWN)


def instruction_of(code: str) -> str:
    """Return, for the AR team, what the code asks of them.

    Payers' accounts and mandates are not stored yet, so there is nothing that we could stop here.
    """
    found = meaning_of(code)
    retry = {
        Retry.TWICE: "The same debit may be tried at most twice more, within 180 days.",
        Retry.AFTER_CONSENT: "Take it again only after the payer has agreed anew.",
        Retry.CORRECTED: "Take it again only after the payer's details are corrected.",
        Retry.NEVER: "Do not take it again.",
    }[found.retry]
    stop = (
        " This way of paying must be stopped for the payer; nothing is stored here that does it."
        if found.stops_method
        else ""
    )
    return f"{code}: {found.meaning}. {retry}{stop}"
