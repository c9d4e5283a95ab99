"""The words of each kind of message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formataddr
from typing import Any, Final

from quittance.branding.models import Brand
from quittance.core.money import Money


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says, and from whom."""

    subject: str
    text: str
    sender: str


def write(kind: str, facts: Mapping[str, Any]) -> Words:
    """Return the words of a message in the seller's name, in a transaction of the caller."""
    brand = Brand.objects.first()
    seller = " ".join(brand.name.split()) if brand else "Your supplier"
    address = (brand.contact_email if brand else "") or "no-reply@localhost"
    subject, text = _KINDS[kind](facts, seller)
    return Words(subject, text, formataddr((seller, address)))


def _receipt(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    return (
        f"Payment {facts['number']} of {amount} received",
        (
            f"{seller} has received your payment {facts['number']} of {amount}.\n\n"
            "The receipt with the invoices it pays is in the portal under Payments.\n\n"
            f"{seller} never asks for a card number or a code by mail.\n"
        ),
    )


def _surplus(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    return (
        f"{amount} came too much and is sent back",
        (
            f"The payment provider took {amount} for your payment {facts['number']} although it"
            " had ended before.\n\n"
            f"{seller} sends all of it back the way it came. You need do nothing. If the invoices"
            " are still open, pay them again in the portal.\n"
        ),
    )


def _credits_used(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    return (
        f"Your credits pay {amount}",
        (
            f"You used {amount} of your credits at {seller}, {facts['number']}. Nothing was"
            f" charged.\n\n{seller} applies them in its books by hand. The receipt with the"
            " invoices is in the portal under Payments.\n\n"
            f"{seller} never asks for a card number or a code by mail.\n"
        ),
    )


def _refunded(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    return (
        f"{amount} of payment {facts['number']} was sent back",
        (
            f"{seller} has sent {amount} of your payment {facts['number']} back the way it came."
            " Your bank may take some days to show it.\n\n"
            "What it means for your invoices is in the portal under Payments.\n"
        ),
    )


def _returned(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    return (
        f"Your bank returned payment {facts['number']} of {amount}",
        (
            f"Your bank took payment {facts['number']} of {amount} to {seller} back:"
            f" {facts['why']}\n\n"
            "The invoices are owed again. Ask your bank if you do not know why, then pay them in"
            " the portal.\n"
        ),
    )


def _not_charged(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    why = "Your bank or card did not allow it."
    if facts["reason"] == "authentication_failed":
        why = "Your bank wants you to confirm it yourself, and you were not there to do so."
    return (
        f"Payment {facts['number']} of {amount} could not be taken",
        (
            f"The automatic payment {facts['number']} of {amount} to {seller} was not taken. {why}"
            "\n\nNothing was charged. Sign in to the portal and pay the invoices yourself; your"
            " bank can then ask you.\n"
        ),
    )


def _sign_in_code(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    return (
        f"{facts['code']} is your code for {seller}",
        (
            f"Your code to sign in at {seller}: {facts['code']}\n\n"
            "It is good for 10 minutes, once, in the browser that asked for it.\n"
            "If you did not ask for it, do nothing: nobody gets in without it.\n"
        ),
    )


def _alert(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To the seller's own staff: what is not as it must be, without an amount or a name."""
    count = sum(number for _, number in facts["kinds"])
    lines = "".join(f"{number:>5}  {title}\n" for title, number in facts["kinds"])
    things = "thing waits" if count == 1 else "things wait"
    return (
        f"{count} {things} for you in the portal of {seller}",
        (
            "This is not as it must be:\n\n"
            f"{lines}\n"
            "Each one stands in the back office under Exceptions, with what to do about it. Who\n"
            "takes one there keeps the others from looking into it too.\n"
        ),
    )


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any], str], tuple[str, str]]]] = {
    "receipt": _receipt,
    "credits_used": _credits_used,
    "refunded": _refunded,
    "returned": _returned,
    "not_charged": _not_charged,
    "sign_in_code": _sign_in_code,
    "alert": _alert,
    "surplus": _surplus,
}
