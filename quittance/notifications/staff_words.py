"""The words of messages to the seller's own staff, which are in English like the back office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from quittance.core.money import Money


def alert(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
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


def unchecked(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
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


def dispute_team(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:  # noqa: ARG001
    """To the seller's own staff: what a buyer says is wrong of an invoice."""
    amount, agreed = (
        Money(facts[name], facts["currency"]) for name in ("amount_minor", "agreed_minor")
    )
    sentence = _DISPUTE_ACTS[facts["act"]].format(
        who=facts["who"], amount=amount, agreed=agreed, invoice=facts["invoice"],
        reason=facts["reason"], remedy=_REMEDIES.get(facts["remedy"], ""),
    ).strip()  # fmt: skip
    words = f"{facts['text']}\n\n" if facts["text"] else ""
    return (
        f"Dispute {facts['number']} of invoice {facts['invoice']}",
        f"{sentence}\n\n{words}All of it, with files, stands in the back office under Disputes.\n",
    )


def audit_anchor(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To the seller's auditors and administrators: where the chain of events ends, to be kept."""
    return (
        f"Anchor of the audit, {facts['day']}: {facts['events']} events in the portal of {seller}",
        (
            "Please keep this mail. It says how the audit of the portal stood at the beginning of\n"
            f"{facts['day']} (UTC), after {facts['events']} events:\n\n"
            f"    {facts['anchor']}\n\n"
            "Whoever changes one of these events, takes one out, or cuts off the end cannot make\n"
            "the audit fit this line again. Whoever runs the portal checks that with\n\n"
            f"    quittance check audit --anchor {facts['anchor']}\n"
        ),
    )


def invitation(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To somebody who shall work in the seller's back office."""
    return (
        f"Your invitation to the back office of {seller}",
        (
            f"You are invited to work in the back office of {seller} as {facts['role']}.\n\n"
            f"Open your invitation here. It is good once, until {facts['until']}:\n\n"
            f"{facts['address']}\n\n"
            "If you did not expect it, do nothing: nobody gets in without it.\n"
        ),
    )


_ACCESS: Final[Mapping[str, str]] = {
    "role": "Your role in the back office of {seller} is now: {role}. Sign in again to go on.",
    "off": "You are not let into the back office of {seller} any more.",
    "on": "You are let into the back office of {seller} again, as: {role}.",
}


def staff_access(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To one of the seller's own people, whose role or access an administrator changed."""
    sentence = _ACCESS[facts["what"]].format(seller=seller, role=facts["role"])
    return (
        f"Your access to the back office of {seller} has changed",
        f"{sentence}\n\nAn administrator changed it. Ask them if you think it is wrong.\n",
    )


def join_team(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:  # noqa: ARG001
    """To the seller's own staff: somebody knew a customer's invoices and asks to come in."""
    if facts["status"] == "let_in":
        say = "now acts for"
        rest = "Your rules let this person in. Look at it in the back office under People.\n"
    else:
        say = "asks to act for"
        rest = "Say yes or no in the back office under People, Requests for access.\n"
    sentence = "{who} ({email}) knew invoices and {say} {account} ({number}).".format(
        say=say, **{name: facts[name] for name in ("who", "email", "account", "number")}
    )
    return f"{facts['email']} {say} {facts['account']}", f"{sentence}\n\n{rest}"


def join_guessed(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:  # noqa: ARG001
    """To the seller's own staff: somebody names facts of a customer again and again."""
    return (
        f"Somebody guesses invoices in the portal of {seller}",
        (
            "Ten times within a day somebody named invoices of one customer number to get access,\n"
            "and the next try was not looked at. Nobody came in by it. That number is closed for\n"
            "a day to whoever has no mailbox that the ERP has for the customer; your own\n"
            "invitations work as ever. The audit has from where the tries came.\n"
        ),
    )


def confirmation_asked(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To who may confirm what a colleague asked for. No address stands in it: nothing to click."""
    note = f"They write: {facts['note']}\n\n" if facts["note"] else ""
    return (
        f"A colleague asks for your word in the back office of {seller}",
        (
            f"{facts['who']} asks for this, and another person must confirm it first:\n\n"
            f"    {facts['title']}\n\n{note}"
            f"Nothing has changed yet. Until {facts['until']} it stands in the back office under\n"
            "Second person, with what changes. If you did not expect it, ask them by another way.\n"
        ),
    )


_TOLD: Final[Mapping[str, str]] = {
    "confirmed": "{who} confirmed what you asked for. You can do it now.",
    "done": "{who} confirmed what you asked for, and it is done.",
    "refused": "{who} refused what you asked for. Nothing was changed. The reason: {reason}",
    "expired": "Nobody decided about what you asked for. Nothing was changed; you can ask anew.",
}


def confirmation_told(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:  # noqa: ARG001
    """To who asked for something that another person had to confirm: what became of it."""
    sentence = _TOLD[facts["what"]].format(who=facts["who"], reason=facts["reason"])
    return f"{facts['title']}: {facts['what']}", f"{facts['title']}\n\n{sentence}\n"


STAFF: Final[Mapping[str, Callable[[Mapping[str, Any], str], tuple[str, str]]]] = {
    "alert": alert,
    "audit_anchor": audit_anchor,
    "confirmation_asked": confirmation_asked,
    "confirmation_told": confirmation_told,
    "dispute_team": dispute_team,
    "invitation_staff": invitation,
    "join_guessed": join_guessed,
    "join_team": join_team,
    "staff_access": staff_access,
    "unchecked": unchecked,
}
