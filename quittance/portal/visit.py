"""Finds whether a request is of one of the staff who looks as a customer, and cuts it off."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponse
from django.utils.translation import gettext as _

from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.ui.pages import page
from quittance.visits.models import Visit
from quittance.visits.visiting import find_visit

_LOOKED: Final = "_quittance_visit"


class NoSession(SessionBase):
    """Stands in the place of the back office's session: nothing is read of that one, nor kept."""

    modified = property(lambda _self: False, lambda _self, _value: None)

    def load(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def is_empty(self) -> bool:
        """Say no, for an empty one has the browser's own session thrown away."""
        return False


def visit_of(request: Any) -> Visit | None:
    """Return the visit that this browser's cookie of its own names, while it goes on."""
    if not hasattr(request, _LOOKED):
        token = request.COOKIES.get(settings.VISIT_COOKIE_NAME, "")
        found = None
        if token:
            with working_for(request.organization_id, actor="visit"), reading():
                found = find_visit(token)
        setattr(request, _LOOKED, found)
    visit: Visit | None = getattr(request, _LOOKED)
    return visit


def only_looking(request: Any) -> HttpResponse:
    """Say that nothing is done here while somebody only looks."""
    return page(
        request, "portal/visiting/only_looking.html", status=403, nav="",
        sentence=_("You look as this customer, and nothing more. Nothing was changed."),
        accounts=request.accounts, account=request.account,
    )  # fmt: skip
