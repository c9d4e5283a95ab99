"""The words of each kind of message, in the language that is spoken at the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.branding.models import Brand
from quittance.core.languages import ENGLISH
from quittance.core.money import Money
from quittance.notifications.approval_words import APPROVALS
from quittance.notifications.arrival_words import ARRIVALS
from quittance.notifications.letterhead import Letterhead
from quittance.notifications.personal import PERSONAL
from quittance.notifications.receipts import GOOD_FOR
from quittance.notifications.said import amount_of, day_of, quoted, text_of, told_of
from quittance.notifications.staff_words import STAFF


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says, and from whom."""

    subject: str
    text: str
    head: Letterhead


def write(kind: str, facts: Mapping[str, Any]) -> Words:
    """Return the words of a message in the seller's name, in a transaction of the caller."""
    head = Letterhead(Brand.objects.first(), get_language() or ENGLISH)
    subject, text = _KINDS[kind](facts, head.seller)
    if head.greeting and kind not in STAFF:
        text = f"{head.greeting}\n\n{text}"
    return Words(subject, text, head)


_NEVER: Final = noop("%(seller)s never asks for a card number or a code by mail.")


def _receipt(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """Who paid by a link cannot look it up: the mail itself says what was paid."""
    invoices, address = facts.get("invoices", []), facts.get("receipt", "")
    told = told_of(facts, seller) | {"invoices": ", ".join(invoices), "days": GOOD_FOR.days}
    where = _("The receipt with the invoices it pays is in the portal under Payments.")
    by_link = _("It pays %(invoices)s. Keep this mail: it is your receipt.")
    return _("Payment %(number)s of %(amount)s received") % told, text_of(
        _("%(seller)s has received your payment %(number)s of %(amount)s."),
        by_link if invoices else where,
        _("Here it is as a PDF, for %(days)s days:") if address else "",
        quoted(address),
        _(_NEVER),
        told=told,
    )


# What somebody does who paid by a link, and so cannot sign in.
_ASK_THEM: Final = noop("Ask %(seller)s what it means for your invoices.")


def _surplus(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    sent_back = _(
        "%(seller)s sends all of it back the way it came. You need do nothing. If the invoices"
        " are still open, pay them again in the portal."
    )
    by_link = _(
        "%(seller)s sends all of it back the way it came. You need do nothing. If the invoices"
        " are still open, open the pay link again, or ask %(seller)s for a new one."
    )
    return _("%(amount)s came too much and is sent back") % told, text_of(
        _(
            "The payment provider took %(amount)s for your payment %(number)s although it had ended"
            " before."
        ),
        by_link if facts.get("by_link") else sent_back,
        told=told,
    )


def _credits_used(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    return _("Your credits pay %(amount)s") % told, text_of(
        _("You used %(amount)s of your credits at %(seller)s, %(number)s. Nothing was charged."),
        _(
            "%(seller)s applies them in its books by hand. The receipt with the invoices is in the"
            " portal under Payments."
        ),
        _(_NEVER),
        told=told,
    )


def _refunded(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    return _("%(amount)s of payment %(number)s was sent back") % told, text_of(
        _(
            "%(seller)s has sent %(amount)s of your payment %(number)s back the way it came. Your"
            " bank may take some days to show it."
        ),
        _(_ASK_THEM)
        if facts.get("by_link")
        else _("What it means for your invoices is in the portal under Payments."),
        told=told,
    )


_ASK_YOUR_BANK: Final = noop("Ask your bank if you do not know why, then pay them in the portal.")


_ANOTHER_LINK: Final = noop(
    "Ask your bank if you do not know why, and ask the seller for a new link to pay them."
)


def _returned(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    deed = _of_the_bank(facts, "deed") or _(_ASK_YOUR_BANK)
    if facts.get("by_link"):
        deed = _(_ANOTHER_LINK)
    told = told_of(facts, seller) | {"why": _of_the_bank(facts, "why"), "deed": deed}
    return _("Your bank returned payment %(number)s of %(amount)s") % told, text_of(
        _("Your bank took payment %(number)s of %(amount)s to %(seller)s back: %(why)s"),
        _("The invoices are owed again. %(deed)s"),
        told=told,
    )


def _paid_again(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    return _("Payment %(number)s of %(amount)s is paid again") % told, text_of(
        _(
            "Your bank had returned payment %(number)s of %(amount)s to %(seller)s, and has paid it"
            " after all. It counts as paid: do not pay its invoices again."
        ),
        _("If you have paid them meanwhile, ask %(seller)s: what came too much is yours."),
        told=told,
    )


_CONFIRM: Final = noop(
    "Your bank wants you to confirm it yourself, and you were not there to do so."
)
_NOT_CHARGED: Final[Mapping[str, str]] = {
    "authentication_failed": _CONFIRM,
    "authentication_required": _CONFIRM,
    "gateway_fault": noop("The seller's payment provider did not begin it."),
    "method_gone": noop("The way to pay that was to be charged is not there any more."),
    "abandoned": noop("It was closed before it was taken."),
}
_NOT_ALLOWED: Final = noop("Your bank or card did not allow it.")


def _not_charged(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    why = _(_NOT_CHARGED.get(facts["reason"], _NOT_ALLOWED))
    told = told_of(facts, seller) | {"why": why}
    return _("Payment %(number)s of %(amount)s could not be taken") % told, text_of(
        _("The automatic payment %(number)s of %(amount)s to %(seller)s was not taken. %(why)s"),
        _(
            "Nothing was charged. Sign in to the portal and pay the invoices yourself; your bank"
            " can then ask you."
        ),
        told=told,
    )


def _method_saved(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    return _("%(label)s is kept for payments to %(seller)s") % told, text_of(
        _("%(label)s can now be chosen for payments to %(seller)s. Nothing was charged."),
        *_agreed(facts),
        _(
            "You can end this at any time in the portal under Payment methods. If you did not add"
            " it, remove it there and tell %(seller)s."
        ),
        _(_NEVER),
        told=told,
    )


_ENDED: Final[Mapping[str, str]] = {
    "removed": noop("It was removed in the portal."),
    "revoked": noop("The agreement was ended in the portal."),
    "mandate_ended": noop("Your bank or the payment provider ended its mandate."),
    "gone": noop("The payment provider does not keep it any more."),
    "returned": noop("Its bank returned a payment: %(why)s"),
    "unfit": noop("It is another kind of account than the one that you agreed to debits of."),
    "left": noop("It is a personal account, and you do not pay for that company here any more."),
}


def _method_ended(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    reason = facts["reason"]
    because = _of_the_bank(facts, "why") or _("ask your bank why.")
    why = _(_ENDED[reason]) % {"why": because}
    if reason != "returned":
        why = f"{why} {_('A payment that was confirmed before still goes on.')}"
    told = told_of(facts, seller) | {"why": why}
    again = _("To pay with it again, add it anew in the portal under Payment methods.")
    return _("%(label)s is no longer kept for payments to %(seller)s") % told, text_of(
        _("%(label)s is not charged any more by %(seller)s. %(why)s"),
        *_agreed(facts),
        "" if reason == "left" else again,
        _instead(facts),
        told=told,
    )


def _method_blocked(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller) | {"why": _of_the_bank(facts, "why")}
    return _("%(label)s is not charged for now by %(seller)s") % told, text_of(
        _("The bank returned a payment by %(label)s: %(why)s"),
        _(
            "%(seller)s charges it no more until somebody there has looked. Your agreement stays as"
            " it is; you can end it in the portal under Payment methods."
        ),
        _instead(facts),
        told=told,
    )


def _method_expires(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    return _("%(label)s expires on %(expires_on)s") % told, text_of(
        _("Your %(label)s, which is kept for payments to %(seller)s, expires on %(expires_on)s."),
        _(
            "Most banks send the new details by themselves. Otherwise change the date, or add the"
            " new card, in the portal under Payment methods."
        ),
        _(_NEVER),
        _instead(facts),
        told=told,
    )


def _sign_in_code(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    return _("%(code)s is your code for %(seller)s") % told, text_of(
        _("Your code to sign in at %(seller)s: %(code)s"),
        _(
            "It is good for 10 minutes, once, in the browser that asked for it.\n"
            "If you did not ask for it, do nothing: nobody gets in without it."
        ),
        told=told,
    )


def _of_the_bank(facts: Mapping[str, Any], key: str) -> str:
    """Return what a bank's rules say: kept in English, in sentences that the catalogs know."""
    parts = facts.get(f"{key}_parts") or [[facts.get(key) or "", {}]]
    return " ".join(_(said) % named if named else _(said) for said, named in parts if said)


def _instead(facts: Mapping[str, Any]) -> str:
    """Say why somebody gets a mail about what another person added."""
    if not facts.get("instead_of"):
        return ""
    return quoted(
        _("%(who)s, who added it, does not pay for your company here any more; so you get this.")
        % {"who": facts["instead_of"]}
    )


def _agreed(facts: Mapping[str, Any]) -> list[str]:
    """The agreement, word for word: the text that was shown, in the language it was shown in."""
    day = str(facts["given_at"])[:16].replace("T", " ")
    begin = _("What was agreed to on %(day)s UTC (text %(version)s):")
    reference = _("Mandate reference: %(reference)s") if facts.get("reference") else ""
    return [
        quoted(begin % {"day": day, "version": facts["version"]}),
        quoted(facts["text"]),
        quoted(reference % facts) if reference else "",
    ]


def _pay_link(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller) | {"invoices": ", ".join(facts["invoices"])}
    return _("%(amount)s to pay to %(seller)s") % told, text_of(
        _("%(seller)s asks you to pay %(amount)s for %(invoices)s."),
        _("Look at it and pay here, without a sign-in, until %(until)s:"),
        facts["address"].replace("%", "%%"),
        _("Whoever has this link can pay, and sees nothing else."),
        _(_NEVER),
        told=told,
    )


def _invitation(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    roles = "\n".join(f"{account}: {_(role)}" for account, role in facts["roles"])
    told = told_of(facts, seller) | {"until": day_of(facts["until"])}
    by = _("%(who)s invites you to see and pay invoices of %(seller)s.")
    return _("Your invitation to the portal of %(seller)s") % told, text_of(
        by if facts["who"] else _("%(seller)s invites you to see and pay its invoices online."),
        roles.replace("%", "%%"),
        _("Open your invitation here. It is good once, until %(until)s:"),
        facts["address"].replace("%", "%%"),
        _("If you did not expect it, do nothing: nobody gets in without it."),
        _(_NEVER),
        told=told,
    )


_DISPUTE_ACTS: Final[Mapping[str, str]] = {
    "opened": noop("%(who)s disputes %(amount)s of invoice %(invoice)s: %(reason)s."),
    "said": noop("%(who)s wrote about invoice %(invoice)s, of which %(amount)s are disputed."),
    "asked": noop("%(who)s asks you about invoice %(invoice)s, of which you dispute %(amount)s."),
    "accepted": noop("%(agreed)s of what you dispute of invoice %(invoice)s are accepted."),
    "rejected": noop("What you dispute of invoice %(invoice)s, %(amount)s, is not accepted."),
    "withdrawn": noop("%(who)s took back what was disputed of invoice %(invoice)s, %(amount)s."),
    "closed": noop("The dispute of %(amount)s of invoice %(invoice)s is closed."),
    "erp_fell": noop("The books show that less is owed of invoice %(invoice)s than before."),
    "erp_closed": noop("The books show invoice %(invoice)s as closed."),
}
_REMEDIES: Final[Mapping[str, str]] = {
    "credit_note": noop("A credit note comes."),
    "new_invoice": noop("The invoice is cancelled and a new one comes."),
}


def _dispute(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller) | {"who": facts["who"] or seller}
    told |= {"agreed": amount_of(Money(facts["agreed_minor"], facts["currency"]))}
    act, reason, remedy = (facts[name] for name in ("act", "reason", "remedy"))
    told |= {"reason": reason and _(reason)}
    sentence = _(_DISPUTE_ACTS[act])
    if act == "accepted" and remedy in _REMEDIES:
        sentence = f"{sentence} {_(_REMEDIES[remedy])}"
    return _("Dispute %(number)s of invoice %(invoice)s") % told, text_of(
        sentence,
        quoted(facts["text"]),
        _("All of it, with files, stands in the portal, on the invoice's page."),
        _(_NEVER),
        told=told,
    )


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any], str], tuple[str, str]]]] = {
    "invitation": _invitation,
    "pay_link": _pay_link,
    "receipt": _receipt,
    "credits_used": _credits_used,
    "dispute_buyer": _dispute,
    "method_blocked": _method_blocked,
    "method_ended": _method_ended,
    "method_expires": _method_expires,
    "method_saved": _method_saved,
    "refunded": _refunded,
    "returned": _returned,
    "paid_again": _paid_again,
    "not_charged": _not_charged,
    "sign_in_code": _sign_in_code,
    "surplus": _surplus,
    **APPROVALS,
    **ARRIVALS,
    **PERSONAL,
    **STAFF,
}
