"""Slows down who has the seller's accounting system asked, or files looked at, again and again.

The one is asked over the connection that payments are posted over, which takes so many calls only;
the others are drawn anew, which keeps a web thread for seconds. All processes share one count.
"""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from math import ceil
from typing import Final
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_noop as noop

from quittance.identity.throttle import wait_or_count
from quittance.portal.access import BuyerRequest, View
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id, working_for
from quittance.ui.errors import Words, after, error_page

MOST: Final = 20  # looks of one person, or by one pay link, in WINDOW_SECONDS
WINDOW_SECONDS: Final = 60
_TOO_FAST: Final = Words(
    noop("That was too fast"),
    noop("Each look is asked of the accounting system, which also books payments. All is well."),
    noop("Wait a minute before you try again."),
)
MOST_WITH_FILES: Final = 6  # times that one person sends files in WINDOW_SECONDS
_TOO_MANY_FILES: Final = Words(
    noop("That was too fast"),
    noop(
        "Each file is looked at, and each image drawn anew, which takes a while. Nothing was sent."
    ),
    noop("Wait a minute before you try again."),
)


def seconds_to_wait(act: str, who: UUID, *, most: int = MOST) -> int:
    """Count an act of a person or a link and return 0, or how long until there is room for it."""
    # Whoever acts sees no counts, and who only looks is counted, too.
    with working_for(current_organization_id(), actor="brake"), writing():
        wait = wait_or_count(
            f"brake-{act}", str(who), most=most, window=timedelta(seconds=WINDOW_SECONDS)
        )
    return ceil(max(0.0, wait.total_seconds()))


def asks_the_erp(view: View) -> View:
    """Let a person have the ERP asked ``MOST`` times a minute; then say how long to wait."""

    @wraps(view)
    def wrapped(request: BuyerRequest, **arguments: object) -> HttpResponseBase:
        wait = seconds_to_wait("erp", request.person.pk)
        if wait:
            return after(error_page(request, 429, words=_TOO_FAST), wait)
        return view(request, **arguments)

    return wrapped


def sends_files(view: View) -> View:
    """Let a person send files ``MOST_WITH_FILES`` times a minute; then say how long to wait."""

    @wraps(view)
    def wrapped(request: BuyerRequest, **arguments: object) -> HttpResponseBase:
        if request.method == "POST" and request.FILES:
            wait = seconds_to_wait("files", request.person.pk, most=MOST_WITH_FILES)
            if wait:
                return after(error_page(request, 429, words=_TOO_MANY_FILES), wait)
        return view(request, **arguments)

    return wrapped
