"""Stripe's test numbers, and what each of them makes happen. Source: docs.stripe.com/testing."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Number:
    """One number that a payer may type, and what the pretend bank does with it."""

    kind: str  # card, us_bank_account or sepa_debit
    number: str
    says: str  # for the list on the page
    code: str = ""  # why it is declined or fails; "" when it succeeds
    decline_code: str = ""
    asks: str = ""  # 3-D Secure: "always", or "unless_set_up"
    dispute: str = ""  # the reason of the dispute that follows
    waits: bool = False  # stays at the bank until the control port says what comes of it
    brand: str = "visa"
    funding: str = "credit"
    saves: bool = False  # can be set up for later although a charge is declined
    refund: str = ""  # "pending": succeeds later; "fails": comes back later

    @property
    def last4(self) -> str:
        """What people may see of it."""
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """The same for the same number, and not to be turned back into it."""
        digest = hashlib.sha256(f"sandbox:{self.kind}:{self.number}".encode()).hexdigest()
        return digest[:16]


def _card(number: str, says: str, code: str = "", decline_code: str = "", **more: object) -> Number:
    return Number("card", number, says, code, decline_code, **more)  # type: ignore[arg-type]


def _ach(number: str, says: str, code: str = "", **more: object) -> Number:
    return Number("us_bank_account", number, says, code, brand="", **more)  # type: ignore[arg-type]


def _sepa(number: str, says: str, code: str = "", **more: object) -> Number:
    return Number("sepa_debit", number, says, code, brand="", **more)  # type: ignore[arg-type]


ROUTING_NUMBER: Final = "110000000"
MICRO_AMOUNTS: Final = (32, 45)
DESCRIPTOR_CODE: Final = "SM11AA"
CARDS: Final = (
    _card("4242424242424242", "Succeeds (Visa)"),
    _card("5555555555554444", "Succeeds (Mastercard)", brand="mastercard"),
    _card("378282246310005", "Succeeds (American Express)", brand="amex"),
    _card("4000056655665556", "Succeeds (Visa debit)", funding="debit"),
    _card("4000002500003155", "3-D Secure, unless it was set up for later", asks="unless_set_up"),
    _card("4000002760003184", "3-D Secure each time", asks="always"),
    _card(
        "4000008260003178", "3-D Secure, then insufficient funds",
        "card_declined", "insufficient_funds", asks="always",
    ),
    _card("4000000000000002", "Declined", "card_declined", "generic_decline"),
    _card(
        "4000000000000341", "Can be saved, then every charge is declined",
        "card_declined", "generic_decline", saves=True,
    ),
    _card("4000000000009995", "Insufficient funds", "card_declined", "insufficient_funds"),
    _card("4000000000009987", "Lost card", "card_declined", "lost_card"),
    _card("4000000000009979", "Stolen card", "card_declined", "stolen_card"),
    _card("4000000000000069", "Expired card", "expired_card", "expired_card"),
    _card("4000000000000127", "Wrong security code", "incorrect_cvc", "incorrect_cvc"),
    _card("4000000000000119", "Processing error", "processing_error", "processing_error"),
    _card("4100000000000019", "Blocked as fraud", "card_declined", "fraudulent"),
    _card("4000000000000259", "Succeeds, then disputed as fraud", dispute="fraudulent"),
    _card("4000000000002685", "Succeeds, then disputed", dispute="product_not_received"),
    _card("4000000000007726", "Succeeds; a refund waits first", refund="pending"),
    _card("4000000000005126", "Succeeds; a refund fails later", refund="fails"),
)  # fmt: skip
BANK_ACCOUNTS: Final = (
    _ach("000123456789", "Succeeds"),
    _ach("000111111113", "Fails: closed", "account_closed"),
    _ach("000111111116", "Fails: no account", "no_account"),
    _ach("000222222227", "Fails: no money", "insufficient_funds"),
    _ach("000333333335", "Fails: not allowed", "debit_not_authorized"),
    _ach("000555555559", "Succeeds, then taken back", dispute="fraudulent"),
    _ach("000000000009", "Stays at the bank", waits=True),
)  # fmt: skip
IBANS: Final = (
    _sepa("DE89370400440532013000", "Succeeds"),
    _sepa("DE62370400440532013001", "Fails", "generic_could_not_process"),
    _sepa("DE35370400440532013002", "Succeeds, then taken back", dispute="general"),
    _sepa("DE08370400440532013003", "Stays at the bank", waits=True),
)  # fmt: skip
NUMBERS: Final = (*CARDS, *BANK_ACCOUNTS, *IBANS)
BY_NUMBER: Final = {(each.kind, each.number): each for each in NUMBERS}
BY_PRINT: Final = {each.fingerprint: each for each in NUMBERS}

# Payment methods that exist in every test account. Source: docs.stripe.com/testing.
READY_MADE: Final = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_createDispute": "4000000000000259",
    "pm_usBankAccount_success": "000123456789",
    "pm_usBankAccount_accountClosed": "000111111113",
    "pm_usBankAccount_insufficientFunds": "000222222227",
}

# What a payer reads when an attempt failed.
SAYS: Final = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "fraudulent": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "This payment requires authentication.",
    "account_closed": "The customer's bank account has been closed.",
    "no_account": "The customer's bank account could not be located.",
    "debit_not_authorized": "The customer has notified their bank that this was not authorized.",
    "generic_could_not_process": "The bank could not process this payment.",
}


def ready_made(id_: str) -> Number | None:
    """Return the number behind a payment method that every test account has."""
    number = READY_MADE.get(id_)
    kind = "us_bank_account" if id_.startswith("pm_usBank") else "card"
    return BY_NUMBER.get((kind, number)) if number else None


def luhn_holds(digits: str) -> bool:
    """Say whether the check digit of a card number is right. Source: ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return bool(re.fullmatch("[0-9]{12,19}", digits)) and total % 10 == 0
