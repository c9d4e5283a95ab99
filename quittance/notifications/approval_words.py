"""The words of mails about payments that another person of the customer approves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.notifications.said import amount_of, day_of, quoted, text_of, told_of


def _asked(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = _said(facts, seller)
    return _("%(who)s asks you to approve %(whole)s to %(seller)s") % told, text_of(
        _("%(who)s wants to pay %(whole)s to %(seller)s for %(account)s and needs your approval."),
        quoted(facts["note"]),
        _("Look at it and decide here, signed in, until %(until)s:"),
        quoted(facts["address"]),
        _("Nothing is charged before you approve it. To open the link decides nothing."),
        told=told,
    )


def _approved(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = _said(facts, seller)
    return _("%(who)s approved your payment of %(whole)s to %(seller)s") % told, text_of(
        _("%(who)s approved the payment of %(whole)s to %(seller)s for %(account)s."),
        _(
            "Nothing is charged yet. Sign in, open Approvals and pay it until %(until)s. If you"
            " change anything, it needs another approval."
        ),
        told=told,
    )


def _refused(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = _said(facts, seller)
    return _("%(who)s did not approve your payment of %(whole)s to %(seller)s") % told, text_of(
        _(
            "%(who)s did not approve the payment of %(whole)s to %(seller)s for %(account)s."
            " Nothing was charged."
        ),
        quoted(facts["reason"]),
        _("Your choice of invoices is kept: sign in, open Approvals, and change it or ask again."),
        told=told,
    )


def _said(facts: Mapping[str, Any], seller: str) -> dict[str, object]:
    """Where credits pay a part, or all, the amount says both together."""
    whole = Money(facts["amount_minor"] + facts["credit_minor"], facts["currency"])
    return told_of(facts, seller) | {
        "whole": amount_of(whole), "until": day_of(facts["until"]),
    }  # fmt: skip


APPROVALS: Final[Mapping[str, Callable[[Mapping[str, Any], str], tuple[str, str]]]] = {
    "approval_asked": _asked,
    "approval_approved": _approved,
    "approval_refused": _refused,
}
