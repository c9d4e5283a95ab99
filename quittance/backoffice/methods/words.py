"""The AR team's words for kept methods: where one is, why, and how many debits came back."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from quittance.payments.return_codes import change_of, rule_of
from quittance.payments.return_rates import AccountRates, Rate
from quittance.wallet.models import KeptMethod
from quittance.wallet.words import ending_of

_COUNTS: Final = {
    "unauthorized": noop("Not authorized"),
    "administrative": noop("Wrong or closed accounts"),
    "any": noop("All returns"),
}
_NEAR: Final = 0.8  # of a ceiling: somebody should look before it is reached


def why_of(row: KeptMethod) -> str:
    """Return why a method ended or is blocked; "" for one that may be charged."""
    if row.stopped_at is not None:
        rule = rule_of(row.stop_code, row.stopped_at.date())
        return f"{row.stop_code or '-'}: {_(rule.title)}. {_(rule.team)}"
    return ending_of(row.ended_reason) if row.ended_reason else ""


def change_in_words(code: str, day: date) -> str:
    """Return what a bank's code about an account means, and what is left to do."""
    change = change_of(code, day)
    if change is None:
        return _("%(code)s: a code that we do not know. Look it up with your payment provider.") % {
            "code": code
        }
    goes_on = _("It goes on being charged.") if change.method == "kept" else _("It ends.")
    return f"{code}: {_(change.title)}. {goes_on} {_(change.team)}"


def rates_of(account: AccountRates) -> dict[str, Any]:
    """Return the rates of a gateway account as the page shows them."""
    above = [each for each in account.rates if each.is_above]
    sentence = _("Every rate is below its ceiling.")
    if above:
        sentence = _(
            "More came back than Nacha allows. Stop new debits of this kind, find out why, and"
            " write to your payment provider before it does."
        )
    elif any(_is_near(each) for each in account.rates):
        sentence = _("Near a ceiling. Find out why before it is reached.")
    return {
        "gateway": account.gateway,
        "sentence": sentence,
        "tone": "bad" if above else "",
        "version": account.version,
        "days": account.days,
        "rates": [_rate(each) for each in account.rates],
    }


def _is_near(rate: Rate) -> bool:
    return bool(rate.returned) and rate.share >= _NEAR * rate.ceiling


def _rate(rate: Rate) -> dict[str, Any]:
    of = ngettext(
        "%(back)s of %(n)s debit, %(share)s; the ceiling is %(ceiling)s",
        "%(back)s of %(n)s debits, %(share)s; the ceiling is %(ceiling)s", rate.debits,
    ) % {
        "back": rate.returned, "n": rate.debits, "share": f"{rate.share:.2f} %",
        "ceiling": f"{rate.ceiling:g} %",
    }  # fmt: skip
    word, icon, tone = _("Below"), "circle-check", "good"
    if rate.is_above:
        word, icon, tone = _("Above"), "alert-triangle", "bad"
    elif _is_near(rate):
        word, icon, tone = _("Near"), "clock", "warn"
    return {
        "counts": _(_COUNTS[rate.counts]),
        "of": of,
        "word": word,
        "icon": icon,
        "tone": tone,
    }
