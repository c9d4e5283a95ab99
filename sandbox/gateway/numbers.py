"""The test numbers, and what each of them makes happen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_GROUPS: Final = {12: (3, 3, 3, 3), 15: (4, 6, 5), 16: (4, 4, 4, 4)}


class Deed(StrEnum):
    """What the pretend bank does when it sees a number."""

    SUCCEED = "succeed"  # at once
    DECLINE = "decline"  # at once; the payer may try again on the same payment
    DISPUTE = "dispute"  # succeeds at once, and is disputed later
    AUTHENTICATE = "authenticate"  # asks for 3-D Secure, then succeeds
    PROCESS_SUCCEED = "process_succeed"  # takes some seconds
    PROCESS_FAIL = "process_fail"
    PROCESS_RETURN = "process_return"  # succeeds after some seconds, and is returned later
    PROCESS_WAIT = "process_wait"  # waits for the control port
    NEEDS_PAYER = "needs_payer"  # charged later, without the payer, it is not taken


@dataclass(frozen=True)
class TestNumber:
    """One number a payer may type. ``code``: of the failure or return, or the dispute's reason."""

    __test__ = False  # for pytest: not a test

    method: str
    number: str
    says: str  # for the list on the page
    deed: Deed
    code: str = ""
    later: Deed | None = None  # when it was saved and is charged; ``None``: ``deed`` again
    lost: str = ""  # the first charge of it loses its answer: "before" or "after" it was made
    proof: str = ""  # a bank account that must be verified: by "amounts" or by a "code"

    @property
    def spaced(self) -> str:
        """The number in the groups that people read."""
        sizes = _GROUPS[len(self.number)]
        starts = [sum(sizes[:place]) for place in range(len(sizes))]
        return " ".join(
            self.number[start : start + size] for start, size in zip(starts, sizes, strict=True)
        )


ROUTING_NUMBER: Final = "110000000"

NUMBERS: Final = (
    TestNumber("card", "4242424242424242", "Succeeds (Visa)", Deed.SUCCEED),
    TestNumber("card", "5555555555554444", "Succeeds (Mastercard)", Deed.SUCCEED),
    TestNumber("card", "378282246310005", "Succeeds (American Express)", Deed.SUCCEED),
    TestNumber(
        "card", "4000002500003155", "Asks for 3-D Secure", Deed.AUTHENTICATE, later=Deed.SUCCEED
    ),
    TestNumber("card", "4000000000000002", "Declined", Deed.DECLINE, "card_declined"),
    TestNumber(
        "card", "4000000000009995", "Insufficient funds", Deed.DECLINE, "insufficient_funds"
    ),
    TestNumber("card", "4000000000000069", "Expired card", Deed.DECLINE, "expired_card"),
    TestNumber("card", "4000000000000127", "Wrong security code", Deed.DECLINE, "incorrect_cvc"),
    TestNumber("card", "4100000000000019", "Blocked as fraud", Deed.DECLINE, "suspected_fraud"),
    TestNumber("card", "4000000000003600", "Some seconds, then succeeds", Deed.PROCESS_SUCCEED),
    TestNumber(
        "card", "4000000000003709", "Some seconds, then fails", Deed.PROCESS_FAIL, "card_declined"
    ),
    TestNumber("card", "4000000000000259", "Disputed later", Deed.DISPUTE, "fraudulent"),
    TestNumber(
        "card",
        "4000002760003184",
        "3-D Secure each time",
        Deed.AUTHENTICATE,
        later=Deed.NEEDS_PAYER,
    ),
    TestNumber(
        "card",
        "4000000000000341",
        "Saved, then declined",
        Deed.SUCCEED,
        "card_declined",
        later=Deed.DECLINE,
    ),
    TestNumber("card", "4000000000990004", "Saved, charge lost", Deed.SUCCEED, lost="before"),
    TestNumber("card", "4000000000990012", "Saved, its answer lost", Deed.SUCCEED, lost="after"),
    TestNumber("bank_debit", "000123456789", "Some seconds, then succeeds", Deed.PROCESS_SUCCEED),
    TestNumber(
        "bank_debit", "000111111113", "Fails: account closed", Deed.PROCESS_FAIL, "account_closed"
    ),
    TestNumber(
        "bank_debit", "000222222227", "Fails: no money", Deed.PROCESS_FAIL, "insufficient_funds"
    ),
    TestNumber(
        "bank_debit", "000333333335", "Succeeds, returned later (R01)", Deed.PROCESS_RETURN, "R01"
    ),
    TestNumber("bank_debit", "000555555559", "Waits for the control port", Deed.PROCESS_WAIT),
    TestNumber(
        "bank_debit", "000666666661", "To save: two amounts", Deed.PROCESS_SUCCEED, proof="amounts"
    ),
    TestNumber("bank_debit", "000777777773", "To save: a code", Deed.PROCESS_SUCCEED, proof="code"),
)
BY_NUMBER: Final = {(number.method, number.number): number for number in NUMBERS}

# What a payer reads when an attempt failed. The keys are all failure codes of the API.
FAILURES: Final = {
    "card_declined": "The bank declined the card.",
    "insufficient_funds": "The account does not hold enough money.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The security code is not right.",
    "suspected_fraud": "The payment was blocked as risky.",
    "authentication_failed": "The bank could not confirm that it is you.",
    "account_closed": "The bank account is closed.",
    "too_many_attempts": "There were too many attempts.",
    "expired": "The payment was not finished in time.",
    "cancelled": "The payment was cancelled.",
    "authentication_required": "The bank wants the payer to confirm it.",
    "method_gone": "This way to pay can no longer be used.",
    "verification_failed": "The account could not be verified.",
}


def luhn_holds(digits: str) -> bool:
    """Say whether the check digit of a card number is right. Source: ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def routing_holds(digits: str) -> bool:
    """Say whether the check digit of a US routing number is right. Source: ABA Key to Routing."""
    weights = (3, 7, 1) * 3
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def brand_of(number: str) -> str:
    """Return the brand that a card number's first digits tell."""
    if number.startswith(("34", "37")):
        return "amex"
    if number.startswith("5"):
        return "mastercard"
    return "visa" if number.startswith("4") else "card"
