"""What the profile's template names."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from babel import Locale
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.clock import today
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity import mail_change
from quittance.identity.browsers import browsers_of
from quittance.identity.factors.owned import factors_of
from quittance.identity.mail_change import NoAddress, SameAddress
from quittance.identity.passwords import OfOwnWords, TooLong, TooShort, WellKnown
from quittance.identity.profile import FORMATS, NoName, NoSuchZone, zones
from quittance.identity.sign_in import browser_of
from quittance.notifications.preferences import unwanted_of
from quittance.notifications.topics import ALWAYS, TOPICS
from quittance.portal.access import BuyerRequest
from quittance.portal.browser_names import browser_name
from quittance.ui.amounts import format_money
from quittance.ui.days import format_day
from quittance.ui.sentences import sentence_for
from quittance.visits.visiting import visits_to

# What a form did, by the word in the address that it leads to.
_DONE: Final = {
    "you": noop("Your profile is saved."),
    "mail": noop("We wrote to both addresses. Open the link in each mail."),
    "mail_stopped": noop("Your address stays as it is."),
    "mail_half": noop("One address has confirmed. Now open the link in the other mail."),
    "mail_changed": noop("Your address has changed. From now on you sign in with it."),
    "password": noop("Your password has changed. Every other browser is signed out."),
    "browsers": noop("Signed out there."),
    "mails": noop("Your choice of mails is saved."),
}
# Which field an error is about.
_FIELDS: Final[dict[type[RuleBroken], str]] = {
    NoName: "name", NoSuchZone: "zone", NoAddress: "email", SameAddress: "email",
    TooShort: "new", TooLong: "new", WellKnown: "new", OfOwnWords: "new",
}  # fmt: skip
_SAMPLE_MINOR: Final = 123_450


def profile_context(request: BuyerRequest, error: RuleBroken | None) -> dict[str, Any]:
    """Return what ``portal/profile/profile.html`` names, without the frame."""
    person, sent = request.person, request.POST
    own = "password-mail" if request.path == reverse("portal:change_mail") else "password"
    field = _FIELDS.get(type(error), own) if error else ""
    off = unwanted_of(person)
    return {
        "errors": [(field, sentence_for(error))] if error else [],
        "field": field,
        "done": _(_DONE[word]) if (word := request.GET.get("done", "")) in _DONE else "",
        "typed": {
            name: sent.get(name, str(getattr(person, name, "")) if name != "email" else "")[:254]
            for name in ("name", "language", "formats", "zone", "email")
        },
        "formats": _formats(request),
        "zones": zones(),
        "books_zone": request.zone,
        "waiting": mail_change.waiting(person),
        "has_password": bool(person.password),
        "asks_password": bool(person.password) and not factors_of(person).any,
        "browsers": _browsers(request),
        "visits": visits_to([each.id for each in request.accounts]),
        "topics": [
            {"key": key, "name": _(topic.name), "about": _(topic.about)}
            for key, topic in TOPICS.items()
        ],
        "mails": [
            {
                "account": each,
                "choices": [
                    (key, _(topic.name), (each.id, key) not in off) for key, topic in TOPICS.items()
                ],
            }
            for each in request.accounts
        ],
        "always": [_(each) for each in ALWAYS],
    }


def _formats(request: BuyerRequest) -> list[tuple[str, str]]:
    """Every choice with an amount and a day as it writes them."""
    day, currency = today(request.zone), request.account.pays_only or "USD"
    return [(each, f"{_named(each, request)}: {_sample(each, day, currency)}") for each in FORMATS]


def _named(locale: str, request: BuyerRequest) -> str:
    return str(Locale.parse(locale).get_display_name(request.reader.language) or locale)


def _sample(locale: str, day: date, currency: str) -> str:
    return f"{format_money(Money(_SAMPLE_MINOR, currency), locale)}, {format_day(day, locale)}"


def _browsers(request: BuyerRequest) -> list[dict[str, Any]]:
    here = browser_of(request.session)
    return [
        {
            "id": each.pk, "name": browser_name(each.browser) or _("Unknown browser"),
            "at": each.began_at, "until": each.until, "here": each.pk == here,
        }
        for each in browsers_of(request.person)
    ]  # fmt: skip
