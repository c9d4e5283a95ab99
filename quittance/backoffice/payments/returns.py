"""The AR team's words for what goes back of a payment: refunds, returns, disputes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.backoffice.payments.records import Whole
from quittance.core.money import Money
from quittance.payments.disputes import UNDECIDED
from quittance.payments.given_back import ends_a_return, is_given_back
from quittance.payments.models import Dispute, Reversal
from quittance.payments.returned import rule_for
from quittance.ui.statuses import STATUSES

K, R, D = Reversal.Kind, Reversal.Status, Dispute.Status
_TITLES: Final = {
    K.REFUND: noop("Refund"),
    K.RETURN: noop("Returned by the bank"),
    K.DISPUTE: noop("Taken for a dispute"),
    K.DISPUTE_WON: noop("Dispute won"),
}
_GIVEN_BACK: Final = noop("Given back by the bank")
_ORIGINS: Final = {
    Reversal.Origin.CLERK: noop("asked for here"),
    Reversal.Origin.SURPLUS: noop("by itself: it was paid too much"),
    Reversal.Origin.OUTSIDE: noop("found in the gateway’s books"),
}

_FAULTS: Final = {"payer": noop("for the payer to mend"), "seller": noop("for us to mend")}


def reversal_of(reversal: Reversal, among: Sequence[Reversal]) -> dict[str, Any]:
    """Return one line of "What went back"; ``among``: all of its payment."""
    status = STATUSES[status_word(reversal.kind, reversal.status)]
    amount = -reversal.amount if reversal.kind != K.DISPUTE_WON else reversal.amount
    is_undone = reversal.kind == K.RETURN and is_given_back(reversal, among)
    again = reversal.reopens and not is_undone
    owed = _("The invoices are owed again") if again else _("The invoices stay paid")
    facts = [reversal.number, _(_ORIGINS[Reversal.Origin(reversal.origin)])]
    if reversal.user:
        facts.append(_("by %(name)s") % {"name": reversal.user.name})
    if reversal.kind != K.DISPUTE_WON:
        facts.append(owed)
    return {
        "title": _(_GIVEN_BACK) if ends_a_return(reversal, among) else _(_TITLES[K(reversal.kind)]),
        "facts": " · ".join(facts),
        "why": reversal.note or _code(reversal),
        "problem": reversal.problem,
        "detail": reversal.detail,
        "at": reversal.succeeded_at or reversal.created_at,
        "amount": amount,
        "word": _(status.word),
        "icon": status.icon,
        "tone": status.tone,
        "pill": status.pill,
    }


def dispute_of(dispute: Dispute) -> dict[str, Any]:
    """Return one line of the disputes; its money stands in the reversals."""
    key = "disputed" if dispute.status == D.OPEN else dispute.status
    status = STATUSES[key]
    until: datetime | None = dispute.answer_until if dispute.status == D.OPEN else None
    return {
        "id": dispute.gateway_object,
        "reason": dispute.reason,
        "amount": Money(dispute.amount_minor, dispute.currency),
        "until": until,
        "word": _(status.word),
        "icon": status.icon,
        "tone": status.tone,
        "pill": status.pill,
    }


def status_word(kind: str, status: str) -> str:
    """Return which word of the vocabulary says where a reversal is."""
    if status == R.SUCCEEDED:
        return "came_again" if kind == K.DISPUTE_WON else "gone_back"
    return "not_gone" if status == R.FAILED else status


def fate_of(whole: Whole) -> str:
    """Return what became of the money in the end: a word of the vocabulary, or empty."""
    living = {
        each.kind
        for each in whole.reversals
        if each.status != R.FAILED and not is_given_back(each, whole.reversals)
    }
    if any(each.status in UNDECIDED for each in whole.disputes):
        return "disputed"
    if K.RETURN in living:
        return "returned"
    if any(each.status == D.LOST for each in whole.disputes):
        return "lost"
    if K.REFUND in living:
        return "part_refunded" if whole.refundable.minor else "refunded"
    return ""


def _code(reversal: Reversal) -> str:
    if not reversal.code:
        return ""
    if reversal.kind != K.RETURN:
        return reversal.code
    rule = rule_for(reversal)
    whose = _(_FAULTS[rule.fault]) if rule.fault in _FAULTS else ""
    return " · ".join(filter(None, (f"{reversal.code}: {rule.title}", whose)))
