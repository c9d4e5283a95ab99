"""Turns mails off by the link in them: for people with a button, for mail programs with one click.

Source: RFC 8058. A mail program posts without cookies, so there is nothing that another site could
borrow: who knows the signed address may turn off this one thing.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from quittance.notifications.preferences import turn_off
from quittance.notifications.topics import TOPICS, read_off
from quittance.portal.access import PortalRequest, public
from quittance.tenancy.scope import working_for
from quittance.ui.pages import page


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def mails_off(request: PortalRequest, token: str) -> HttpResponse:
    """Ask before anything is turned off: mail programs open links by themselves. POST does it."""
    with working_for(request.organization_id, actor="mail link"):
        refusal = read_off(token)
        if refusal is None or refusal.topic not in TOPICS:
            raise Http404
        done = request.method == "POST"
        if done and not turn_off(refusal):
            raise Http404
    topic = TOPICS[refusal.topic]
    return page(
        request,
        "portal/profile/mails_off.html",
        done=done,
        topic=_(topic.name),
        about=_(topic.about),
    )
