"""The words of mails about people who ask to come in by what they know of an account's invoices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from quittance.notifications.said import quoted, text_of, told_of

_LET_IN: Final = "let_in"


def _code(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    return _("%(code)s is your code for %(seller)s") % told, text_of(
        _("Your code to ask for access at %(seller)s: %(code)s"),
        _(
            "It is good for 10 minutes, once, in the browser that asked for it.\n"
            "If you did not ask for it, do nothing: nobody gets in without it."
        ),
        told=told,
    )


def _asked(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    if facts["status"] == _LET_IN:
        return _("%(email)s now acts for %(account)s") % told, text_of(
            _("%(who)s (%(email)s) knew your invoices and now acts for %(account)s."),
            _("If that is nobody of yours, remove the person in the portal under Team."),
            told=told,
        )
    return _("%(email)s asks to act for %(account)s") % told, text_of(
        _("%(who)s (%(email)s) knew your invoices and asks to act for %(account)s."),
        _("Nobody is in yet. Say yes or no in the portal under Team."),
        told=told,
    )


def _answered(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    told = told_of(facts, seller)
    if facts["status"] == _LET_IN:
        return _("You now have access to %(account)s at %(seller)s") % told, text_of(
            _("Sign in with this email address; a code is mailed to you:"),
            quoted(facts["address"]),
            told=told,
        )
    said = _("You asked to act for %(account)s at %(seller)s. You were not let in:")
    over = _("You asked to act for %(account)s at %(seller)s. Nobody answered in time.")
    return _("Your request for access at %(seller)s") % told, text_of(
        said if facts["reason"] else over,
        quoted(facts["reason"]),
        _("Ask whoever pays for your company, or the seller, to invite you."),
        told=told,
    )


ARRIVALS: Final[Mapping[str, Callable[[Mapping[str, Any], str], tuple[str, str]]]] = {
    "join_answered": _answered,
    "join_asked": _asked,
    "join_code": _code,
}
