"""The words of each kind of message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quittance.branding.models import Brand
from quittance.core.money import Money
from quittance.notifications.letterhead import Letterhead
from quittance.notifications.personal import PERSONAL


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says, and from whom."""

    subject: str
    text: str
    head: Letterhead


def write(kind: str, facts: Mapping[str, Any]) -> Words:
    """Return the words of a message in the seller's name, in a transaction of the caller."""
    head = Letterhead(Brand.objects.first())
    subject, text = _KINDS[kind](facts, head.seller)
    return Words(subject, text, head)


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


_ASK_YOUR_BANK: Final = "Ask your bank if you do not know why, then pay them in the portal."


def _returned(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    return (
        f"Your bank returned payment {facts['number']} of {amount}",
        (
            f"Your bank took payment {facts['number']} of {amount} to {seller} back:"
            f" {facts['why']}\n\n"
            f"The invoices are owed again. {facts.get('deed') or _ASK_YOUR_BANK}\n"
        ),
    )


_CONFIRM = "Your bank wants you to confirm it yourself, and you were not there to do so."
_NOT_CHARGED: Final[Mapping[str, str]] = {
    "authentication_failed": _CONFIRM,
    "authentication_required": _CONFIRM,
    "gateway_fault": "The seller's payment provider did not begin it.",
    "method_gone": "The way to pay that was to be charged is not there any more.",
    "abandoned": "It was closed before it was taken.",
}


def _not_charged(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    amount = Money(facts["amount_minor"], facts["currency"])
    why = _NOT_CHARGED.get(facts["reason"], "Your bank or card did not allow it.")
    return (
        f"Payment {facts['number']} of {amount} could not be taken",
        (
            f"The automatic payment {facts['number']} of {amount} to {seller} was not taken. {why}"
            "\n\nNothing was charged. Sign in to the portal and pay the invoices yourself; your"
            " bank can then ask you.\n"
        ),
    )


def _method_saved(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    return (
        f"{facts['label']} is kept for payments to {seller}",
        (
            f"{facts['label']} can now be chosen for payments to {seller}. Nothing was charged.\n\n"
            f"{_agreed(facts)}"
            "You can end this at any time in the portal under Payment methods. If you did not add"
            f" it, remove it there and tell {seller}.\n\n"
            f"{seller} never asks for a card number or a code by mail.\n"
        ),
    )


def _method_ended(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    why = {
        "removed": "It was removed in the portal.",
        "revoked": "The agreement was ended in the portal.",
        "mandate_ended": "Your bank or the payment provider ended its mandate.",
        "gone": "The payment provider does not keep it any more.",
        "returned": f"Its bank returned a payment: {facts.get('why') or 'ask your bank why.'}",
        "unfit": "It is another kind of account than the one that you agreed to debits of.",
        "left": "It is a personal account, and you do not pay for that company here any more.",
    }[facts["reason"]]
    again = "To pay with it again, add it anew in the portal under Payment methods.\n"
    return (
        f"{facts['label']} is no longer kept for payments to {seller}",
        (
            f"{facts['label']} is not charged any more by {seller}. {why}{_goes_on(facts)}\n\n"
            f"{_agreed(facts)}{'' if facts['reason'] == 'left' else again}{_instead(facts)}"
        ),
    )


def _goes_on(facts: Mapping[str, Any]) -> str:
    if facts["reason"] == "returned":
        return ""
    return " A payment that was confirmed before still goes on."


def _method_blocked(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    return (
        f"{facts['label']} is not charged for now by {seller}",
        (
            f"The bank returned a payment by {facts['label']}: {facts['why']}\n\n"
            f"{seller} charges it no more until somebody there has looked. Your agreement stays as"
            f" it is; you can end it in the portal under Payment methods.\n{_instead(facts)}"
        ),
    )


def _method_expires(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    return (
        f"{facts['label']} expires on {facts['expires_on']}",
        (
            f"Your {facts['label']}, which is kept for payments to {seller}, expires on"
            f" {facts['expires_on']}.\n\n"
            "Most banks send the new details by themselves. Otherwise change the date, or add the"
            " new card, in the portal under Payment methods.\n\n"
            f"{seller} never asks for a card number or a code by mail.\n{_instead(facts)}"
        ),
    )


def _instead(facts: Mapping[str, Any]) -> str:
    """Say why somebody gets a mail about what another person added."""
    if not facts.get("instead_of"):
        return ""
    who = facts["instead_of"]
    return f"\n{who}, who added it, does not pay for your company here any more; so you get this.\n"


def _agreed(facts: Mapping[str, Any]) -> str:
    day = str(facts["given_at"])[:16].replace("T", " ")
    reference = f"Mandate reference: {facts['reference']}\n" if facts.get("reference") else ""
    return (
        f"What was agreed to on {day} UTC (text {facts['version']}):\n\n{facts['text']}\n\n"
        f"{reference}"
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


def _unchecked(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To the seller's own staff: a check of the money that gave no answer."""
    return (
        f"A check of the money gave no answer in the portal of {seller}",
        (
            f"Every five minutes we look whether this is so:\n\n    {facts['title']}\n\n"
            "This time we cannot say. All else was checked. Have whoever runs the portal call\n"
            "quittance check money: it says why. No money moves because of it.\n"
        ),
    )


_DISPUTE_ACTS: Final[Mapping[str, str]] = {
    "opened": "{who} disputes {amount} of invoice {invoice}: {reason}.",
    "said": "{who} wrote about invoice {invoice}, of which {amount} are disputed.",
    "asked": "{who} asks you about invoice {invoice}, of which you dispute {amount}.",
    "accepted": "{agreed} of what you dispute of invoice {invoice} are accepted. {remedy}",
    "rejected": "What you dispute of invoice {invoice}, {amount}, is not accepted.",
    "withdrawn": "{who} took back what was disputed of invoice {invoice}, {amount}.",
    "closed": "The dispute of {amount} of invoice {invoice} is closed.",
    "erp_fell": "The books show that less is owed of invoice {invoice} than before.",
    "erp_closed": "The books show invoice {invoice} as closed.",
}
_REMEDIES: Final[Mapping[str, str]] = {
    "credit_note": "A credit note comes.",
    "new_invoice": "The invoice is cancelled and a new one comes.",
}


def _dispute(facts: Mapping[str, Any], seller: str, *, team: bool) -> tuple[str, str]:
    amount, agreed = (
        Money(facts[name], facts["currency"]) for name in ("amount_minor", "agreed_minor")
    )
    sentence = _DISPUTE_ACTS[facts["act"]].format(
        who=facts["who"], amount=amount, agreed=agreed, invoice=facts["invoice"],
        reason=facts["reason"], remedy=_REMEDIES.get(facts["remedy"], ""),
    ).strip()  # fmt: skip
    where = "the back office under Disputes" if team else "the portal, on the invoice's page"
    words = f"{facts['text']}\n\n" if facts["text"] else ""
    return (
        f"Dispute {facts['number']} of invoice {facts['invoice']}",
        f"{sentence}\n\n{words}All of it, with files, stands in {where}.\n"
        + ("" if team else f"\n{seller} never asks for a card number or a code by mail.\n"),
    )


def _dispute_buyer(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    return _dispute(facts, seller, team=False)


def _dispute_team(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To the seller's own staff: what a buyer says is wrong of an invoice."""
    return _dispute(facts, seller, team=True)


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any], str], tuple[str, str]]]] = {
    "receipt": _receipt,
    "credits_used": _credits_used,
    "dispute_buyer": _dispute_buyer,
    "dispute_team": _dispute_team,
    "method_blocked": _method_blocked,
    "method_ended": _method_ended,
    "method_expires": _method_expires,
    "method_saved": _method_saved,
    "refunded": _refunded,
    "returned": _returned,
    "not_charged": _not_charged,
    "sign_in_code": _sign_in_code,
    "alert": _alert,
    "unchecked": _unchecked,
    "surplus": _surplus,
    **PERSONAL,
}
