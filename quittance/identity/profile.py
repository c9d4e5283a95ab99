"""What a person says of themselves: name, language, and how numbers, days and moments look."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened

# Habits to choose from, beside those of the page's language; each is a locale of CLDR.
FORMATS: Final = (
    "en_US", "en_GB", "en_IN", "de_DE", "de_AT", "de_CH", "fr_FR", "fr_CH", "es_ES", "es_MX",
    "ar_AE", "ar_EG",
)  # fmt: skip
_LONGEST_NAME: Final = 150


class NoName(RuleBroken):
    """Enter your name: the seller and your colleagues see who paid."""


class NoSuchZone(RuleBroken):
    """There is no such time zone. Choose one of the list, like Europe/Berlin, or leave it empty."""


def change_profile(user: User, *, name: str, language: str, formats: str, zone: str) -> None:
    """Keep what the person says. ``language`` is one that the seller offers, or "".

    Raises ``NoName``, ``NoSuchZone``.
    """
    name = " ".join("".join(each for each in name if each.isprintable()).split())[:_LONGEST_NAME]
    if not name:
        raise NoName
    if zone and zone not in zones():
        raise NoSuchZone
    said = {
        "name": name, "language": language, "formats": formats if formats in FORMATS else "",
        "zone": zone,
    }  # fmt: skip
    with widened(), writing():
        User.objects.filter(pk=user.pk).update(**said)
        record_event("profile changed", subject_kind="user", subject_id=user.pk)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Return the time zones to choose from: those of places, by name."""
    places = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
    found = [each for each in available_timezones() if each.startswith((*places, "Pacific/"))]
    return ("UTC", *sorted(found))
